using System.Reflection;

namespace Reclaim.Architecture.Tests;

/// <summary>Arrows point down only: client → silo → runtime → contracts and model; the client sees contracts and the silo's facade.</summary>
public class DependencyTests
{
    [Fact]
    public void The_model_references_nothing_but_the_base_library() =>
        Assert.All(References(Rooms.Model), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));

    [Fact]
    public void The_model_does_no_input_or_output_and_knows_no_clock_and_no_thread() =>
        AssertUsesNone(
            Rooms.Model,
            "System.IO.",
            "System.Console",
            "System.Net.",
            "System.Diagnostics.Stopwatch",
            "System.Threading.",
            "System.Environment",
            "System.DateTime");

    [Fact]
    public void Contracts_reference_no_room_and_of_Orleans_only_what_messages_need() =>
        Assert.All(References(Rooms.Contracts), name => Assert.True(
            name.StartsWith("System.", StringComparison.Ordinal)
            || name is "Orleans.Core.Abstractions" or "Orleans.Core" or "Orleans.Serialization" or "Orleans.Serialization.Abstractions",
            name));

    [Fact]
    public void The_runtime_references_contracts_model_Orleans_and_what_checkpoints_need() =>
        Assert.All(References(Rooms.Runtime), name => Assert.True(
            name is "Reclaim.Contracts" or "Reclaim.Model" or "Polly.Core" or "ZstdSharp"
            || name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Orleans.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal),
            name));

    [Fact]
    public void The_silo_references_no_client() => Assert.DoesNotContain("reclaim", References(Rooms.Silo));

    [Fact]
    public void The_client_uses_neither_model_nor_grains() => AssertUsesNone(Rooms.Client, "Reclaim.Model.", "Reclaim.Grains.", "Orleans.Grain");

    [Fact]
    public void Grains_know_nothing_of_the_silo_that_hosts_them() => AssertUsesNone(Rooms.Runtime, "Reclaim.Silo.", "Microsoft.Extensions.Hosting.");

    /// <summary>Guards the others: were uses not seen, all that forbids them would pass.</summary>
    [Fact]
    public void The_runtime_is_seen_to_use_the_model() => Assert.Contains(Rooms.Uses(Rooms.Runtime), use => use.Used == "Reclaim.Model.Steps.Container");

    private static IEnumerable<string> References(Assembly room) => room.GetReferencedAssemblies().Select(reference => reference.Name!);

    private static void AssertUsesNone(Assembly room, params string[] forbidden) =>
        Assert.DoesNotContain(Rooms.Uses(room), use => forbidden.Any(name => use.Used.StartsWith(name, StringComparison.Ordinal)));
}
