using System.Collections.Immutable;
using System.Globalization;
using CsCheck;
using Reclaim.Model.Control;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>Limits of cgroups with others below them, written to whatever runs: on the way it is as if it had been planned.</summary>
public sealed class GroupControlPropertyTests
{
    private const int Runs = 24;

    /// <summary>
    /// Orders to reclaim after which a run is set aside: far above a memory.high that nothing can be reclaimed for, each page costs two seconds of
    /// sleep and a thousand orders, and a few thousand pages hours and millions. Half of all runs take fewer than two hundred.
    /// </summary>
    private const long MostOrders = 200_000;

    private static readonly ControlFile[] _files = [ControlFile.MemoryMax, ControlFile.MemoryMax, ControlFile.MemoryHigh, ControlFile.MemoryLow, ControlFile.MemoryMin, ControlFile.MemorySwapMax];

    public static TheoryData<string> Kinds => ["one node", "several nodes", "tiers", "a shared file", "a disk"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_written_on_the_way_has_the_effect_of_what_was_planned(string kind)
    {
        var (carried, reclaimed) = (0, 0);
        Any(kind).Sample(
            any =>
            {
                var (host, writes) = any;
                if (Steered(host, writes) is not var (shown, accesses, freed))
                {
                    return;
                }

                Assert.Equal(shown, Planned(host, accesses));
                Assert.Equal(shown, Planned(host with { Step = int.MaxValue }, accesses));
                _ = accesses.Count > 0 ? Interlocked.Increment(ref carried) : 0;
                _ = freed ? Interlocked.Increment(ref reclaimed) : 0;
            },
            iter: Runs);

        // Else these runs would show little.
        Assert.InRange(carried, Runs / 2, int.MaxValue);
        Assert.InRange(reclaimed, Runs / 20, int.MaxValue);
    }

    private static Gen<(RandomHost Host, Write[] Writes)> Any(string kind) =>
        from host in kind switch
        {
            "tiers" => RandomHost.AnyWithTiers,
            "several nodes" => RandomHost.AnyWithNodes,
            "a shared file" => RandomHost.AnyWithSharedFile,
            "a disk" => RandomHost.AnyWithDisk,
            _ => RandomHost.Any,
        }
        from writes in Write.Any.Array[1, 4]
        select (host.Groups.IsEmpty ? host with { Groups = [new RandomHost.Group(0, 0, 0, 0, 0, false)] } : host, writes);

    /// <summary>A run to which limits are written between two steps.</summary>
    /// <returns>What is to be seen at its end, what was written and when, and whether a limit was below what was charged; null: it takes too long.</returns>
    private static (IEnumerable<string> Shown, List<(int Node, ControlAccess Access)> Accesses, bool Freed)? Steered(RandomHost host, IReadOnlyCollection<Write> writes)
    {
        var (steps, containers, domain) = host.Build();
        var accesses = new List<(int Node, ControlAccess Access)>();
        var freed = false;
        try
        {
            for (var step = 0; !steps.Coordinator.Done; step++)
            {
                foreach (var write in writes.Where(write => write.Step == step))
                {
                    var node = 1 + host.UsedGroup(write.Group);
                    var limits = domain.Tree.Nodes[node].Limits;
                    var file = _files[write.File];

                    // So that not too many are set aside.
                    var pages = file switch
                    {
                        ControlFile.MemorySwapMax => Math.Min(write.Pages, limits.SwapMax),
                        ControlFile.MemoryHigh => Math.Max(write.Pages, domain.Tree.Nodes[node].Usage * 9 / 10),
                        _ => write.Pages,
                    };
                    var value = (pages << 12).ToString(CultureInfo.InvariantCulture);
                    accesses.Add((node, new ControlAccess(domain.Schedule(node, file, value, $"{accesses.Count}"), file, value) { Id = $"{accesses.Count}" }));
                    freed |= file is ControlFile.MemoryMax or ControlFile.MemoryHigh && domain.Tree.Nodes[node].Usage > pages;
                }

                steps.Step(host.Step);
                Consistent(containers, domain);
                if (domain.Orders > MostOrders)
                {
                    return null;
                }
            }
        }
        catch (StalledException stalled)
        {
            return ([stalled.Message], accesses, freed);
        }

        return (Shown(containers, domain), accesses, freed);
    }

    private static IEnumerable<string> Planned(RandomHost host, List<(int Node, ControlAccess Access)> accesses)
    {
        var (steps, containers, domain) = host.Build();
        accesses.ForEach(access => domain.Plan(access.Node, access.Access));
        try
        {
            while (!steps.Coordinator.Done)
            {
                steps.Step(host.Step);
            }
        }
        catch (StalledException stalled)
        {
            return [stalled.Message];
        }

        return Shown(containers, domain);
    }

    /// <summary>What is charged to a cgroup is what those below it have; the CPU's stocks and the frames of nodes add up too.</summary>
    private static void Consistent(ImmutableArray<Container> containers, SharedDomain domain)
    {
        var nodes = domain.Tree.Nodes;
        for (var i = 0; i < nodes.Count; i++)
        {
            Assert.True(nodes[i].Member >= 0 || nodes[i].Usage == nodes.Where(node => node.Parent == i).Sum(node => node.Usage), nodes[i].Path);
        }

        Assert.Equal(containers.Sum(container => container.PagesCharged), nodes[0].Usage + domain.PendingStock);
        Assert.Equal(containers.Sum(container => container.PagesAllocated), domain.Nodes.Sum(node => node.Taken));

        // Unless there was nothing left to reclaim, and nobody to kill.
        var within = nodes.Where(node => node.Member < 0 && node.EventsOom == 0 && node.Outcomes.Any(outcome => outcome.File == ControlFile.MemoryMax));
        Assert.All(within, node => Assert.InRange(node.Usage, 0, node.Limits.Max + RandomHost.MostChargedAtOnce));
    }

    private static IEnumerable<string> Shown(ImmutableArray<Container> containers, SharedDomain domain) =>
        [.. containers.Select(Plans.Dump), .. domain.Tree.Nodes.Select(node => $"{node.Path} {node.Limits} {node.Usage} {node.EventsMax} {node.EventsHigh} {node.EventsOom} {string.Join(' ', node.Outcomes)}")];

    /// <summary>A limit of a cgroup is written before a step.</summary>
    private sealed record Write(int Step, int Group, int File, long Pages)
    {
        public static Gen<Write> Any { get; } = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 5], Gen.Int[0, _files.Length - 1], Gen.Long[32, 400], (step, group, file, pages) => new Write(step, group, file, pages));
    }
}
