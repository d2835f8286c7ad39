using System.Collections.Immutable;
using CsCheck;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Memcg;
using Reclaim.Model.Records;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Hierarchy;
using Reclaim.Model.Tests.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Records;

/// <summary>What is written down of reclaims is what happened, on any host.</summary>
public sealed class ReclaimRecordPropertyTests
{
    private const int Runs = 60;

    /// <summary>More than there are.</summary>
    private const int All = 1 << 20;

    private static readonly Gen<RandomHost> _hosts = Gen.OneOf(RandomHost.Any, RandomHost.AnyWithNodes, RandomHost.AnyWithTiers, RandomHost.AnyWithSharedFile, RandomHost.AnyWithDisk);

    [Fact]
    public void Scans_add_up_to_the_reclaim_matrix_and_to_the_counters() => After(All, at =>
    {
        var others = at.Domain.Records!.SelectMany(reclaim => reclaim.Scans.Select(scan => (reclaim.Record.Kind, Scan: scan))).ToList();
        foreach (var reason in Enum.GetValues<ReclaimReason>())
        {
            for (var asker = 0; asker < at.Containers.Length; asker++)
            {
                for (var victim = 0; victim < at.Containers.Length; victim++)
                {
                    foreach (var node in at.Domain.NodesOf(victim))
                    {
                        Assert.Equal(
                            at.Domain.Reclaimed(reason, asker, victim, node),
                            Sum(others.Where(entry => entry.Kind.ToString() == reason.ToString() && (entry.Scan.Asker, entry.Scan.Victim, entry.Scan.Node) == (asker, victim, node)).Select(entry => entry.Scan)));
                    }
                }
            }
        }

        for (var victim = 0; victim < at.Containers.Length; victim++)
        {
            var memcg = at.Containers[victim].Memcg!;
            var own = memcg.Records!.Reclaims.Kept().ToList();
            var kinds = at.Containers[victim].Kinds;
            Assert.Equal((kinds.HighScanned, kinds.HighReclaimed), Sum(own.Where(reclaim => reclaim.Record.Kind == ReclaimKind.High).SelectMany(reclaim => reclaim.Scans)));
            Assert.Equal((kinds.ProactiveScanned, kinds.ProactiveReclaimed), Sum(own.Where(reclaim => reclaim.Record.Kind == ReclaimKind.Proactive).SelectMany(reclaim => reclaim.Scans)));

            var all = own.SelectMany(reclaim => reclaim.Scans).Concat(others.Select(entry => entry.Scan).Where(scan => scan.Victim == victim)).ToList();
            Assert.All(own.SelectMany(reclaim => reclaim.Scans), scan => Assert.Equal((victim, victim), (scan.Asker, scan.Victim)));
            Assert.Equal((memcg.Stat.Pgscan, memcg.Stat.Pgsteal), Sum(all));
            Assert.Equal(memcg.Fates.Of(PageFate.Evicted, 1), all.Sum(scan => (long)scan.Seen.EvictedFile));
            Assert.Equal(memcg.Fates.Of(PageFate.Evicted, 0), all.Sum(scan => (long)scan.Seen.EvictedAnon));
            Assert.Equal(memcg.Stat.Pgsteal - memcg.Stat.Pgdemote, all.Sum(scan => (long)scan.Seen.EvictedFile + scan.Seen.EvictedAnon));
        }
    });

    [Fact]
    public void Totals_and_reclaims_are_the_sums_of_their_scans_and_are_as_many_as_there_were() => After(All, at =>
    {
        foreach (var (kept, totals, _) in Logs(at))
        {
            Assert.All(kept, reclaim => Assert.Equal((reclaim.Record.Scanned, reclaim.Record.Reclaimed, reclaim.Record.Scans), (Sum(reclaim.Scans).Scanned, Sum(reclaim.Scans).Reclaimed, reclaim.Scans.Count)));
            Assert.All(totals, total =>
            {
                var ofKind = kept.FindAll(reclaim => reclaim.Record.Kind == total.Kind);
                Assert.Equal(
                    (total.Count, total.Scanned, total.Reclaimed),
                    (ofKind.Count, ofKind.Sum(reclaim => reclaim.Record.Scanned), ofKind.Sum(reclaim => reclaim.Record.Reclaimed)));
            });
        }

        Assert.Equal(at.Domain.Nodes.Sum(node => node.Rounds), CountOf(at.Domain, ReclaimKind.Kswapd));
        Assert.Equal(at.Domain.Nodes.Sum(node => node.Stalls), CountOf(at.Domain, ReclaimKind.Direct));
    });

    [Fact]
    public void Scans_lie_within_their_reclaim_one_after_the_other() => After(All, at =>
    {
        foreach (var (kept, _, _) in Logs(at))
        {
            foreach (var (record, scans) in kept)
            {
                var now = record.StartNs;
                foreach (var scan in scans)
                {
                    Assert.InRange(scan.StartNs, now, record.EndNs);
                    Assert.InRange(scan.EndNs, scan.StartNs, record.EndNs);
                    now = scan.EndNs;
                }

                Assert.InRange(now, record.StartNs, record.EndNs);
            }
        }
    });

    [Fact]
    public void What_one_task_does_for_its_own_cgroup_it_does_not_do_twice_at_a_time() => After(All, at =>
    {
        foreach (var container in at.Containers.Where(container => !container.Plan.Turns))
        {
            var intervals = container.Memcg!.Records!.Reclaims.Kept().Where(reclaim => reclaim.Record.Task >= 0).Select(reclaim => (reclaim.Record.Task, reclaim.Record.StartNs, reclaim.Record.EndNs))
                .Concat(container.Memcg.Records.Stalls.Kept.ToArray().Select(stall => (stall.Task, stall.StartNs, stall.EndNs)));
            foreach (var task in intervals.GroupBy(interval => interval.Task))
            {
                var ordered = task.OrderBy(interval => interval.StartNs).ThenBy(interval => interval.EndNs).ToList();
                Assert.All(ordered.Zip(ordered.Skip(1)), pair => Assert.InRange(pair.Second.StartNs, pair.First.EndNs, long.MaxValue));
            }
        }
    });

    /// <summary>Scans apart: of a reclaim in which there are many only some are kept.</summary>
    [Fact]
    public void With_less_room_every_so_manyth_is_kept_of_the_same_and_all_are_counted() => Gen.Select(_hosts, Gen.Int[1, 12]).Sample(
        (host, most) =>
        {
            var (all, some) = (Finished(host with { MostRecords = All }), Finished(host with { MostRecords = most }));
            foreach (var (whole, part) in Logs(all).Zip(Logs(some)))
            {
                Assert.Equal(whole.Totals, part.Totals);
                Assert.Equal(whole.Kept.Where(reclaim => reclaim.Record.Number % part.Every == 0).Select(Bare), part.Kept.Select(Bare));
                Assert.InRange(part.Kept.Count, 0, most + all.Domain.Nodes.Count() + 1);
            }
        },
        iter: Runs);

    [Fact]
    public void A_refault_names_the_reclaim_that_evicted_the_page_before() => After(All, at =>
    {
        foreach (var container in at.Containers)
        {
            foreach (var refault in container.Memcg!.Records!.Refaults.Kept)
            {
                var evicted = (refault.ByDomain ? at.Domain.Records! : container.Memcg.Records.Reclaims.Kept()).Single(reclaim => reclaim.Record.Number == refault.Reclaim);
                Assert.Contains(evicted.Scans, scan => scan.Victim == container.Plan.Number && (refault.Anonymous ? scan.Seen.EvictedAnon : scan.Seen.EvictedFile) > 0);
            }

            Assert.InRange(container.Memcg.Records.Refaults.Kept.Length, 0, container.Refaults);
        }
    });

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(0)]
    public void Neither_the_run_nor_what_is_written_down_of_it_depends_on_the_other_or_on_steps(int records) => _hosts.Sample(
        host =>
        {
            var written = Finished(host with { MostRecords = 64 });
            var other = Finished(host with { MostRecords = records == 0 ? 0 : 64, Step = records == 0 ? host.Step : records });
            Assert.Equal(written.Containers.Select(Plans.Dump), other.Containers.Select(Plans.Dump));
            if (records != 0)
            {
                Assert.Equal(Logs(written).SelectMany(log => log.Kept.Select(Whole)), Logs(other).SelectMany(log => log.Kept.Select(Whole)));
                Assert.Equal(written.Containers.SelectMany(Noted), other.Containers.SelectMany(Noted));
            }
        },
        iter: Runs);

    /// <summary>Else these properties would say little.</summary>
    [Fact]
    public void Most_hosts_have_something_to_write_down()
    {
        var (reclaims, refaults, stalls) = (0, 0, 0);
        RandomHost.Any.Sample(
            host =>
            {
                var at = Finished(host with { MostRecords = All });
                _ = at.Domain.Records!.Any() ? Interlocked.Increment(ref reclaims) : 0;
                _ = at.Containers.Any(container => container.Memcg!.Records!.Refaults.Kept.Length > 0) ? Interlocked.Increment(ref refaults) : 0;
                _ = at.Containers.Any(container => container.Memcg!.Records!.Stalls.Kept.Length > 0) ? Interlocked.Increment(ref stalls) : 0;
            },
            iter: Runs);

        Assert.InRange(reclaims, Runs / 4, Runs);
        Assert.InRange(refaults, Runs / 6, Runs);
        Assert.InRange(stalls, Runs / 10, Runs);
    }

    private static IEnumerable<object> Noted(Container container) =>
        [.. container.Memcg!.Records!.Refaults.Kept.ToArray().Cast<object>(), .. container.Memcg.Records.Stalls.Kept.ToArray().Cast<object>(), .. container.Memcg.Records.Stalls.Totals.Cast<object>()];

    private static ReclaimRecord Bare((ReclaimRecord Record, IReadOnlyList<ScanRecord> Scans) reclaim) => reclaim.Record with { ScansEvery = 1 };

    private static string Whole((ReclaimRecord Record, IReadOnlyList<ScanRecord> Scans) reclaim) => $"{reclaim.Record} {string.Join(' ', reclaim.Scans)}";

    private static (long Scanned, long Reclaimed) Sum(IEnumerable<ScanRecord> scans)
    {
        var (scanned, reclaimed) = (0L, 0L);
        foreach (var scan in scans)
        {
            (scanned, reclaimed) = (scanned + scan.Scanned, reclaimed + scan.Reclaimed);
        }

        return (scanned, reclaimed);
    }

    private static long CountOf(SharedDomain domain, ReclaimKind kind) => domain.RecordTotals.Totals.Single(total => total.Kind == kind).Count;

    /// <summary>Of each container for itself, and of the domain.</summary>
    private static IEnumerable<Log> Logs(At at) =>
    [
        .. at.Containers.Select(container => container.Memcg!.Records!.Reclaims).Select(log => new Log([.. log.Kept()], log.Totals, log.Every)),
        new Log([.. at.Domain.Records!], at.Domain.RecordTotals.Totals, at.Domain.RecordTotals.Every),
    ];

    private static At Finished(RandomHost host)
    {
        var (steps, containers, domain) = host.Build();
        try
        {
            while (!steps.Coordinator.Done)
            {
                steps.Step(host.Step);
            }
        }
        catch (StalledException)
        {
            // Nothing to reclaim, and nobody to kill: what was written down until then is true all the same.
        }

        return new At(containers, domain);
    }

    private static void After(int most, Action<At> holds) => _hosts.Sample(host => holds(Finished(host with { MostRecords = most })), iter: Runs);

    private sealed record At(ImmutableArray<Container> Containers, SharedDomain Domain);

    private sealed record Log(List<(ReclaimRecord Record, IReadOnlyList<ScanRecord> Scans)> Kept, IReadOnlyList<ReclaimTotal> Totals, long Every);
}
