using Reclaim.Model.Classic;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// Reclaim on behalf of a limit that several cgroups share, one order at a time: priorities 12, 11, …; in each a walk of the subtree.
///
/// <code>
///   priority ──► next cgroup of the walk ──below min?──► passed over
///      ▲                │                ──below low?──► passed over, unless a first round freed nothing
///      │                ▼
///      │         order: shrink at this priority ──► freed
///      └── walk over: not enough freed ◄────────────────┘──► enough: done
/// </code>
///
/// Until v6.8 each pass walks all of the subtree; from v6.12 on a pass goes on where the last one stopped and ends when enough is
/// freed, and only if that came to nothing all of it is walked. Where there are several nodes, a pass walks the subtree on each, in the order
/// of the zonelist of the CPU that the task runs on, and is over after the last. A task that finds its node short of pages reclaims in the same way from
/// all cgroups, where there is no memcg LRU.
/// Source: do_try_to_free_pages in mm/vmscan.c, v6.8 and v6.12.
/// </summary>
public sealed class LimitReclaim : CgroupReclaim
{
    private readonly MemcgTree _tree;
    private readonly IReadOnlyList<int> _zonelist;

    /// <summary>By place in the zonelist.</summary>
    private readonly SubtreeWalk[] _walks;
    private readonly long _wanted;
    private readonly bool _partialWalks;
    private readonly IReadOnlyList<NumaNode> _nodes;

    /// <summary>Sums over the lists of a subtree on a node.</summary>
    private readonly Func<int, int, ListState> _lists;
    private int _priority = ScanControl.DefaultPriority;
    private bool _fullWalk;
    private bool _walking;
    private int _at;
    private bool _skippedDeactivate;
    private bool _forceDeactivate;
    private (bool Anon, bool File) _mayDeactivate;
    private bool _fileIsTiny;

    /// <param name="tree">The cgroups.</param>
    /// <param name="root">Whose limit it is; the root of all for that of the node.</param>
    /// <param name="pages">Pages wanted.</param>
    /// <param name="walk">How far a pass goes.</param>
    /// <param name="lists">Sums over the lists of a subtree on a node.</param>
    /// <param name="zonelist">The nodes in the order in which they are gone through.</param>
    /// <param name="nodes">Those nodes, if that they are short of pages is the reason.</param>
    internal LimitReclaim(MemcgTree tree, int root, long pages, LimitWalk walk, Func<int, int, ListState> lists, IReadOnlyList<int> zonelist, IReadOnlyList<NumaNode>? nodes = null)
    {
        _lists = lists;
        (_tree, Root, _zonelist) = (tree, root, zonelist);
        _walks = [.. zonelist.Select(on => new SubtreeWalk(tree, root, on))];
        _wanted = Math.Max(pages, ScanControl.SwapClusterMax);
        _partialWalks = walk == LimitWalk.Partial;
        _nodes = nodes ?? [];
    }

    /// <summary>Whether cgroups that are partly protected are scanned less than others.</summary>
    public bool ScalesProtected { get; init; }

    /// <summary>The cgroup whose limit it is.</summary>
    public int Root { get; }

    /// <inheritdoc/>
    public override Victim? Next()
    {
        while (true)
        {
            if (!_walking)
            {
                _walks[_at].Begin();
                _walking = true;
                var on = _zonelist[_at];
                var lists = _lists(Root, on);
                _mayDeactivate = _forceDeactivate ? (true, true) : ListSums.MayDeactivate(lists, _tree.Nodes[Root].On(on));
                _fileIsTiny = _nodes.Count != 0 && ListSums.FileIsTiny(lists, _nodes[_at], _mayDeactivate.Anon, _priority);
            }

            if (_walks[_at].Next(IsPartial, Freed >= _wanted) is { } node)
            {
                return new Victim(node, _priority)
                {
                    Reason = _nodes.Count == 0 ? ReclaimReason.Limit : ReclaimReason.Direct,
                    Numa = _zonelist[_at],
                    Root = Root,
                    AbortAfter = _nodes.Count == 0 || _priority > ScanControl.DefaultPriority - 2 ? long.MaxValue : Math.Max(1, _nodes[_at].Marks.Low - _nodes[_at].Free),
                    Protected = ScalesProtected ? _walks[_at].ProtectedOf(node) : null,
                    FileIsTiny = _fileIsTiny,
                    MayDeactivateAnon = _mayDeactivate.Anon,
                    MayDeactivateFile = _mayDeactivate.File,
                };
            }

            _walking = false;
            if (++_at < _walks.Length)
            {
                continue;
            }

            _at = 0;
            if (Freed >= _wanted)
            {
                Snapshot();
                return null;
            }

            if (_priority-- > 0)
            {
                continue;
            }

            Snapshot();
            if (Freed > 0 || !TryHarder())
            {
                return null;
            }

            _priority = ScanControl.DefaultPriority;
        }
    }

    /// <inheritdoc/>
    public override void Took(in ShrinkReport report)
    {
        Freed += report.Freed;
        _skippedDeactivate |= report.Lists.SkippedDeactivate;
    }

    private bool IsPartial => _partialWalks && !_fullWalk;

    private void Snapshot()
    {
        foreach (var on in _zonelist)
        {
            ListSums.Snapshot(_lists(Root, on), _tree.Nodes[Root].On(on));
        }
    }

    private bool TryHarder()
    {
        if (IsPartial)
        {
            return _fullWalk = true;
        }

        if (_skippedDeactivate)
        {
            (_skippedDeactivate, _forceDeactivate) = (false, true);
            return true;
        }

        if (!_walks[0].TakesLow && Array.Exists(_walks, walk => walk.SkippedLow))
        {
            Array.ForEach(_walks, walk => walk.TakesLow = true);
            _forceDeactivate = false;
            return true;
        }

        return false;
    }
}

/// <summary>What the lists of the cgroup that reclaims say of a pass (prepare_scan_control, snapshot_refaults).</summary>
internal static class ListSums
{
    /// <summary>Whether active lists may be shrunk: refaults were activated since the last time, or the inactive list is short.</summary>
    public static (bool Anon, bool File) MayDeactivate(ListState lists, MemcgPerNode root) => (
        lists.ActivatedAnon != root.ActivatedAnonSnapshot || ClassicLruvec.InactiveIsLow(lists.InactiveAnon, lists.ActiveAnon),
        lists.ActivatedFile != root.ActivatedSnapshot || ClassicLruvec.InactiveIsLow(lists.InactiveFile, lists.ActiveFile));

    /// <summary>Whether the file pages of a node and what it has free come to no more than its high watermark, and there are anonymous ones to take instead.</summary>
    public static bool FileIsTiny(ListState lists, NumaNode node, bool mayDeactivateAnon, int priority) =>
        lists.InactiveFile + lists.ActiveFile + node.Free <= node.Marks.High && !mayDeactivateAnon && lists.InactiveAnon >> priority != 0;

    /// <summary>What is compared with the next time.</summary>
    public static void Snapshot(ListState lists, MemcgPerNode root)
    {
        root.ActivatedSnapshot = lists.ActivatedFile;
        root.ActivatedAnonSnapshot = lists.ActivatedAnon;
    }
}
