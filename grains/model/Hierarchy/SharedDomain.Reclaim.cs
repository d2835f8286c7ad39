using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>Reclaim: for whom, from whom next, and what follows when it is over.</summary>
public sealed partial class SharedDomain
{
    /// <summary>The next order of a reclaim that is under way, if there is one to be given before anybody runs on.</summary>
    private SharedCall? FindOrder()
    {
        while (true)
        {
            if (_oom is { } oom)
            {
                if (oom.Next() is { } order)
                {
                    return Order(order.Node, order.Order);
                }

                EndOom(oom);
                continue;
            }

            if (_write is { } write)
            {
                if (FindOrder(write) is { } wanted)
                {
                    return wanted;
                }

                continue;
            }

            _kswapd = _turns || (_reclaim is null && _untilNs is null) ? FirstAwake() is { } first && (_turns || IsKswapdsTurn(first)) ? first : null : null;
            if ((_kswapd?.Kswapd ?? _reclaim) is not { } reclaim)
            {
                return null;
            }

            WriteBegin();
            if (_kswapd is { Kswapd: { } round })
            {
                round.NowNs = KswapdStartNs(_kswapd);
            }

            if (reclaim.Next() is not { } victim)
            {
                if (_kswapd is { } awake)
                {
                    Sleep(awake);
                }
                else
                {
                    EndReclaim(reclaim);
                }
            }
            else if (victim.OutOfMemory)
            {
                OutOfMemory(root: 0, byKswapd: _kswapd);
            }
            else if (!IsIdle(victim))
            {
                return Order(victim, _kswapd is { } awake ? KswapdStartNs(awake) : _clockNs + _stallNs);
            }
            else
            {
                reclaim.Took(new ShrinkReport { Lists = ListsOf(_members[_memberAt[victim.Node]], victim.Numa) });
            }
        }
    }

    /// <summary>
    /// Whether an order would come to nothing, and need not be given: there is not one page to look at at this priority, and no generation to
    /// be made. At the default priority none is made anyway.
    /// </summary>
    private bool IsIdle(Victim victim)
    {
        var member = _members[_memberAt[victim.Node]];
        var lists = ListsOf(member, victim.Numa);
        if (!_multiGen || victim.Protected is not null || !_tree.Nodes[victim.Node].IsOnline || !member.HasReported || _news?.Has(_memberAt[victim.Node]) == true || lists.HasShadowNodes || (_turns && lists.Batched != 0))
        {
            return false;
        }

        return victim is { Priority: ScanControl.DefaultPriority, AgeOnly: false }
            ? lists.Evictable + lists.Batched >> victim.Priority == 0
            : lists is { WantsAging: false, Batched: 0 } && (victim.AgeOnly || lists.Evictable >> victim.Priority == 0);
    }

    private SharedCall Order(Victim victim, long nowNs)
    {
        var index = _memberAt[victim.Node];
        _aggressor = _write is not null ? index : _kswapd?.Demand.Most ?? _current;
        return new SharedCall(index, _members[index].Number, null, new ShrinkOrder(victim.Priority, nowNs)
        {
            Reason = victim.Reason,
            Node = victim.Numa,
            Free = FreeFor(_members[index]),
            Cause = CauseOf(victim.Reason, _aggressor, victim.Numa),
            Swap = SwapFor(_members[index]),
            Devices = Devices?.States,
            RequestsSinceNs = Devices?.SinceNs ?? 0,
            Mems = _write is not null || victim.Reason == ReclaimReason.Kswapd ? ulong.MaxValue : _members[_current].Mems,
            Wanted = victim.Wanted,
            AbortAfter = victim.AbortAfter,
            AgeOnly = victim.AgeOnly,
            Protected = victim.Protected,
            FileIsTiny = victim.FileIsTiny,
            NoSwap = victim.NoSwap,
            MayDeactivate = victim.MayDeactivateFile,
            MayDeactivateAnon = victim.MayDeactivateAnon,
            Above = AboveFor(_members[index]),
            Target = _tree.Nodes[victim.Root].Depth,
            News = _news?.Take(index),
            Mark = Mark,
        });
    }

    /// <summary>A member has no room for its next page: the limit above or the node must give way.</summary>
    private void Reclaim(Member member)
    {
        var root = _tree.OverLimit(member.Node);
        if (root >= 0)
        {
            _tree.Nodes[root].EventsMax++;
            _reclaim = new LimitReclaim(_tree, root, pages: 1, _rules.LimitWalk, Lists, ZonelistOf(member)) { ScalesProtected = ScalesProtected };
            return;
        }

        if (member.Home.Memory is null)
        {
            throw new StalledException($"{_tree.Nodes[member.Node].Path} stopped for want of pages, though no limit above it is reached");
        }

        // It may only have used up what it was allowed at a time.
        if (HasAbove(member, awake: false))
        {
            return;
        }

        _slowPath = true;
        foreach (var node in member.Zonelist)
        {
            WakeKswapd(_nodes[node], member.NowNs);
        }

        if (!HasAbove(member, awake: true))
        {
            List<NumaNode> zonelist = [.. member.Zonelist.Select(node => _nodes[node].Memory!)];
            zonelist[0].Stalls++;
            _reclaim = !_multiGen || _rules.GlobalOrder != GlobalOrder.MemcgLru ? new LimitReclaim(_tree, 0, pages: 1, _rules.LimitWalk, Lists, member.Zonelist, zonelist) { ScalesProtected = ScalesProtected }
                : zonelist.Count == 1 ? Reclaim(member.Home, zonelist[0], ReclaimReason.Direct)
                : new ZonelistReclaim(_tree, zonelist, _rules, Evictable);
        }
    }

    /// <summary>Whether some node that a member takes pages from has some to spare.</summary>
    private bool HasAbove(Member member, bool awake)
    {
        foreach (var node in member.Zonelist)
        {
            if (_nodes[node].Memory is not { } memory || memory.Spare(awake) > 0)
            {
                return true;
            }
        }

        return false;
    }

    private void WakeKswapd(NodeState node, long nowNs)
    {
        if (!node.NeedsNoWaking)
        {
            node.Memory!.Boost?.Raise(node.Memory.Free);
            node.Kswapd = Reclaim(node, node.Memory, ReclaimReason.Kswapd);
            Wake(node, node.Memory, nowNs);
        }
    }

    /// <summary>Wakes the kswapds that a member has asked for: pages were demoted to their nodes, or were to be promoted.</summary>
    private void WakeKswapds(ulong nodes, long nowNs)
    {
        for (var node = 0; nodes >> node != 0; node++)
        {
            if ((nodes >> node & 1) != 0 && _nodes[node].Memory is not null)
            {
                WakeKswapd(_nodes[node], nowNs);
            }
        }
    }

    /// <summary>The nodes whose kswapd need not be woken, a bit each.</summary>
    private ulong Awake()
    {
        var awake = 0UL;
        foreach (var node in _nodes)
        {
            awake |= node.NeedsNoWaking ? 1UL << node.Id : 0;
        }

        return awake;
    }

    private NodeReclaim Reclaim(NodeState state, NumaNode node, ReclaimReason reason) =>
        new(_tree, node, _rules, _multiGen, reason, root => Lists(root, state.Id), cgroup => Evictable(cgroup, state.Id))
        {
            MinTtl = _minTtlNs == 0 || reason != ReclaimReason.Kswapd ? null : new MinTtl(_tree, _minTtlNs, of => ListsOf(_members[_memberAt[of]], state.Id), state.Id),
        };

    private void EndReclaim(CgroupReclaim reclaim)
    {
        var member = _members[_current];
        WriteEnd(member);
        _reclaim = null;
        if (reclaim is HighReclaim high)
        {
            _sleepNs = high.DelayNs;
            return;
        }

        if (HasRoom(member))
        {
            _resumes = reclaim is LimitReclaim { Root: var root } && _tree.Nodes[root].Limits.Max != long.MaxValue;
            return;
        }

        if (reclaim.Freed == 0 && _retries-- == 0)
        {
            OutOfMemory(Math.Max(0, _tree.OverLimit(member.Node)), byKswapd: null);
            return;
        }

        Reclaim(member);
    }

    /// <summary>Whether cgroups that are partly protected are scanned less than others.</summary>
    private bool ScalesProtected => !_multiGen || _rules.ScalesProtected;

    /// <summary>The nodes in the order in which a limit is reclaimed for by a member's tasks.</summary>
    private IReadOnlyList<int> ZonelistOf(Member member) => _topology.Zonelist(member.Cpu ?? _topology.NearestWithCpus(member.Home.Id));

    private bool HasRoom(Member member) => _tree.RoomAbove(member.Node).Max >= 1 && HasAbove(member, awake: true);

    /// <summary>kswapd wakes: not where the clock of the one who found too few free pages is, but where the others have yet to come by.</summary>
    private void Wake(NodeState home, NumaNode node, long nowNs)
    {
        home.KswapdNs = _turns ? _clockNs : Math.Min(nowNs, EarliestNs(home));
        home.Lookahead.Wake(nowNs);
        node.Rounds++;
        WriteWaking(home);
    }

    private void Sleep(NodeState node)
    {
        WriteSleeping(node);
        node.Kswapd = null;
        node.Demand.Settle();
        node.Lookahead.Sleep(node.KswapdNs);
    }

    /// <summary>Pages that a cgroup has to evict on a node.</summary>
    private long Evictable(int cgroup, int node) => _memberAt[cgroup] is >= 0 and var index && ListsOf(_members[index], node) is var lists
        ? lists.InactiveFile + lists.ActiveFile + lists.InactiveAnon + lists.ActiveAnon
        : 0;

    /// <summary>Free pages by node, for one with pages on several; null for others.</summary>
    private long[]? FreeFor(Member member) => member.IsSpread ? Array.ConvertAll(_nodes, node => node.Memory!.Free) : null;
}
