using Reclaim.Model.Lruvecs;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>Reclaim that goes from cgroup to cgroup, one order at a time.</summary>
public abstract class CgroupReclaim
{
    /// <summary>Pages freed so far.</summary>
    public long Freed { get; protected set; }

    /// <summary>Finds who is to be reclaimed from next.</summary>
    /// <returns>Who, or null if this reclaim is over.</returns>
    public abstract Victim? Next();

    /// <summary>An order was carried out.</summary>
    public abstract void Took(in ShrinkReport report);
}

/// <summary>Who is reclaimed from, and how.</summary>
/// <param name="Node">Index of the cgroup in its tree.</param>
/// <param name="Priority">12 down to 0.</param>
public readonly record struct Victim(int Node, int Priority)
{
    /// <summary>The NUMA node.</summary>
    public int Numa { get; init; }

    /// <summary>Index of the cgroup that it is for.</summary>
    public int Root { get; init; }

    /// <summary>On whose behalf.</summary>
    public ReclaimReason Reason { get; init; }

    /// <inheritdoc cref="ShrinkOrder.Wanted"/>
    public long Wanted { get; init; } = ScanControl.SwapClusterMax;

    /// <inheritdoc cref="ShrinkOrder.AbortAfter"/>
    public long AbortAfter { get; init; } = long.MaxValue;

    /// <summary>Nobody: reclaim would take what is in use, and the OOM killer is to make room.</summary>
    public bool OutOfMemory { get; init; }

    /// <inheritdoc cref="ShrinkOrder.Protected"/>
    public (long Pages, long Usage)? Protected { get; init; }

    /// <inheritdoc cref="ShrinkOrder.FileIsTiny"/>
    public bool FileIsTiny { get; init; }

    /// <inheritdoc cref="ShrinkOrder.NoSwap"/>
    public bool NoSwap { get; init; }

    /// <inheritdoc cref="ShrinkOrder.AgeOnly"/>
    public bool AgeOnly { get; init; }

    /// <inheritdoc cref="ShrinkOrder.MayDeactivateAnon"/>
    public bool MayDeactivateAnon { get; init; }

    /// <inheritdoc cref="ShrinkOrder.MayDeactivate"/>
    public bool MayDeactivateFile { get; init; }
}
