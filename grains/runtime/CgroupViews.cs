using Reclaim.Contracts.Results;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Pressure;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Limits and lists of cgroups, as somebody sees them who looks at a run.</summary>
internal static class CgroupViews
{
    private const long PageBytes = 4096;

    /// <summary>memory.max in pages from which on it means none.</summary>
    private const long Unlimited = 1L << 40;

    /// <summary>Of a container.</summary>
    public static CgroupView Of(Container container, ContainerFigures figures, string path)
    {
        var (limits, made) = (figures.Limits, figures.Made);
        return new CgroupView
        {
            Path = path,
            NowNs = container.NowNs,
            Done = container.Done,
            MemoryMax = Bytes(limits.Max),
            MemoryHigh = Bytes(limits.High),
            MemoryLow = Bytes(limits.Low),
            MemoryMin = Bytes(limits.Min),
            Swappiness = figures.Swappiness,
            Accesses = made.Accesses,
            Misses = made.Misses,
            DeviceReads = made.DeviceReads,
            DeviceWrites = made.DeviceWrites,
            Current = figures.MemoryCurrent,
            Swap = figures.MemorySwapCurrent,
            Refaults = container.Refaults,
            MemoryStallUs = figures.Pressure(PressureResource.Memory).Some.Total,
            Lruvecs = [.. figures.Lruvecs.Select(Lruvec)],
        };
    }

    /// <summary>How much of a cgroup is needed for a view.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="wanted">That of the cgroup which is asked for; null: none is.</param>
    /// <param name="brief">Whether nothing but lists of the others.</param>
    public static ViewDepth DepthOf(string path, string? wanted, bool brief) =>
        path == wanted ? ViewDepth.Everything
        : !brief || (wanted is not null && path.StartsWith(wanted + "/", StringComparison.Ordinal)) ? ViewDepth.Counters
        : ViewDepth.Lists;

    /// <summary>Of those that have others below them.</summary>
    /// <param name="coordinator">The host's.</param>
    /// <param name="memcgs">Its containers.</param>
    public static IEnumerable<CgroupView> Parents(Coordinator coordinator, IReadOnlyList<MemcgView> memcgs)
    {
        foreach (var domain in coordinator.Domains)
        {
            for (var node = 0; node < domain.Tree.Nodes.Count; node++)
            {
                if (domain.Tree.Nodes[node] is { Member: < 0, Path: not "/" })
                {
                    yield return Parent(domain, node, coordinator.NowNs, memcgs);
                }
            }
        }
    }

    private static CgroupView Parent(SharedDomain domain, int root, long nowNs, IReadOnlyList<MemcgView> memcgs)
    {
        var below = domain.Tree.Subtree(root).Select(node => domain.Tree.Nodes[node].Member).Where(member => member >= 0).Select(member => memcgs[member].Cgroup).ToList();
        return Limits(domain.Tree.Nodes[root]) with
        {
            NowNs = nowNs,
            Done = domain.Done,
            Accesses = below.Sum(cgroup => cgroup.Accesses),
            Misses = below.Sum(cgroup => cgroup.Misses),
            DeviceReads = below.Sum(cgroup => cgroup.DeviceReads),
            DeviceWrites = below.Sum(cgroup => cgroup.DeviceWrites),
            Current = below.Sum(cgroup => cgroup.Current),
            Swap = below.Exists(cgroup => cgroup.Swap is not null) ? below.Sum(cgroup => cgroup.Swap ?? 0) : null,
            Refaults = below.Sum(cgroup => cgroup.Refaults),
            MemoryStallUs = domain.Pressure(root).Memory.Some.Total,
        };
    }

    private static CgroupView Limits(MemcgNode node) => new()
    {
        Path = node.Path,
        IsParent = true,
        MemoryMax = Bytes(node.Limits.Max),
        MemoryHigh = Bytes(node.Limits.High),
        MemoryLow = Bytes(node.Limits.Low),
        MemoryMin = Bytes(node.Limits.Min),
    };

    private static long? Bytes(long pages) => pages >= Unlimited ? null : pages * PageBytes;

    private static LruvecView Lruvec(LruvecFigures lruvec) => new(
        lruvec.Node,
        lruvec.MultiGen,
        [.. lruvec.Generations.Select(generation => new GenerationView(generation.Seq, generation.BirthNs, generation.File, generation.Anon))],
        lruvec.Tiers is [var file, _] ? Tiers(file) : null,
        lruvec.Tiers is [_, var anon] ? Tiers(anon) : null);

    private static TiersView Tiers(TierFigures tiers) =>
        new(tiers.Threshold, [.. tiers.Positions.Select(tier => tier.Refaulted)], [.. tiers.Positions.Select(tier => tier.Total)]);
}
