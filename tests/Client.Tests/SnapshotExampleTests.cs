using System.Text.Json;
using Reclaim.Contracts.Results;
using Reclaim.Grains;
using Reclaim.Silo;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Whatever a run holds, a snapshot holds: hosts that are made again of one after every step come to the same.</summary>
public sealed class SnapshotExampleTests
{
    /// <summary>Many lives for each host, but no minutes for the long ones.</summary>
    private static readonly RunOptions _manyLives = new() { AccessesPerStep = 5_003, StepsPerLife = 3 };

    public static TheoryData<string> Examples => ExampleScenarioTests.Examples;

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_that_lives_from_snapshot_to_snapshot_has_the_same_digest(string example)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "scenarios", "examples", example);

        Assert.Equal(await Digest(path, new RunOptions()), await Digest(path, _manyLives));
    }

    private static async Task<string> Digest(string path, RunOptions options)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var engine = new Engine((_, _, _) => Task.FromResult(RunHosts.Sequential(options)), Engine.Real.Names);
        var status = await Cli.InvokeAsync(["run", path, "--silos", "0", "--json"], new Terminal(output, error), engine, TestContext.Current.CancellationToken);
        Assert.True(status == 0, error.ToString());
        return JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!.Digest;
    }
}
