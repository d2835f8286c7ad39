using Reclaim.Model.Control;
using Reclaim.Model.Numa;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// The cgroups of a host below which several share a limit, with the counters of those that have others below them (struct
/// page_counter). Leaves are containers, which count for themselves; what they hold is told here after each of their steps.
/// Parents stand before their children, siblings in the order of the scenario: a walk in order of index is the kernel's.
/// </summary>
public sealed class MemcgTree
{
    /// <summary>Cgroups that may be above a container under the classic policy: of so many a shadow can tell for which it was evicted.</summary>
    public const int MostAboveClassic = Classic.ClassicLruvec.MostAbove;

    private readonly List<MemcgNode> _nodes = [];
    private readonly Dictionary<int, List<int>> _subtrees = [];

    /// <summary>Whether any of them has memory.low or memory.min.</summary>
    public bool HasProtection { get; private set; }

    /// <summary>Whether any of them that has others below it has memory.swap.max.</summary>
    public bool LimitsSwap { get; private set; }

    /// <summary>Whether any of them that has others below it has memory.max or memory.high, or had.</summary>
    public bool LimitsMemory { get; private set; }

    /// <summary>All nodes.</summary>
    public IReadOnlyList<MemcgNode> Nodes => _nodes;

    /// <summary>Adds a cgroup.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="parent">Index of its parent; −1 for one that has no limit above it.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="member">Number of the container, −1 for a cgroup with others below it.</param>
    /// <param name="homeNode">The NUMA node that a container has its pages on.</param>
    /// <param name="numa">Where they may be, if that is on several.</param>
    /// <returns>Its index.</returns>
    public int Add(string path, int parent, MemcgLimits limits, int member = -1, int homeNode = 0, NumaPlan? numa = null)
    {
        _subtrees.Clear();
        HasProtection |= limits.Low != 0 || limits.Min != 0;
        LimitsSwap |= member < 0 && limits.SwapMax != long.MaxValue;
        LimitsMemory |= member < 0 && Limits(limits);
        _nodes.Add(new MemcgNode(path, parent, limits, member) { HomeNode = homeNode, Numa = numa, Depth = parent < 0 ? 0 : _nodes[parent].Depth + 1 });
        return _nodes.Count - 1;
    }

    /// <summary>Index of a container's cgroup.</summary>
    public int OfMember(int member) => _nodes.FindIndex(node => node.Member == member);

    /// <summary>What a container holds has changed, and with it what its ancestors have charged.</summary>
    public void Charge(int node, long pages)
    {
        for (; node >= 0; node = _nodes[node].Parent)
        {
            _nodes[node].Usage += pages;
        }
    }

    /// <summary>Pages that the ancestors of a cgroup leave it beyond what is charged: the least of them (mem_cgroup_margin at each level).</summary>
    public RoomAbove RoomAbove(int node)
    {
        var (max, high) = (long.MaxValue, long.MaxValue);
        for (var above = _nodes[node].Parent; above >= 0; above = _nodes[above].Parent)
        {
            var (limits, usage) = (_nodes[above].Limits, _nodes[above].Usage);
            max = Math.Min(max, limits.Max == long.MaxValue ? long.MaxValue : limits.Max - usage);
            high = Math.Min(high, limits.High == long.MaxValue ? long.MaxValue : limits.High - usage);
        }

        return new RoomAbove(max, high);
    }

    /// <summary>By how many pages that room grows when another cgroup gives some back: not at all, where its pages do not count.</summary>
    /// <param name="node">Whose room.</param>
    /// <param name="other">The other cgroup.</param>
    /// <param name="pages">Pages it gives back.</param>
    public RoomAbove RoomFrom(int node, int other, long pages)
    {
        var room = RoomAbove(node);
        if (room is { Max: long.MaxValue, High: long.MaxValue } || pages == 0)
        {
            return default;
        }

        Charge(other, -pages);
        var after = RoomAbove(node);
        Charge(other, pages);
        return new RoomAbove(after.Max - room.Max, after.High - room.High);
    }

    /// <summary>What a container has in swap has changed, and with it what its ancestors have.</summary>
    public void ChargeSwap(int node, long slots)
    {
        for (; node >= 0; node = _nodes[node].Parent)
        {
            _nodes[node].SwapUsage += slots;
        }
    }

    /// <summary>Slots that the ancestors of a cgroup leave it, and until one is half full (mem_cgroup_get_nr_swap_pages, mem_cgroup_swap_full).</summary>
    public (long Max, long Half) SwapRoomAbove(int node)
    {
        var (max, half) = (long.MaxValue, long.MaxValue);
        for (var above = _nodes[node].Parent; above >= 0; above = _nodes[above].Parent)
        {
            if (_nodes[above].Limits.SwapMax is < long.MaxValue and var limit)
            {
                (max, half) = (Math.Min(max, limit - _nodes[above].SwapUsage), Math.Min(half, (limit + 1) / 2 - _nodes[above].SwapUsage));
            }
        }

        return (max, half);
    }

    /// <summary>The lowest ancestor that has no room for a page: the one on whose behalf is reclaimed.</summary>
    public int OverLimit(int node)
    {
        var above = _nodes[node].Parent;
        while (above >= 0 && _nodes[above].Usage + 1 <= _nodes[above].Limits.Max)
        {
            above = _nodes[above].Parent;
        }

        return above;
    }

    /// <summary>memory.low, memory.min and memory.high of a cgroup are now these, in pages.</summary>
    public void Restrict(int node, long low, long min, long high)
    {
        var limits = _nodes[node].Limits;
        if ((low, min, high) != (limits.Low, limits.Min, limits.High))
        {
            _nodes[node].Limits = limits with { Low = low, Min = min, High = high };
            HasProtection |= low != 0 || min != 0;
        }
    }

    /// <summary>A limit of a cgroup with others below it is written, in pages.</summary>
    internal void Write(int node, ControlFile file, long pages)
    {
        var limits = _nodes[node].Limits;
        _nodes[node].Limits = limits = file switch
        {
            ControlFile.MemoryMax => limits with { Max = pages },
            ControlFile.MemoryHigh => limits with { High = pages },
            ControlFile.MemoryLow => limits with { Low = pages },
            ControlFile.MemoryMin => limits with { Min = pages },
            ControlFile.MemorySwapMax => limits with { SwapMax = pages },
            _ => throw new ArgumentOutOfRangeException(nameof(file)),
        };
        HasProtection |= limits.Low != 0 || limits.Min != 0;
        LimitsSwap |= limits.SwapMax != long.MaxValue;
        LimitsMemory |= Limits(limits);
    }

    private static bool Limits(in MemcgLimits limits) => limits.Max != long.MaxValue || limits.High != long.MaxValue;

    /// <summary>How many cgroups are above both.</summary>
    public int CommonAbove(int one, int other)
    {
        var (left, right) = (_nodes[one].Parent, _nodes[other].Parent);
        while (left != right)
        {
            (left, right) = _nodes[left].Depth >= _nodes[right].Depth ? (_nodes[left].Parent, right) : (left, _nodes[right].Parent);
        }

        return left < 0 ? 0 : _nodes[left].Depth + 1;
    }

    /// <summary>The cgroups of a subtree in the order of a walk, its root first (mem_cgroup_iter).</summary>
    /// <returns>Their indices, which rise.</returns>
    public List<int> Subtree(int root)
    {
        if (_subtrees.TryGetValue(root, out var known))
        {
            return known;
        }

        var below = new bool[_nodes.Count];
        below[root] = true;
        var members = new List<int> { root };
        for (var node = root + 1; node < _nodes.Count; node++)
        {
            if (_nodes[node].Parent >= 0 && below[_nodes[node].Parent])
            {
                below[node] = true;
                members.Add(node);
            }
        }

        return _subtrees[root] = members;
    }
}

/// <summary>Limits of a cgroup in pages; <see cref="long.MaxValue"/> for <c>max</c>.</summary>
/// <param name="Max">memory.max.</param>
/// <param name="Low">memory.low.</param>
/// <param name="Min">memory.min.</param>
public readonly record struct MemcgLimits(long Max, long Low, long Min)
{
    /// <summary>memory.high.</summary>
    public long High { get; init; } = long.MaxValue;

    /// <summary>memory.swap.max.</summary>
    public long SwapMax { get; init; } = long.MaxValue;

    /// <summary>memory.oom.group.</summary>
    public bool OomGroup { get; init; }
}

/// <summary>Pages that the ancestors of a cgroup leave it; <see cref="long.MaxValue"/>: as many as it likes.</summary>
/// <param name="Max">Until some memory.max is reached.</param>
/// <param name="High">Until some memory.high is; negative: by so many it is exceeded.</param>
public readonly record struct RoomAbove(long Max, long High);
