namespace Reclaim.Model.Hierarchy;

/// <summary>
/// What is on the lists of a memcg, or of all below a cgroup together: sizes and activations are sums there, age and costs its own. The classic policy goes by
/// it, at each level that reclaim may be for.
/// </summary>
/// <param name="Age">nonresident_age. That of a cgroup with others below it is handed on from member to member, as they run one at a time.</param>
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

    /// <summary>Of a cgroup with others below it: what evicting anonymous pages has cost; handed on like the age.</summary>
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
}
