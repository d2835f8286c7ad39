using Reclaim.Model.Nodes;
using Reclaim.Model.Numa;
using Reclaim.Model.Steps;
using Reclaim.Model.Swap;

namespace Reclaim.Model.Hierarchy;

/// <summary>What is known of each member between its calls.</summary>
public sealed partial class SharedDomain
{
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
            if (asks || pages > 0)
            {
                _nodes[node].Memory?.Take(pages);
                _nodes[node].Demand.Took(index, pages);
            }
            else
            {
                _nodes[node].Memory?.Reclaimed(-pages);
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
