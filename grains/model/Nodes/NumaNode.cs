namespace Reclaim.Model.Nodes;

/// <summary>
/// A NUMA node that its cgroups may fill: free pages, watermarks, and the order in which it reclaims.
/// Invariant: <see cref="Free"/> + <see cref="Used"/> + <see cref="Taken"/> = <see cref="Size"/>.
/// </summary>
public sealed class NumaNode
{
    /// <summary>MAX_RECLAIM_RETRIES: so often kswapd may free nothing before it gives up.</summary>
    private const int MaxFailures = 16;

    /// <param name="size">Pages of the node.</param>
    /// <param name="used">Pages that the kernel and processes outside all cgroups hold for good.</param>
    /// <param name="marks">Its watermarks.</param>
    /// <param name="seed">Of the lots that the memcg LRU draws.</param>
    /// <exception cref="ArgumentException">More is used than there is above the high watermark.</exception>
    public NumaNode(long size, long used, Watermarks marks, ulong seed)
    {
        if (size - used <= marks.High)
        {
            throw new ArgumentException($"{used} of {size} pages are used, which leaves less than the high watermark of {marks.High}");
        }

        (Size, Used, Marks) = (size, used, marks);
        Lru = new MemcgLru(seed);
    }

    /// <summary>Its number.</summary>
    public int Id { get; init; }

    /// <summary>Pages of the node.</summary>
    public long Size { get; }

    /// <summary>Pages that the kernel and processes outside all cgroups hold for good.</summary>
    public long Used { get; }

    /// <summary>Pages that cgroups have in use.</summary>
    public long Taken { get; private set; }

    /// <summary>Free pages.</summary>
    public long Free => Size - Used - Taken;

    /// <summary>Its watermarks.</summary>
    public Watermarks Marks { get; }

    /// <summary>What they are higher by for want of movable pages; null: the policy takes no notice of that.</summary>
    public WatermarkBoost? Boost { get; init; }

    /// <summary>The order of its lruvecs.</summary>
    public MemcgLru Lru { get; }

    /// <summary>Rounds of kswapd (pageoutrun).</summary>
    public long Rounds { get; internal set; }

    /// <summary>How often a task had to reclaim itself (allocstall).</summary>
    public long Stalls { get; internal set; }

    /// <summary>CPU time that kswapd has taken, nanoseconds.</summary>
    public long KswapdNs { get; internal set; }

    /// <summary>Rounds in a row in which kswapd freed nothing (kswapd_failures).</summary>
    internal int Failures { get; set; }

    /// <summary>Whether kswapd has given up.</summary>
    internal bool IsHopeless => Failures >= MaxFailures;

    /// <summary>Whether pages are promoted on this host: kswapd makes more room then, on each node.</summary>
    public bool Promotes { get; init; }

    /// <summary>Free pages above which kswapd may sleep.</summary>
    internal long KswapdMark => Promotes ? Marks.Promo : Marks.High;

    /// <summary>Whether kswapd may sleep (pgdat_balanced).</summary>
    internal bool IsBalanced => Free > KswapdMark + (Boost?.Pages ?? 0);

    /// <summary>Free pages above the mark at which kswapd wakes, or, once it is awake, at which a task reclaims itself.</summary>
    internal long Spare(bool awake) => Free - (awake ? Marks.Min : Math.Max(Marks.Low, Boost?.Mark ?? 0));

    /// <summary>Cgroups have taken pages; negative: given back.</summary>
    public void Take(long pages) => Taken += pages;

    /// <summary>Reclaim for others has freed pages.</summary>
    internal void Reclaimed(long pages)
    {
        Boost?.Freed(pages, Taken);
        Taken -= pages;
    }
}
