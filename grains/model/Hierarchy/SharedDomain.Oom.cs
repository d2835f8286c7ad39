using Reclaim.Model.Lruvecs;
using Reclaim.Model.Oom;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>Nothing is left to reclaim.</summary>
public sealed partial class SharedDomain
{
    private SharedCall Order(int node, OomOrder order)
    {
        var index = _memberAt[node];
        return new SharedCall(index, _members[index].Number, null, new ShrinkOrder(0, OomNs) { Oom = order, Swap = SwapFor(_members[index]) });
    }

    /// <summary>Virtual time of the OOM killer.</summary>
    private long OomNs => _write is not null ? _writeNs : _oomByKswapd is { } awake ? KswapdStartNs(awake) : _clockNs + _stallNs;

    /// <summary>Nothing is left to reclaim: the OOM killer is to make room (mem_cgroup_oom, out_of_memory).</summary>
    /// <param name="root">For whose limit; the root of all for the host's memory.</param>
    /// <param name="byKswapd">The node whose kswapd asks for it: then any process may be killed; null: a task asks, whose node is short, or whose limit.</param>
    private void OutOfMemory(int root, NodeState? byKswapd)
    {
        var max = _tree.Nodes[root].Limits.Max;
        var isLimit = max != long.MaxValue;
        _oomByKswapd = byKswapd;
        var zonelist = _members[_current].Zonelist;
        _oom = isLimit ? new OomKiller(_tree, root, max + (_swaps ? Math.Min(SwapPages, _tree.Nodes[root].Limits.SwapMax) : 0))
            : byKswapd is null ? new OomKiller(_tree, root, zonelist.Sum(node => _nodes[node].Memory!.Size) + SwapPages, zonelist)
            : new OomKiller(_tree, root, Nodes.Sum(node => node.Size) + SwapPages);
        _tree.Nodes[root].EventsOom += isLimit ? 1 : 0;
    }

    private string NamesOf(int[] nodes) => _nodes.Length == 1 ? "the node is" : nodes.Length == 1 ? $"node {nodes[0]} is" : $"nodes {string.Join(" and ", nodes)} are";

    /// <summary>Somebody was killed, and who needed a page tries again.</summary>
    private void EndOom(OomKiller oom)
    {
        _oom = null;
        if (_write is { } write)
        {
            write.Killed(oom.Found);
            return;
        }

        if (!oom.Found)
        {
            var at = FormattableString.Invariant($"at {OomNs / 1e9:0.000} s");
            throw new StalledException(oom.For != "/"
                ? $"{oom.For}: {at} memory.max of {_tree.Nodes.First(node => node.Path == oom.For).Limits.Max} pages leaves nothing to reclaim, and there is no process to kill"
                : $"{at} {NamesOf(_members[_current].Zonelist)} out of memory: there is nothing to reclaim, and no process to kill");
        }

        if (_oomByKswapd is not null)
        {
            return;
        }

        var member = _members[_current];
        _retries = ScanControl.MaxReclaimRetries;
        if (HasRoom(member))
        {
            _resumes = oom.For != "/";
        }
        else if (!member.Ended)
        {
            Reclaim(member);
        }
    }
}
