namespace Reclaim.Model.Hierarchy;

/// <summary>
/// What the lists of one memcg contribute to the lruvec of the cgroup on whose behalf is reclaimed; the classic policy goes by it. Sizes there are sums over
/// all below it, and so are activations; evictions and activations count up one age for all (workingset_age_nonresident).
/// </summary>
/// <param name="Age">nonresident_age of that cgroup. Members run one at a time, and hand it on.</param>
/// <param name="InactiveFile">File pages on the inactive list as the statistics last had them.</param>
/// <param name="ActiveFile">On the active list, likewise.</param>
/// <param name="ActivatedFile">workingset_activate_file, likewise.</param>
/// <param name="SkippedDeactivate">Whether the last order would have shrunk the active list, but was not let.</param>
public readonly record struct ListState(uint Age, long InactiveFile, long ActiveFile, long ActivatedFile, bool SkippedDeactivate)
{
    /// <summary>Anonymous pages on the inactive list, likewise; 0 if there is nowhere to swap to.</summary>
    public long InactiveAnon { get; init; }

    /// <summary>On the active list.</summary>
    public long ActiveAnon { get; init; }

    /// <summary>workingset_activate_anon.</summary>
    public long ActivatedAnon { get; init; }

    /// <summary>What evicting anonymous pages has cost that cgroup; handed on like the age.</summary>
    public long AnonCost { get; init; }

    /// <summary>And file pages.</summary>
    public long FileCost { get; init; }

    /// <summary>Multi-gen only: when its oldest generation of files was made, nanoseconds.</summary>
    public long OldestFileBirthNs { get; init; }

    /// <summary>Multi-gen only: pages that could be evicted.</summary>
    public long Evictable { get; init; }

    /// <summary>Multi-gen only: whether a generation is wanted before.</summary>
    public bool WantsAging { get; init; }

    /// <summary>Whether there are tree nodes that hold nothing but shadows, which reclaim would look at.</summary>
    public bool HasShadowNodes { get; init; }

    /// <summary>New pages that are in a per-CPU batch yet, and on no list.</summary>
    public int Batched { get; init; }

    /// <summary>Classic only: pages that a refaulting file page competes with; not summed either.</summary>
    public long Workingset { get; init; }

    /// <summary>Sums of sizes and activations; age and costs are not summed, but handed on.</summary>
    public static ListState operator +(ListState one, ListState other) => one with
    {
        InactiveFile = one.InactiveFile + other.InactiveFile,
        ActiveFile = one.ActiveFile + other.ActiveFile,
        ActivatedFile = one.ActivatedFile + other.ActivatedFile,
        InactiveAnon = one.InactiveAnon + other.InactiveAnon,
        ActiveAnon = one.ActiveAnon + other.ActiveAnon,
        ActivatedAnon = one.ActivatedAnon + other.ActivatedAnon,
    };

    /// <summary>Sums of which one part is another now; age and costs stay.</summary>
    public ListState Changed(in ListState before, in ListState after) => this with
    {
        InactiveFile = InactiveFile - before.InactiveFile + after.InactiveFile,
        ActiveFile = ActiveFile - before.ActiveFile + after.ActiveFile,
        ActivatedFile = ActivatedFile - before.ActivatedFile + after.ActivatedFile,
        InactiveAnon = InactiveAnon - before.InactiveAnon + after.InactiveAnon,
        ActiveAnon = ActiveAnon - before.ActiveAnon + after.ActiveAnon,
        ActivatedAnon = ActivatedAnon - before.ActivatedAnon + after.ActivatedAnon,
    };

    /// <summary>Differences likewise.</summary>
    public static ListState operator -(ListState one, ListState other) => one with
    {
        InactiveFile = one.InactiveFile - other.InactiveFile,
        ActiveFile = one.ActiveFile - other.ActiveFile,
        ActivatedFile = one.ActivatedFile - other.ActivatedFile,
        InactiveAnon = one.InactiveAnon - other.InactiveAnon,
        ActiveAnon = one.ActiveAnon - other.ActiveAnon,
        ActivatedAnon = one.ActivatedAnon - other.ActivatedAnon,
    };
}
