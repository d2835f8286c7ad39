using System.Numerics;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Nodes;

/// <summary>
/// Reclaim for a node that is short of pages: kswapd's, until the high watermark is reached, or a task's own, until it has 32.
/// Pass after pass over the cgroups, in the order of the memcg LRU or of the tree, at a priority that rises as long as a pass
/// looks at less than what is asked for.
/// Source: balance_pgdat, kswapd_shrink_node, shrink_node, lru_gen_shrink_node, set_initial_priority, should_abort_scan, do_try_to_free_pages in
/// mm/vmscan.c, v6.1, v6.8 and v6.12.
/// </summary>
internal sealed class NodeReclaim : CgroupReclaim
{
    /// <summary>MIN_LRU_BATCH.</summary>
    private const int MinLruBatch = 64;

    private readonly MemcgTree _tree;
    private readonly NumaNode _node;
    private readonly KernelRuleSet _rules;
    private readonly ReclaimReason _reason;
    private readonly bool _multiGen;
    private readonly bool _byMemcgLru;
    private readonly Func<int, ListState> _lists;
    private readonly Func<int, long> _evictable;
    private readonly long _wanted;
    private readonly SubtreeWalk _walk;

    /// <summary>What the watermarks were higher by when kswapd woke.</summary>
    private readonly long _boost;

    /// <summary>Pages that are still to be freed for that alone, as there is enough otherwise (nr_boost_reclaim).</summary>
    private long _boostLeft;
    private bool _inVain;
    private MemcgLruPass? _lruPass;
    private Phase _phase = Phase.Between;
    private int _priority = ScanControl.DefaultPriority;
    private long _passScanned;
    private long _passFreed;
    private bool _needsAging;
    private int _passBeganAt;
    private bool _looked;
    private (bool Anon, bool File) _mayDeactivate;
    private bool _fileIsTiny;

    /// <param name="tree">The cgroups, the root first.</param>
    /// <param name="node">The node.</param>
    /// <param name="rules">The kernel's rules.</param>
    /// <param name="multiGen">Whether MGLRU is on.</param>
    /// <param name="reason">Kswapd or direct.</param>
    /// <param name="lists">Sums over the lists of a subtree on the node.</param>
    /// <param name="evictable">Pages that a cgroup has to evict on the node, by index in the tree.</param>
    public NodeReclaim(
        MemcgTree tree, NumaNode node, KernelRuleSet rules, bool multiGen, ReclaimReason reason, Func<int, ListState> lists, Func<int, long> evictable)
    {
        (_tree, _node, _rules, _multiGen, _reason, _lists, _evictable) = (tree, node, rules, multiGen, reason, lists, evictable);
        _byMemcgLru = multiGen && rules.GlobalOrder == GlobalOrder.MemcgLru;
        _boost = _boostLeft = IsKswapd ? node.Boost?.Pages ?? 0 : 0;
        _wanted = IsKswapd ? Math.Max(node.Marks.High + _boost, ScanControl.SwapClusterMax) : ScanControl.SwapClusterMax;
        _walk = new SubtreeWalk(tree, 0, node.Id);
    }

    /// <summary>min_ttl_ms, if it is on.</summary>
    public MinTtl? MinTtl { get; init; }

    /// <summary>Virtual time that kswapd has reached.</summary>
    public long NowNs { get; set; }

    private enum Phase
    {
        Between,
        Aging,
        Shrinking,
        Over,
    }

    private bool IsKswapd => _reason == ReclaimReason.Kswapd;

    /// <inheritdoc/>
    public override Victim? Next()
    {
        while (true)
        {
            switch (_phase)
            {
                case Phase.Between when !Begin():
                    _phase = Phase.Over;
                    break;
                case Phase.Aging or Phase.Shrinking when IsThrashing():
                    return new Victim(0, _priority) { Reason = _reason, Numa = _node.Id, OutOfMemory = true };
                case Phase.Aging:
                    if (_walk.Next(partial: false, enough: false) is { } young)
                    {
                        return new Victim(young, _priority) { Reason = _reason, Numa = _node.Id, AgeOnly = true };
                    }

                    BeginPass();
                    break;
                case Phase.Shrinking:
                    if ((_byMemcgLru ? _lruPass!.Next(_evictable) : _walk.Next(partial: false, enough: false)) is { } node)
                    {
                        return new Victim(node, _priority)
                        {
                            Reason = _reason,
                            Numa = _node.Id,
                            Wanted = _wanted,
                            AbortAfter = Math.Max(1, AbortAfter()),
                            Protected = !_multiGen || _rules.ScalesProtected ? _walk.ProtectedOf(node) : null,
                            FileIsTiny = _fileIsTiny,
                            NoSwap = _boostLeft > 0,
                            MayDeactivateAnon = _mayDeactivate.Anon,
                            MayDeactivateFile = _mayDeactivate.File,
                        };
                    }

                    EndPass();
                    break;
                case Phase.Over:
                    return null;
            }
        }
    }

    /// <inheritdoc/>
    public override void Took(in ShrinkReport report)
    {
        if (_phase == Phase.Aging)
        {
            return;
        }

        Freed += report.Freed;
        _passFreed += report.Freed;
        _passScanned += report.Scanned;
        _needsAging &= report.Freed < MinLruBatch || report.Lists.WantsAging;
        var abort = AbortAfter() <= 0;
        if (_byMemcgLru)
        {
            _lruPass!.Took(report, abort);
        }
        else if (_multiGen && abort)
        {
            Freed += MinLruBatch;
            _passFreed += MinLruBatch;
        }
    }

    /// <summary>Begins a pass if one is needed.</summary>
    private bool Begin()
    {
        if (_boostLeft > 0 && !_node.IsBalanced)
        {
            (_boostLeft, _priority) = (0, ScanControl.DefaultPriority);
        }

        if (IsKswapd ? (_boostLeft == 0 && _node.IsBalanced) || _priority < 1 : Freed >= _wanted || _priority < 0)
        {
            End();
            return false;
        }

        (_passScanned, _passFreed) = (0, 0);
        (_looked, _passBeganAt) = (false, _priority);
        _walk.Begin();
        if (IsKswapd && _multiGen && !_byMemcgLru && _needsAging)
        {
            _phase = Phase.Aging;
            return true;
        }

        if (_boostLeft > 0 && _byMemcgLru)
        {
            // It takes nothing without leave to write and to unmap (lru_gen_shrink_node).
            EndPass();
            return Begin();
        }

        BeginPass();
        return true;
    }

    /// <summary>Whether all that kswapd could take was in use too short a time ago. It looks once before each pass, until v6.11 not at the default priority.</summary>
    private bool IsThrashing()
    {
        if (MinTtl is not { } minTtl || _looked || !IsKswapd || (_phase == Phase.Shrinking && !_byMemcgLru))
        {
            return false;
        }

        _looked = true;
        var atDefault = _passBeganAt == ScanControl.DefaultPriority;
        return _byMemcgLru
            ? (!atDefault || _rules.InitialPriority == InitialPriority.EstimatedToHalf) && !minTtl.AnyReclaimable(_priority, NowNs)
            : !minTtl.AnyReclaimable(_priority, NowNs, small: !atDefault);
    }

    private void BeginPass()
    {
        // Until a pass has shown that there is enough without, the next one ages before (memcgs_need_aging).
        _needsAging = true;
        _walk.Begin();
        if (_byMemcgLru)
        {
            Preset();
            _lruPass = new MemcgLruPass(_tree, _node.Lru, _rules.SmallMemcgsFirst, _priority, _node.Id);
        }
        else
        {
            var lists = _lists(0);
            _mayDeactivate = ListSums.MayDeactivate(lists, _tree.Nodes[0].On(_node.Id));
            _fileIsTiny = ListSums.FileIsTiny(lists, _node, _mayDeactivate.Anon, _priority);
        }

        _phase = Phase.Shrinking;
    }

    private void EndPass()
    {
        // For a boost alone kswapd does not try hard, and not in vain.
        var boosted = _boostLeft > 0;
        _boostLeft -= Math.Min(_boostLeft, _passFreed);
        if (_boostLeft > 0 && _passFreed == 0)
        {
            (_boostLeft, _priority, _inVain) = (0, 0, true);
        }
        else if (!IsKswapd || _passFreed == 0 || (_passScanned < _wanted && !(boosted && _priority <= ScanControl.DefaultPriority - 2)))
        {
            _priority--;
        }

        _phase = Phase.Between;
    }

    private void End()
    {
        ListSums.Snapshot(_lists(0), _tree.Nodes[0].On(_node.Id));
        if (IsKswapd)
        {
            _node.Boost?.Lower(_boost);
            _node.Failures = Freed > 0 || (_node.IsBalanced && !_inVain) ? 0 : _node.Failures + 1;
        }
        else if (Freed > 0)
        {
            _node.Failures = 0;
        }
    }

    /// <summary>Pages that a pass may still free before it may end; 0 or less: it may.</summary>
    private long AbortAfter()
    {
        if (!_multiGen)
        {
            return long.MaxValue;
        }

        var left = _wanted - _passFreed;
        if (!_byMemcgLru)
        {
            return _priority > ScanControl.DefaultPriority - 2 ? long.MaxValue
                : Math.Max(left, _node.Marks.High - _node.Free);
        }

        // kswapd has more than it wants when the high mark and one round more are free.
        return IsKswapd && _rules.KswapdStop == KswapdStop.HighMark ? Math.Min(left, _node.KswapdMark + (_node.Boost?.Pages ?? 0) + MinLruBatch + 1 - _node.Free) : left;
    }

    /// <summary>kswapd begins where a scan of all inactive pages comes to about what it asks for (set_initial_priority).</summary>
    private void Preset()
    {
        if (_priority != ScanControl.DefaultPriority || _wanted < MinLruBatch || _rules.InitialPriority == InitialPriority.Default)
        {
            return;
        }

        var lists = _lists(0);
        var reclaimable = lists.InactiveFile + lists.InactiveAnon;
        reclaimable /= _rules.InitialPriority == InitialPriority.EstimatedOfThird ? 3 : 1;
        var estimate = BitLength(reclaimable) - 1 - BitLength(_wanted - 1);
        _priority = Math.Clamp(estimate, _rules.InitialPriority == InitialPriority.EstimatedToHalf ? ScanControl.DefaultPriority / 2 : 0, ScanControl.DefaultPriority);
    }

    /// <summary>fls.</summary>
    private static int BitLength(long value) => 64 - BitOperations.LeadingZeroCount((ulong)value);
}
