using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Reclaim.Grains.Snapshots;

/// <summary>Reads what <see cref="SnapshotWriter"/> wrote.</summary>
internal sealed class SnapshotReader(Stream stream)
{
    /// <summary>Bytes of a name, or of an array, at most.</summary>
    private const int MaxText = 1 << 20;

    private readonly List<object?> _known = [null];
    private readonly List<Type?> _types = [null];
    private readonly Queue<(object Item, ObjectCodec Codec)> _pending = new();

    /// <summary>Reads an object and all that can be reached from it.</summary>
    /// <exception cref="SnapshotException">It is not one that was written.</exception>
    public object Graph()
    {
        var root = Reference() ?? throw new SnapshotException("there is nothing in it");
        while (_pending.TryDequeue(out var next))
        {
            next.Codec.ReadBody(this, next.Item);
        }

        return root;
    }

    /// <summary>Reads which object it is. The first time it is made; it gets its content later.</summary>
    public object? Reference()
    {
        var number = Raw<int>();
        if (number < 0 || number > _known.Count)
        {
            throw new SnapshotException($"object {number} of {_known.Count} is referred to");
        }

        if (number < _known.Count)
        {
            return _known[number];
        }

        _known.Add(null);
        var codec = ObjectCodec.Of(TypeOf());
        var item = codec.ReadHead(this);
        _known[number] = item;
        _pending.Enqueue((item, codec));
        return item;
    }

    public Type TypeOf()
    {
        var number = Raw<int>();
        if (number <= 0 || number > _types.Count)
        {
            throw new SnapshotException($"type {number} of {_types.Count} is referred to");
        }

        if (number == _types.Count)
        {
            _types.Add(SnapshotTypes.Find(Text()));
        }

        return _types[number]!;
    }

    public string Text()
    {
        var length = Length(MaxText);
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads a number of things.</summary>
    public int Length(int atMost = int.MaxValue)
    {
        var length = Raw<int>();
        return length >= 0 && length <= atMost ? length : throw new SnapshotException($"a length of {length}");
    }

    public T Raw<T>()
        where T : struct
    {
        var value = default(T);
        Bytes(MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref value), Unsafe.SizeOf<T>()));
        return value;
    }

    public void Bytes(Span<byte> bytes) => stream.ReadExactly(bytes);
}
