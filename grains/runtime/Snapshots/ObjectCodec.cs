using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Reclaim.Model.Workloads;

namespace Reclaim.Grains.Snapshots;

/// <summary>How objects of one type are written and read: first what must be known to make one, later what is in it.</summary>
internal abstract class ObjectCodec
{
    private static readonly ConcurrentDictionary<Type, ObjectCodec> _codecs = new();

    public static ObjectCodec Of(Type type) => _codecs.GetOrAdd(type, static type => Make(SnapshotTypes.Require(type)));

    public abstract void WriteHead(SnapshotWriter writer, object item);

    /// <summary>Makes the object.</summary>
    public abstract object ReadHead(SnapshotReader reader);

    public virtual void WriteBody(SnapshotWriter writer, object item)
    {
    }

    public virtual void ReadBody(SnapshotReader reader, object item)
    {
    }

    private static ObjectCodec Make(Type type) =>
        type == typeof(string) ? new TextCodec()
        : type == typeof(ZipfTable) ? new ZipfTableCodec()
        : type.IsSubclassOf(typeof(Delegate)) ? new DelegateCodec()
        : type.IsArray ? Generic(type.IsSZArray ? typeof(ArrayCodec<>) : typeof(GridCodec<>), type.GetElementType()!)
        : IsOf(type, typeof(Dictionary<,>)) ? Generic(typeof(DictionaryCodec<,>), type.GetGenericArguments())
        : IsOf(type, typeof(HashSet<>)) ? Generic(typeof(SetCodec<>), type.GetGenericArguments())
        : type.IsValueType ? Generic(typeof(BoxCodec<>), type)
        : SingletonCodec.DefaultOf(type) is { } comparer ? new SingletonCodec(comparer)
        : new FieldsCodec(type);

    private static bool IsOf(Type type, Type definition) => type.IsGenericType && type.GetGenericTypeDefinition() == definition;

    private static ObjectCodec Generic(Type codec, params Type[] of) => (ObjectCodec)Activator.CreateInstance(codec.MakeGenericType(of))!;
}

/// <summary>An object as its fields.</summary>
internal sealed class FieldsCodec(Type type) : ObjectCodec
{
    private readonly Action<SnapshotWriter, object> _write = FieldByField.Compile<Action<SnapshotWriter, object>>(type, typeof(SnapshotWriter), nameof(ValueCodec<>.Write));
    private readonly Action<SnapshotReader, object> _read = FieldByField.Compile<Action<SnapshotReader, object>>(type, typeof(SnapshotReader), nameof(ValueCodec<>.Read));

    public override void WriteHead(SnapshotWriter writer, object item)
    {
    }

    public override object ReadHead(SnapshotReader reader) => RuntimeHelpers.GetUninitializedObject(type);

    public override void WriteBody(SnapshotWriter writer, object item) => _write(writer, item);

    public override void ReadBody(SnapshotReader reader, object item) => _read(reader, item);
}

/// <summary>A struct that is held as an object.</summary>
internal sealed class BoxCodec<T> : ObjectCodec
    where T : struct
{
    public override void WriteHead(SnapshotWriter writer, object item)
    {
    }

    public override object ReadHead(SnapshotReader reader) => default(T);

    public override void WriteBody(SnapshotWriter writer, object item) => ValueCodec<T>.Write(writer, ref Unsafe.Unbox<T>(item));

    public override void ReadBody(SnapshotReader reader, object item) => ValueCodec<T>.Read(reader, ref Unsafe.Unbox<T>(item));
}

internal sealed class TextCodec : ObjectCodec
{
    public override void WriteHead(SnapshotWriter writer, object item) => writer.Text((string)item);

    public override object ReadHead(SnapshotReader reader) => reader.Text();
}

/// <summary>A table that depends on two numbers alone is made again, and shared again.</summary>
internal sealed class ZipfTableCodec : ObjectCodec
{
    public override void WriteHead(SnapshotWriter writer, object item)
    {
        var table = (ZipfTable)item;
        writer.Raw(table.Ranks);
        writer.Raw(table.Theta);
    }

    public override object ReadHead(SnapshotReader reader) => ZipfTable.Of(reader.Raw<int>(), reader.Raw<double>());
}

/// <summary>The comparer of the framework that stands for all of its kind.</summary>
internal sealed class SingletonCodec(object item) : ObjectCodec
{
    /// <summary>The default comparer, if a type is that of one.</summary>
    public static object? DefaultOf(Type type)
    {
        for (var comparer = type; comparer is not null; comparer = comparer.BaseType)
        {
            if (comparer.IsGenericType && comparer.GetGenericTypeDefinition() is var of && (of == typeof(Comparer<>) || of == typeof(EqualityComparer<>)))
            {
                var common = comparer.GetProperty(nameof(Comparer<>.Default), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
                return common.GetType() == type ? common : throw new SnapshotException($"a comparer of type {type} cannot be in a snapshot");
            }
        }

        return null;
    }

    public override void WriteHead(SnapshotWriter writer, object item)
    {
    }

    public override object ReadHead(SnapshotReader reader) => item;
}

/// <summary>A delegate as the method it calls, of a type that may be in a snapshot, and the object it calls it on.</summary>
internal sealed class DelegateCodec : ObjectCodec
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public override void WriteHead(SnapshotWriter writer, object item)
    {
        var call = (Delegate)item;
        if (!call.HasSingleTarget || call.Method.IsGenericMethod)
        {
            throw new SnapshotException($"a delegate of several methods, or of a generic one, cannot be in a snapshot: {call.Method.Name}");
        }

        writer.TypeOf(call.GetType());
        writer.TypeOf(call.Method.DeclaringType!);
        writer.Raw(call.Method.MetadataToken);
        writer.Reference(call.Target);
    }

    public override object ReadHead(SnapshotReader reader)
    {
        var (type, declaring, token) = (reader.TypeOf(), reader.TypeOf(), reader.Raw<int>());
        var method = Array.Find(declaring.GetMethods(Declared), candidate => candidate.MetadataToken == token)
            ?? throw new SnapshotException($"{declaring} has no method {token:x}");
        var target = reader.Reference();
        return method.IsStatic ? Delegate.CreateDelegate(type, method) : Delegate.CreateDelegate(type, target!, method);
    }
}
