using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Reclaim.Grains.Snapshots;

/// <summary>
/// How the value of a variable of some type is written and read: bytes if it refers to nothing, a reference if it is one, else field
/// by field. Compiled once for each type.
/// </summary>
internal static class ValueCodec<T>
{
    private static readonly Access<SnapshotWriter> _write = Make<SnapshotWriter>(nameof(WriteBytes), nameof(WriteReference), nameof(WriteMemory), nameof(Write));
    private static readonly Access<SnapshotReader> _read = Make<SnapshotReader>(nameof(ReadBytes), nameof(ReadReference), nameof(ReadMemory), nameof(Read));

    internal delegate void Access<TSide>(TSide side, ref T value);

    /// <summary>Whether arrays of it can be copied as bytes.</summary>
    public static bool IsPlain => !RuntimeHelpers.IsReferenceOrContainsReferences<T>();

    public static void Write(SnapshotWriter writer, ref T value) => _write(writer, ref value);

    public static void Read(SnapshotReader reader, ref T value) => _read(reader, ref value);

    private static Access<TSide> Make<TSide>(string bytes, string reference, string memory, string field)
    {
        var own = IsPlain ? bytes : !typeof(T).IsValueType ? reference : typeof(T) == typeof(ReadOnlyMemory<byte>) ? memory : null;
        return own is not null
            ? typeof(ValueCodec<T>).GetMethod(own, BindingFlags.Static | BindingFlags.NonPublic)!.CreateDelegate<Access<TSide>>()
            : FieldByField.Compile<Access<TSide>>(SnapshotTypes.Require(typeof(T)), typeof(TSide), field);
    }

    private static void WriteBytes(SnapshotWriter writer, ref T value) =>
        writer.Bytes(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref value), Unsafe.SizeOf<T>()));

    private static void ReadBytes(SnapshotReader reader, ref T value) =>
        reader.Bytes(MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref value), Unsafe.SizeOf<T>()));

    private static void WriteReference(SnapshotWriter writer, ref T value) => writer.Reference(value);

    private static void ReadReference(SnapshotReader reader, ref T value)
    {
        var item = reader.Reference();
        value = item is null or T ? (T)item! : throw new SnapshotException($"{item.GetType()} stands where {typeof(T)} belongs");
    }

    /// <summary>Of what a piece of memory is cut from, only the piece is kept.</summary>
    private static void WriteMemory(SnapshotWriter writer, ref T value)
    {
        var memory = Unsafe.As<T, ReadOnlyMemory<byte>>(ref value);
        writer.Raw(memory.Length);
        writer.Bytes(memory.Span);
    }

    private static void ReadMemory(SnapshotReader reader, ref T value)
    {
        var bytes = new byte[reader.Length()];
        reader.Bytes(bytes);
        Unsafe.As<T, ReadOnlyMemory<byte>>(ref value) = bytes;
    }
}

/// <summary>Compiles code that goes through the fields of a type.</summary>
internal static class FieldByField
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <param name="type">The type.</param>
    /// <param name="side">Writer or reader.</param>
    /// <param name="method">The method of <see cref="ValueCodec{T}"/> that each field is given to.</param>
    /// <typeparam name="TDelegate">Of (side, object), or (side, ref value) for a struct.</typeparam>
    public static TDelegate Compile<TDelegate>(Type type, Type side, string method)
        where TDelegate : Delegate
    {
        var code = new DynamicMethod($"{method} {type.Name}", null, [side, type.IsValueType ? type.MakeByRefType() : typeof(object)], typeof(FieldByField).Module, skipVisibility: true);
        var il = code.GetILGenerator();
        for (var declaring = type; declaring is not null && declaring != typeof(object) && declaring != typeof(ValueType); declaring = declaring.BaseType)
        {
            foreach (var field in declaring.GetFields(Declared))
            {
                if (field.FieldType.IsPointer || field.FieldType.IsByRef)
                {
                    throw new SnapshotException($"{type}.{field.Name} is an address");
                }

                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Ldflda, field);
                il.Emit(OpCodes.Call, typeof(ValueCodec<>).MakeGenericType(field.FieldType).GetMethod(method, BindingFlags.Static | BindingFlags.Public)!);
            }
        }

        il.Emit(OpCodes.Ret);
        return code.CreateDelegate<TDelegate>();
    }
}
