using System.Text.Json;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Silo;

namespace Reclaim.Grains.Tests;

/// <summary>What is written down of reclaims is the same however the run is carried out, and changes nothing of it.</summary>
public class RecordTests
{
    public static TheoryData<string, RunSpec> Specs => new()
    {
        { "limits of their own", Scenarios.Patterns(hosts: 2, memcgs: 2, accesses: 60_000) },
        { "a shared limit", Scenarios.SharedLimit(hosts: 1, "mglru", TurnSchedule.VirtualTime) },
        { "a shared limit, in turns", Scenarios.SharedLimit(hosts: 1, "classic", TurnSchedule.Turns) },
        { "a short node", Scenarios.ShortNode(hosts: 1, "mglru", "v6.8", TurnSchedule.VirtualTime) },
        { "pages on several nodes", Scenarios.SpreadPages(hosts: 1, "mglru") },
        { "a shared file", Scenarios.SharedFile(hosts: 1, "classic", TurnSchedule.VirtualTime, shortNode: true) },
    };

    [Theory]
    [MemberData(nameof(Specs))]
    public async Task Records_are_the_same_on_silos_and_over_lives_and_leave_the_digest_as_it_is(string which, RunSpec spec)
    {
        var traced = spec with { CaptureReclaims = 100 };
        var expected = await Reference.Sequential(traced);
        Assert.Equal((await Reference.Sequential(spec)).Digest, expected.Digest);
        Assert.True(Scans(expected) > 0, which);

        var lives = await Reference.Sequential(traced, options: new RunOptions { AccessesPerStep = 997, StepsPerLife = 3 });
        Assert.Equal(Records(expected), Records(lives));
        foreach (var spreads in (bool[])[false, true])
        {
            await using var host = await RunHosts.EmbeddedAsync(2, new RunOptions { SpreadHosts = spreads }, TestContext.Current.CancellationToken);
            Assert.Equal(Records(expected), Records(await Reference.Finish(host, traced)));
        }
    }

    private static long Scans(RunResults results) => Logs(results).Sum(log => log.Reclaims.Sum(reclaim => (long)reclaim.Scans.Length));

    private static IEnumerable<ReclaimLogResult> Logs(RunResults results) => results.Hosts.SelectMany(host =>
        (host.Reclaims.IsDefault ? [] : host.Reclaims).Concat(host.Cgroups.Values.Select(cgroup => cgroup.Records?.Own).OfType<ReclaimLogResult>()));

    private static string Records(RunResults results) => JsonSerializer.Serialize(results with { WallSeconds = 0 }, ResultDigest.Json);
}
