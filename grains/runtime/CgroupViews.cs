using Reclaim.Contracts.Results;
using Reclaim.Model.Hierarchy;
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
            Lruvecs = [.. figures.Lruvecs.Select(Lruvec)],
        };
    }

    /// <summary>Of those that have others below them.</summary>
    public static IEnumerable<CgroupView> Parents(Coordinator coordinator) =>
        coordinator.Domains.SelectMany(domain => domain.Tree.Nodes).Where(node => node is { Member: < 0, Path: not "/" }).Select(node => Parent(node, coordinator.NowNs));

    private static CgroupView Parent(MemcgNode node, long nowNs) => new()
    {
        Path = node.Path,
        IsParent = true,
        NowNs = nowNs,
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
