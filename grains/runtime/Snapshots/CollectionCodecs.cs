using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Reclaim.Grains.Snapshots;

/// <summary>An array with one index.</summary>
internal sealed class ArrayCodec<T> : ObjectCodec
{
    public override void WriteHead(SnapshotWriter writer, object item) => writer.Raw(((T[])item).Length);

    public override object ReadHead(SnapshotReader reader) => new T[reader.Length()];

    public override void WriteBody(SnapshotWriter writer, object item)
    {
        var array = (T[])item;
        if (ValueCodec<T>.IsPlain)
        {
            writer.Bytes(ArrayBytes.Of(array, Unsafe.SizeOf<T>()));
            return;
        }

        foreach (ref var element in array.AsSpan())
        {
            ValueCodec<T>.Write(writer, ref element);
        }
    }

    public override void ReadBody(SnapshotReader reader, object item)
    {
        var array = (T[])item;
        if (ValueCodec<T>.IsPlain)
        {
            reader.Bytes(ArrayBytes.Of(array, Unsafe.SizeOf<T>()));
            return;
        }

        foreach (ref var element in array.AsSpan())
        {
            ValueCodec<T>.Read(reader, ref element);
        }
    }
}

/// <summary>An array with several indices, of plain values.</summary>
internal sealed class GridCodec<T> : ObjectCodec
{
    public override void WriteHead(SnapshotWriter writer, object item)
    {
        var array = (Array)item;
        if (!ValueCodec<T>.IsPlain)
        {
            throw new SnapshotException($"an array of type {array.GetType()} cannot be in a snapshot");
        }

        writer.Raw(array.Rank);
        for (var i = 0; i < array.Rank; i++)
        {
            writer.Raw(array.GetLength(i));
        }
    }

    public override object ReadHead(SnapshotReader reader)
    {
        var lengths = new int[reader.Length(8)];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = reader.Length();
        }

        return Array.CreateInstance(typeof(T), lengths);
    }

    public override void WriteBody(SnapshotWriter writer, object item) => writer.Bytes(ArrayBytes.Of((Array)item, Unsafe.SizeOf<T>()));

    public override void ReadBody(SnapshotReader reader, object item) => reader.Bytes(ArrayBytes.Of((Array)item, Unsafe.SizeOf<T>()));
}

/// <summary>The memory of an array of plain values.</summary>
internal static class ArrayBytes
{
    public static Span<byte> Of(Array array, int elementSize)
    {
        var bytes = (long)array.LongLength * elementSize;
        return bytes <= int.MaxValue
            ? MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(array), (int)bytes)
            : throw new SnapshotException($"an array of {bytes} bytes is too large for a snapshot");
    }
}

/// <summary>A dictionary as its entries, in their order: where hashes lead differs from process to process.</summary>
internal sealed class DictionaryCodec<TKey, TValue> : ObjectCodec
    where TKey : notnull
{
    public override void WriteHead(SnapshotWriter writer, object item)
    {
        var dictionary = (Dictionary<TKey, TValue>)item;
        KeyCodec<TKey>.Require(dictionary.Comparer);
        writer.Raw(dictionary.Count);
    }

    public override object ReadHead(SnapshotReader reader) => new Dictionary<TKey, TValue>(reader.Length(), KeyCodec<TKey>.Comparer);

    public override void WriteBody(SnapshotWriter writer, object item)
    {
        var dictionary = (Dictionary<TKey, TValue>)item;
        writer.Raw(dictionary.Count);
        foreach (var entry in dictionary)
        {
            var (key, value) = entry;
            KeyCodec<TKey>.Write(writer, key);
            ValueCodec<TValue>.Write(writer, ref value);
        }
    }

    public override void ReadBody(SnapshotReader reader, object item)
    {
        var dictionary = (Dictionary<TKey, TValue>)item;
        for (var left = reader.Length(); left > 0; left--)
        {
            var (key, value) = (KeyCodec<TKey>.Read(reader), default(TValue)!);
            ValueCodec<TValue>.Read(reader, ref value);
            dictionary.Add(key, value);
        }
    }
}

/// <summary>A set, likewise.</summary>
internal sealed class SetCodec<T> : ObjectCodec
    where T : notnull
{
    public override void WriteHead(SnapshotWriter writer, object item) => KeyCodec<T>.Require(((HashSet<T>)item).Comparer);

    public override object ReadHead(SnapshotReader reader) => new HashSet<T>(KeyCodec<T>.Comparer);

    public override void WriteBody(SnapshotWriter writer, object item)
    {
        var set = (HashSet<T>)item;
        writer.Raw(set.Count);
        foreach (var element in set)
        {
            KeyCodec<T>.Write(writer, element);
        }
    }

    public override void ReadBody(SnapshotReader reader, object item)
    {
        for (var left = reader.Length(); left > 0; left--)
        {
            ((HashSet<T>)item).Add(KeyCodec<T>.Read(reader));
        }
    }
}

/// <summary>Keys must be whole before they are hashed: plain values and text are.</summary>
internal static class KeyCodec<T>
    where T : notnull
{
    public static IEqualityComparer<T> Comparer => typeof(T) == typeof(string) ? (IEqualityComparer<T>)StringComparer.Ordinal : EqualityComparer<T>.Default;

    public static void Require(IEqualityComparer<T> comparer)
    {
        if (typeof(T) == typeof(string) ? comparer != (object)StringComparer.Ordinal && comparer != (object)EqualityComparer<string>.Default : !ValueCodec<T>.IsPlain || comparer != (object)EqualityComparer<T>.Default)
        {
            throw new SnapshotException($"keys of type {typeof(T)}, compared by {comparer.GetType()}, cannot be in a snapshot");
        }
    }

    public static void Write(SnapshotWriter writer, T key)
    {
        if (key is string text)
        {
            writer.Text(text);
            return;
        }

        ValueCodec<T>.Write(writer, ref key);
    }

    public static T Read(SnapshotReader reader)
    {
        if (typeof(T) == typeof(string))
        {
            return (T)(object)reader.Text();
        }

        var key = default(T)!;
        ValueCodec<T>.Read(reader, ref key);
        return key;
    }
}
