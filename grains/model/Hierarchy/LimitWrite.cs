using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// Reclaim for whoever writes memory.max or memory.high of a cgroup with others below it: as much as is above, again and again. After sixteen
/// times for nothing memory.high stays exceeded; for memory.max processes are killed, and if there is none to kill usage stays above.
/// Source: memory_max_write, memory_high_write in mm/memcontrol.c, v6.8.
/// </summary>
/// <param name="tree">The cgroups.</param>
/// <param name="root">Whose limit was written.</param>
/// <param name="isMax">Whether it is memory.max.</param>
/// <param name="walk">How far a pass goes.</param>
/// <param name="lists">Sums over the lists of a subtree on a node.</param>
/// <param name="zonelist">The nodes in the order in which they are gone through.</param>
internal sealed class LimitWrite(MemcgTree tree, int root, bool isMax, LimitWalk walk, Func<int, int, ListState> lists, IReadOnlyList<int> zonelist) : CgroupReclaim
{
    private LimitReclaim? _pass;
    private int _retries = ScanControl.MaxReclaimRetries;

    /// <inheritdoc cref="LimitReclaim.ScalesProtected"/>
    public bool ScalesProtected { get; init; }

    /// <summary>Whose limit was written.</summary>
    public int Root => root;

    /// <summary>Whether nothing helps but the OOM killer.</summary>
    public bool WantsOom { get; private set; }

    private long Over => tree.Nodes[root].Usage - (isMax ? tree.Nodes[root].Limits.Max : tree.Nodes[root].Limits.High);

    /// <inheritdoc/>
    public override Victim? Next()
    {
        while (true)
        {
            if (_pass?.Next() is { } victim)
            {
                return isMax ? victim : victim with { Reason = ReclaimReason.High };
            }

            if (_pass is { } over)
            {
                Freed += over.Freed;
                _pass = null;
                if (over.Freed == 0 && (isMax ? --_retries : _retries--) == 0)
                {
                    WantsOom = isMax && Over > 0;
                    return null;
                }
            }

            if (Over <= 0)
            {
                return null;
            }

            _pass = new LimitReclaim(tree, root, Over, walk, lists, zonelist) { ScalesProtected = ScalesProtected };
        }
    }

    /// <inheritdoc/>
    public override void Took(in ShrinkReport report) => _pass!.Took(report);

    /// <summary>The OOM killer was there.</summary>
    /// <param name="any">Whether there was anybody to kill.</param>
    public void Killed(bool any)
    {
        WantsOom = false;
        if (any)
        {
            _retries = ScanControl.MaxReclaimRetries;
        }
        else
        {
            GaveUp = true;
        }
    }

    /// <summary>Whether there is nobody to kill: usage stays above.</summary>
    public bool GaveUp { get; private set; }
}
