using Reclaim.Model.Hierarchy;

namespace Reclaim.Model.Classic;

/// <summary>
/// Reclaim on behalf of a cgroup above: shadows hold the age of the cgroup that reclaims, a refault is compared with the pages of all below
/// it, and costs are its own. A memcg that is both below such a cgroup and at a limit of its own has only the one age and the one pair
/// of costs here.
/// Source: workingset_eviction with target_memcg, workingset_test_recent in mm/workingset.c; lru_note_cost in mm/swap.c;
/// prepare_scan_control with target_lruvec in mm/vmscan.c, v6.12.
/// </summary>
internal sealed partial class ClassicLruvec
{
    /// <summary>What the other memcgs have.</summary>
    private ListState _others;

    /// <inheritdoc/>
    public override void Share(ListState above)
    {
        _nonresidentAge = above.Age;
        (_cost[Anon], _cost[File]) = (above.AnonCost, above.FileCost);
        _others = above;
    }

    /// <inheritdoc/>
    public override ListState TakeLists()
    {
        var skipped = _skippedDeactivate;
        _skippedDeactivate = false;

        // Kernels that flush at each pass do so for all below the cgroup that reclaims.
        var current = _flush == StatisticsFlush.EveryPass;
        return new ListState(
            _nonresidentAge, Size(File, active: false), Size(File, active: true), current ? ActivatedHere(File) : _flushedActivations[File], skipped)
        {
            InactiveAnon = Size(Anon, active: false),
            ActiveAnon = Size(Anon, active: true),
            ActivatedAnon = current ? ActivatedHere(Anon) : _flushedActivations[Anon],
            Workingset = WorkingsetSize(File),
            AnonCost = _cost[Anon],
            FileCost = _cost[File],
        };

        long Size(int type, bool active) => current
            ? _lists[ListOf(type, active)].Count + (type == Anon && !active && HoldsProcess ? Memcg.ProcessAnon : 0)
            : _flushedSizes[ListOf(type, active)];
    }

    /// <summary>Pages on a list, here and in the other memcgs.</summary>
    private long Together(int type, bool active) => _flushedSizes[ListOf(type, active)] + (type == File
        ? active ? _others.ActiveFile : _others.InactiveFile
        : active ? _others.ActiveAnon : _others.InactiveAnon);
}
