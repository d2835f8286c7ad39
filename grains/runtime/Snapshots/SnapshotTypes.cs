using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using Reclaim.Contracts;
using Reclaim.Model.Steps;

namespace Reclaim.Grains.Snapshots;

/// <summary>
/// The types that a snapshot may hold: the project's own, and plain values and collections of the framework. Nothing else is ever
/// written, and nothing else is made when one is read, whatever it says.
/// </summary>
internal static class SnapshotTypes
{
    private static readonly Assembly[] _own = [typeof(Container).Assembly, typeof(SnapshotTypes).Assembly, typeof(GrainKeys).Assembly];

    private static readonly HashSet<Type> _collections =
    [
        typeof(List<>), typeof(Queue<>), typeof(Stack<>), typeof(LinkedList<>), typeof(LinkedListNode<>), typeof(PriorityQueue<,>),
        typeof(Dictionary<,>), typeof(HashSet<>), typeof(ImmutableArray<>), typeof(ReadOnlyMemory<>), typeof(Nullable<>), typeof(KeyValuePair<,>),
        typeof(BitArray), typeof(IReadOnlyList<>), typeof(IReadOnlyCollection<>),
    ];

    private static readonly ConcurrentDictionary<Type, bool> _allowed = new();

    /// <summary>What a snapshot was taken with: builds of the same source agree in it, any other differs.</summary>
    public static string Version { get; } = string.Join(' ', _own.Select(assembly => assembly.ManifestModule.ModuleVersionId.ToString("N")).Append(Environment.Version.ToString()));

    /// <summary>Whether an object of a type may be in a snapshot.</summary>
    public static bool IsAllowed(Type type) => _allowed.GetOrAdd(type, static type =>
        type.IsArray ? IsAllowed(type.GetElementType()!)
        : type.IsGenericType ? IsAllowedDefinition(type) && type.GetGenericArguments().All(IsAllowed)
        : type.IsPrimitive || type == typeof(string) || type == typeof(object) || type == typeof(decimal) || type == typeof(BitArray) || type == typeof(Action) || _own.Contains(type.Assembly));

    /// <summary>Its name, from which <see cref="Find"/> finds it again.</summary>
    /// <exception cref="SnapshotException">It may not be in a snapshot.</exception>
    public static string NameOf(Type type) => Require(type).AssemblyQualifiedName!;

    /// <summary>The type of a name.</summary>
    /// <exception cref="SnapshotException">There is none, or it may not be in a snapshot.</exception>
    public static Type Find(string name)
    {
        var type = Type.GetType(name, Assembly, null, throwOnError: false);
        return type is null ? throw new SnapshotException($"no type '{name}'") : Require(type);
    }

    /// <summary>Checks that a type may be in a snapshot.</summary>
    public static Type Require(Type type) => IsAllowed(type) ? type : throw new SnapshotException($"objects of type {type} cannot be in a snapshot");

    private static bool IsAllowedDefinition(Type type)
    {
        var definition = type.GetGenericTypeDefinition();
        return _collections.Contains(definition) || _own.Contains(definition.Assembly) || IsTuple(definition) || IsDelegate(definition) || IsComparer(definition);
    }

    private static bool IsTuple(Type definition) => definition.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal);

    private static bool IsDelegate(Type definition) =>
        definition.IsSubclassOf(typeof(Delegate)) && (definition.Namespace, definition.Assembly) == ("System", typeof(object).Assembly);

    /// <summary>Interfaces of comparers, and the ones of the framework that stand for all of their kind.</summary>
    private static bool IsComparer(Type definition) => definition.Namespace == "System.Collections.Generic" && definition.Name.Contains("Comparer", StringComparison.Ordinal);

    /// <summary>Only assemblies that are loaded for their own sake are looked in.</summary>
    private static Assembly? Assembly(AssemblyName name) =>
        _own.FirstOrDefault(assembly => assembly.GetName().Name == name.Name)
        ?? (name.Name is "System.Private.CoreLib" ? typeof(object).Assembly
            : name.Name is "System.Collections" ? typeof(PriorityQueue<,>).Assembly
            : name.Name is "System.Collections.Immutable" ? typeof(ImmutableArray<>).Assembly
            : null);
}
