using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Reclaim.Grains.Snapshots;

/// <summary>Writes a graph of objects: each once, what it refers to by number. Objects follow in the order in which they are first met.</summary>
internal sealed class SnapshotWriter(Stream stream)
{
    private readonly Dictionary<object, int> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Type, int> _types = [];
    private readonly Queue<(object Item, ObjectCodec Codec)> _pending = new();

    /// <summary>Writes an object and all that can be reached from it.</summary>
    /// <exception cref="SnapshotException">Something in it cannot be in a snapshot.</exception>
    public void Graph(object root)
    {
        Reference(root);
        while (_pending.TryDequeue(out var next))
        {
            next.Codec.WriteBody(this, next.Item);
        }
    }

    /// <summary>Writes which object it is; its head too, the first time.</summary>
    public void Reference(object? item)
    {
        if (item is null)
        {
            Raw(0);
            return;
        }

        if (_known.TryGetValue(item, out var number))
        {
            Raw(number);
            return;
        }

        number = _known.Count + 1;
        _known.Add(item, number);
        Raw(number);
        TypeOf(item.GetType());
        var codec = ObjectCodec.Of(item.GetType());
        codec.WriteHead(this, item);
        _pending.Enqueue((item, codec));
    }

    /// <summary>Writes a type: by name the first time, then by number.</summary>
    public void TypeOf(Type type)
    {
        if (_types.TryGetValue(type, out var number))
        {
            Raw(number);
            return;
        }

        number = _types.Count + 1;
        _types.Add(type, number);
        Raw(number);
        Text(SnapshotTypes.NameOf(type));
    }

    public void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Raw(bytes.Length);
        stream.Write(bytes);
    }

    /// <summary>Writes a value that refers to nothing, as it is in memory.</summary>
    public void Raw<T>(in T value)
        where T : struct => stream.Write(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in value)), Unsafe.SizeOf<T>()));

    /// <summary>Writes bytes, without their number.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => stream.Write(bytes);
}
