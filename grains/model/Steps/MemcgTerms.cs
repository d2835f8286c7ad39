using Reclaim.Model.Numa;

namespace Reclaim.Model.Steps;

/// <summary>What a coordinator must know of a memcg before the first step.</summary>
/// <param name="Path">Path below the cgroup root.</param>
/// <param name="PagesHeld">Pages its processes hold already; its first step charges them to the node.</param>
/// <param name="PagesLimit">Most pages it can ever hold: memory.max, and its swap compressed.</param>
/// <param name="EndNs">Virtual time at which its last workload ends by itself, or null: with its accesses.</param>
/// <param name="TotalAccesses">Accesses in all, or null if it ends by time.</param>
public readonly record struct MemcgTerms(string Path, long PagesHeld, long PagesLimit, long? EndNs, long? TotalAccesses)
{
    /// <summary>Pages of the node that its processes have already: those held, without its stock.</summary>
    public long PagesAllocated { get; init; }

    /// <summary>The NUMA node that it takes them from, or the first.</summary>
    public int Node { get; init; }

    /// <summary>Where its pages may be, if that is on several nodes.</summary>
    public NumaPlan? Numa { get; init; }
}
