using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace Reclaim.Architecture.Tests;

/// <summary>The rooms, from the ground up, and what they are built of.</summary>
internal static class Rooms
{
    public static Assembly Model { get; } = Assembly.Load("Reclaim.Model");

    public static Assembly Contracts { get; } = Assembly.Load("Reclaim.Contracts");

    public static Assembly Runtime { get; } = Assembly.Load("Reclaim.Grains");

    public static Assembly Silo { get; } = Assembly.Load("Reclaim.Silo");

    public static Assembly Client { get; } = Assembly.Load("reclaim");

    /// <summary>All types of the rooms, with the types they use.</summary>
    public static ArchUnitNET.Domain.Architecture All { get; } =
        new ArchLoader().LoadAssemblies(Model, Contracts, Runtime, Silo, Client).Build();

    /// <summary>The types a room uses, each with one of its own that uses it.</summary>
    public static IReadOnlyList<(string User, string Used)> Uses(Assembly room)
    {
        var types = All.Types.Where(type => type.Assembly.Name == room.GetName().Name).ToArray();
        Assert.NotEmpty(types);
        return [.. types.SelectMany(type => type.Dependencies.Select(dependency => (type.FullName, dependency.Target.FullName))).Distinct()];
    }
}
