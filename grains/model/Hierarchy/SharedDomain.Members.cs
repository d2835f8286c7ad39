using Reclaim.Model.Nodes;
using Reclaim.Model.Numa;
using Reclaim.Model.Sharing;
using Reclaim.Model.Steps;
using Reclaim.Model.Swap;

namespace Reclaim.Model.Hierarchy;

/// <summary>What is known of each member between its calls.</summary>
public sealed partial class SharedDomain
{
    /// <summary>Its lists on a node.</summary>
    private ListState ListsOf(Member member, int node) => _tree.Nodes[member.Node].On(node).Lists;

    /// <summary>A member's lists have changed, and with them the sums above it; of what is above it, it says ages and costs.</summary>
    private void TakeLists(Member member, in ListState lists, IReadOnlyList<ListState>? byNode, IReadOnlyList<ListState>? above)
    {
        var cgroup = _tree.Nodes[member.Node];
        foreach (var node in member.Reach)
        {
            var (before, after) = (cgroup.On(node).Lists, byNode is null ? lists : byNode[node]);
            cgroup.On(node).Lists = after;
            var first = byNode is null ? 0 : node * cgroup.Depth;
            for (var (parent, level) = (cgroup.Parent, cgroup.Depth - 1); parent >= 0; (parent, level) = (_tree.Nodes[parent].Parent, level - 1))
            {
                var there = _tree.Nodes[parent].On(node);
                there.Lists = there.Lists.Changed(before, after);
                if (above is not null)
                {
                    var told = above[first + level];
                    there.Lists = there.Lists with { Age = told.Age, AnonCost = told.AnonCost, FileCost = told.FileCost };
                }
            }
        }

        member.HasReported = true;
    }

    /// <summary>Classic only: what a member must know of the cgroups above it; node after node if it has pages on several.</summary>
    private ListState[] AboveFor(Member member)
    {
        var cgroup = _tree.Nodes[member.Node];
        if (_multiGen || SharesFilesOnly || cgroup.Depth == 0)
        {
            return [];
        }

        var (nodes, depth) = (member.IsSpread ? _nodes.Length : 1, cgroup.Depth);
        var above = new ListState[nodes * depth];
        for (var i = 0; i < nodes; i++)
        {
            var node = member.IsSpread ? i : member.Home.Id;
            var own = cgroup.On(node).Lists;
            for (var (parent, level) = (cgroup.Parent, depth - 1); parent >= 0; (parent, level) = (_tree.Nodes[parent].Parent, level - 1))
            {
                above[i * depth + level] = _tree.Nodes[parent].On(node).Lists.Changed(own, default);
            }
        }

        return above;
    }

    /// <summary>Classic only: what refaults of pages are judged by that others evicted.</summary>
    private EvictorState[] EvictorsFor(Member member) => [.. _members.Where(other => other != member).Select(other => new EvictorState(
        (ushort)other.Number, SharesFilesOnly ? 0 : CommonAbove(member.Node, other.Node), LevelsOf(other)))];

    private EvictorLevel[] LevelsOf(Member member)
    {
        var cgroup = _tree.Nodes[member.Node];
        var own = ListsOf(member, member.Home.Id);
        var levels = new EvictorLevel[SharesFilesOnly ? 1 : cgroup.Depth + 1];
        levels[^1] = new EvictorLevel(own.Age, own.Workingset);
        for (var (parent, level) = (cgroup.Parent, levels.Length - 2); level >= 0; (parent, level) = (_tree.Nodes[parent].Parent, level - 1))
        {
            var lists = _tree.Nodes[parent].On(member.Home.Id).Lists;
            levels[level] = new EvictorLevel(lists.Age, lists.ActiveFile + (SwapPages > 0 ? lists.ActiveAnon + lists.InactiveAnon : 0));
        }

        return levels;
    }

    /// <summary>How many cgroups are above both.</summary>
    private int CommonAbove(int one, int other)
    {
        var (left, right) = (_tree.Nodes[one].Parent, _tree.Nodes[other].Parent);
        while (left != right)
        {
            (left, right) = _tree.Nodes[left].Depth >= _tree.Nodes[right].Depth ? (_tree.Nodes[left].Parent, right) : (left, _tree.Nodes[right].Parent);
        }

        return left < 0 ? 0 : _tree.Nodes[left].Depth + 1;
    }

    /// <summary>The cgroup of a member was removed: it is the next to be reclaimed from (lru_gen_offline_memcg).</summary>
    private void Offline(Member member)
    {
        if (!_tree.Nodes[member.Node].IsOnline)
        {
            return;
        }

        _tree.Nodes[member.Node].IsOnline = false;
        foreach (var node in _nodes)
        {
            node.Memory?.Lru.Rotate(member.Node, MemcgLruOperation.Old);
        }
    }

    /// <summary>A member has slots of swap now, by area.</summary>
    private void TakeSwap(Member member, IReadOnlyList<long>? used)
    {
        if (used is null)
        {
            return;
        }

        _swap ??= new long[used.Count];
        member.Swap ??= new long[used.Count];
        for (var area = 0; area < used.Count; area++)
        {
            _swap[area] += used[area] - member.Swap[area];
            _tree.ChargeSwap(member.Node, used[area] - member.Swap[area]);
            member.Swap[area] = used[area];
        }
    }

    /// <summary>What others leave a member of swap.</summary>
    private SwapRoom SwapFor(Member member)
    {
        if (_swap is null && !_tree.LimitsSwap)
        {
            return SwapRoom.Alone;
        }

        var (max, half) = _tree.SwapRoomAbove(member.Node);
        var others = _swap is null ? null : (long[])_swap.Clone();
        for (var area = 0; area < member.Swap?.Length; area++)
        {
            others![area] -= member.Swap[area];
        }

        return new SwapRoom(max, half, others);
    }

    /// <summary>A member has taken pages, or given them back. What it was made to take, of a node that its pages were demoted to, counts as asked for.</summary>
    private void Take(int index, long allocated, IReadOnlyList<long>? byNode, bool asks)
    {
        var member = _members[index];
        foreach (var node in member.Reach)
        {
            var pages = byNode is null ? allocated : byNode[node];
            _nodes[node].Memory?.Take(pages);
            if (asks || pages > 0)
            {
                _nodes[node].Demand.Took(index, pages);
            }
        }
    }

    /// <summary>Whose stock of the CPU it was, it goes back to its counters: another's takes its place.</summary>
    private void TakeStock(Member member)
    {
        if (_stockOwner >= 0 && _members[_stockOwner] != member)
        {
            DropStock(_members[_stockOwner]);
        }

        _stockOwner = _current;
    }

    /// <summary>The stock of a member goes back to its counters; it hears of it with its next call.</summary>
    private void DropStock(Member owner)
    {
        _tree.Charge(owner.Node, -owner.Stock);
        owner.DroppedStock += owner.Stock;
        owner.Stock = 0;
    }

    /// <summary>A member's stock has changed while it was reclaimed from: tree nodes go to it that were freed, and too many drain it.</summary>
    /// <returns>Pages of it that the counters did not have any more.</returns>
    private int SettleStock(int index, long grown)
    {
        var member = _members[index];
        if (member.DroppedStock == 0)
        {
            member.Stock += index == _stockOwner ? (int)grown : 0;
            return 0;
        }

        var left = (int)Math.Clamp(member.DroppedStock + grown, 0, member.DroppedStock);
        var gone = member.DroppedStock - left;
        member.DroppedStock = left;
        return gone;
    }

    private sealed class Member(int number, int node, NodeState home, NumaPlan? numa)
    {
        private StepSum _sum;

        public int Number => number;

        public int Node => node;

        /// <summary>The NUMA node that it has its pages on, or the first that it takes pages from.</summary>
        public NodeState Home => home;

        /// <summary>The nodes that it takes pages from, in the order in which they are tried.</summary>
        public int[] Zonelist { get; } = numa is null ? [home.Id] : [.. numa.Zonelist()];

        /// <summary>Those that it may have pages on.</summary>
        public int[] Reach { get; } = numa is null ? [home.Id] : [.. numa.Reach];

        /// <summary>Whether that is several.</summary>
        public bool IsSpread => numa is not null;

        /// <summary>The node whose CPUs it runs on.</summary>
        public int? Cpu => numa?.Cpu;

        /// <summary>cpuset.mems, a bit for each node.</summary>
        public ulong Mems { get; } = numa?.CpusetMask ?? 1UL << home.Id;

        public long NowNs { get; private set; }

        public bool Finished { get; set; }

        /// <summary>Whether all its processes were killed: it has yet to say that it is done.</summary>
        public bool Ended { get; set; }

        public int Stock { get; set; }

        /// <summary>Slots of swap it has, by area; null: none yet.</summary>
        public long[]? Swap { get; set; }

        /// <summary>Pages it holds, and most it may, where it keeps to a limit of its own.</summary>
        public long Held { get; set; }

        /// <inheritdoc cref="Held"/>
        public long Most { get; set; }

        /// <summary>Whether its lists are known.</summary>
        public bool HasReported { get; set; }

        /// <summary>Pages of its stock that went back, and that it does not know of yet.</summary>
        public int DroppedStock { get; set; }

        public void Add(in Report report)
        {
            NowNs = report.NowNs;
            Held += report.PagesTaken;
            _sum.Add(report);
        }

        public void Shrunk(in ShrinkReport report)
        {
            Held += report.PagesTaken;
            _sum.PagesTaken += report.PagesTaken;
        }

        public Report TakeReport(long horizonNs)
        {
            var report = _sum.Report(!Finished ? StopReason.Accesses : NowNs >= horizonNs ? StopReason.Horizon : StopReason.Done, NowNs);
            _sum = default;
            return report;
        }
    }
}
