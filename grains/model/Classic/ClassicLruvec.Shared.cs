using Reclaim.Model.Hierarchy;

namespace Reclaim.Model.Classic;

/// <summary>
/// The cgroups above that reclaim may be for: each has an age and costs of its own, and goes by the lists of all below it.
///
/// <code>
///   level   0 root      age, costs, Σ lists      eviction for level t: the shadow holds t and its age; ages 0 … t go on
///           1 group     age, costs, Σ lists      activation, rotation, refault here: all ages go on
///           2 itself    age, costs, lists        a refault is judged at the level that its shadow names
/// </code>
///
/// Source: workingset_eviction with target_memcg, workingset_age_nonresident, workingset_test_recent in mm/workingset.c; lru_note_cost in mm/swap.c;
/// prepare_scan_control with target_lruvec in mm/vmscan.c, v6.12.
/// </summary>
internal sealed partial class ClassicLruvec
{
    /// <summary>From the root on; the last one is this lruvec itself.</summary>
    private Level[] _levels = new Level[1];

    /// <summary>The level that is reclaimed for.</summary>
    private int _target;

    private int Own => _levels.Length - 1;

    /// <inheritdoc/>
    public override void Share(IReadOnlyList<ListState> above, int first, int count)
    {
        if (count != Own)
        {
            var own = _levels[Own];
            _levels = new Level[count + 1];
            _levels[Own] = own;
        }

        for (var level = 0; level < count; level++)
        {
            var state = above[first + level];
            _levels[level] = new Level { Ahead = state.Age - _nonresidentAge, AnonCost = state.AnonCost, FileCost = state.FileCost, Others = state };
        }
    }

    /// <inheritdoc/>
    public override ListState TakeLists()
    {
        // Kernels that flush at each pass do so for all below the cgroup that reclaims.
        var current = _flush == StatisticsFlush.EveryPass;
        return new ListState(
            _nonresidentAge, Size(File, active: false), Size(File, active: true), current ? ActivatedHere(File) : _flushedActivations[File], _skippedDeactivate)
        {
            InactiveAnon = Size(Anon, active: false),
            ActiveAnon = Size(Anon, active: true),
            ActivatedAnon = current ? ActivatedHere(Anon) : _flushedActivations[Anon],
            Workingset = WorkingsetSize(File, Own),
        };

        long Size(int type, bool active) => current
            ? _lists[ListOf(type, active)].Count + (type == Anon && !active && HoldsProcess ? Memcg.ProcessAnon : 0)
            : _flushedSizes[ListOf(type, active)];
    }

    /// <inheritdoc/>
    public override ListState[]? TakeAbove()
    {
        if (Own == 0)
        {
            return null;
        }

        var above = new ListState[Own];
        for (var level = 0; level < above.Length; level++)
        {
            ref readonly var there = ref _levels[level];
            above[level] = new ListState { Age = AgeOf(level), AnonCost = there.AnonCost, FileCost = there.FileCost };
        }

        return above;
    }

    /// <summary>nonresident_age of a level.</summary>
    private uint AgeOf(int level) => _nonresidentAge + _levels[level].Ahead;

    /// <summary>A page is evicted for the cgroup that is reclaimed for: that and those above it age.</summary>
    private void AgeNonresident()
    {
        if (_target == Own)
        {
            _nonresidentAge++;
            return;
        }

        for (var level = 0; level <= _target; level++)
        {
            _levels[level].Ahead++;
        }
    }

    /// <summary>Pages on a list as the statistics last had them, here and in the others below a level.</summary>
    private long Together(int type, bool active, int level)
    {
        ref readonly var others = ref _levels[level].Others;
        return _flushedSizes[ListOf(type, active)] + (type == File
            ? active ? others.ActiveFile : others.InactiveFile
            : active ? others.ActiveAnon : others.InactiveAnon);
    }

    /// <summary>What is known of a cgroup that reclaim may be for.</summary>
    private struct Level
    {
        /// <summary>By how much its age is ahead of the own one, modulo 2³².</summary>
        public uint Ahead;

        /// <summary>What evicting anonymous pages has cost it.</summary>
        public long AnonCost;

        /// <summary>And file pages.</summary>
        public long FileCost;

        /// <summary>What the other memcgs below it have on their lists.</summary>
        public ListState Others;
    }
}
