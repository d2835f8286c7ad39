namespace Reclaim.Model.Numa;

/// <summary>
/// On which node each page of a memcg is, and on which the next one will be.
///
/// <code>
///   mempolicy ──► first node ──► zonelist from there, cut to cpuset.mems
///                                   │ first node above its low watermark ──► taken
///                                   │ none: each kswapd wakes, and the first above its min watermark is taken
///                                   ▼ none: direct reclaim on all of them, by the domain
/// </code>
///
/// While a kswapd wakes the container stops; so what it needs to know of the nodes is how many pages were free when it started, which
/// only it changes as long as it runs.
///
/// Source: get_page_from_freelist, __alloc_pages_slowpath in mm/page_alloc.c; interleave_nodes, interleave_nid in mm/mempolicy.c, v6.8;
/// weighted_interleave_nodes, weighted_interleave_nid there, v6.9.
/// Simplified: a cgroup's tasks have one counter of interleaving between them. Kernel memory, process_memory and zram are taken from the
/// zonelist when the next page is, and given back from its end. Of what process_memory holds when the run begins all is on the first node.
/// </summary>
internal sealed partial class PageNodes
{
    private readonly NumaPlan _plan;
    private readonly int[][] _zonelists;
    private readonly int[] _mems;
    private readonly long[] _held;
    private readonly long[] _other;
    private readonly long[] _free;
    private readonly int _weights;
    private long _otherSum;
    private bool _slow;
    private int _turn;
    private int _turnLeft;

    /// <param name="plan">Where pages may be.</param>
    /// <param name="pages">Size of the space of page numbers.</param>
    /// <param name="firstAnon">Page number from which on pages are anonymous.</param>
    public PageNodes(NumaPlan plan, int pages, uint firstAnon)
    {
        (_plan, FirstAnon) = (plan, firstAnon);
        NodeOf = new byte[pages];
        _zonelists = [.. Enumerable.Range(0, plan.Count).Select(node => plan.Zonelist(node).ToArray())];
        _mems = [.. plan.Zonelist()];
        (_held, _other, _free) = (new long[plan.Count], new long[plan.Count], new long[plan.Count]);
        _free.AsSpan().Fill(long.MaxValue / 2);
        _weights = plan.Policy.Weights.Sum();
        _turnLeft = plan.Policy.Interleaves ? plan.Policy.Weights[0] : 0;
        _demotionTargets = [.. Enumerable.Range(0, plan.Count).Select(node => plan.DemotionTargets(node).ToArray())];
        _lowerTier = [.. Enumerable.Range(0, plan.Count).Select(node => plan.Topology.Zonelist(node).Where(plan.LowerTier.Contains).ToArray())];
        Promotion = plan.Promotion is { } promotion ? new Promotion(this, promotion, pages) : null;
    }

    /// <summary>By page: the node that it is on, or was on when it was evicted.</summary>
    public byte[] NodeOf { get; }

    /// <summary>What it was built from.</summary>
    public NumaPlan Plan => _plan;

    /// <summary>The node of the page that is allocated and not yet on a list.</summary>
    public int Allocated { get; private set; }

    /// <summary>Pages on each node, those of the kernel included.</summary>
    public ReadOnlySpan<long> Held => _held;

    /// <summary>Page number from which on pages are anonymous.</summary>
    public uint FirstAnon { get; }

    /// <summary>Pages that are on no list, on a node: kernel memory, process_memory and zram.</summary>
    public long OtherOn(int node) => _other[node];

    /// <summary>Whether there is no page to be had: the domain must see to it.</summary>
    public bool IsExhausted
    {
        get
        {
            foreach (var node in _mems)
            {
                if (_free[node] > (_slow ? _plan.Marks[node].Min : _plan.Marks[node].Low))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Others stand still now.</summary>
    /// <param name="free">Free pages by node.</param>
    /// <param name="slow">Whether it may go down to the min watermarks: each kswapd is awake.</param>
    /// <param name="awake">The nodes whose kswapd is awake, or past hope, a bit each.</param>
    public void Know(IReadOnlyList<long> free, bool slow, ulong awake = 0)
    {
        for (var node = 0; node < _free.Length; node++)
        {
            _free[node] = free[node];
        }

        (_slow, _awake) = (slow, awake);
    }

    /// <summary>Allocates a page for a page of a workload: <see cref="Allocated"/> is its node.</summary>
    public void Allocate(uint page) => Take(Allocated = Choose(_plan.Policy.Interleaves ? _zonelists[Next(page)] : _mems));

    /// <summary>The page that was allocated enters a list.</summary>
    /// <returns>The node that it was on when it was evicted.</returns>
    public int Enter(uint page)
    {
        var was = NodeOf[page];
        NodeOf[page] = (byte)Allocated;
        return was;
    }

    /// <summary>Pages of a node were freed.</summary>
    public void Free(int node, long pages) => Take(node, -pages);

    /// <summary>Pages that are not a workload's are so many now.</summary>
    public void Settle(long other)
    {
        for (; _otherSum < other; _otherSum++)
        {
            var node = Choose(_mems);
            _other[node]++;
            Take(node);
        }

        for (var i = _mems.Length - 1; _otherSum > other; i--)
        {
            var pages = Math.Min(_otherSum - other, _other[_mems[i]]);
            _other[_mems[i]] -= pages;
            _otherSum -= pages;
            Free(_mems[i], pages);
        }
    }

    private void Take(int node, long pages = 1)
    {
        _held[node] += pages;
        _free[node] -= pages;
    }

    /// <summary>A page comes from the first node of a zonelist, or from another if there are too few left.</summary>
    private int Choose(int[] zonelist)
    {
        foreach (var node in zonelist)
        {
            if (_free[node] > _plan.Marks[node].Low)
            {
                return node;
            }
        }

        foreach (var node in zonelist)
        {
            if (_free[node] > _plan.Marks[node].Min)
            {
                return node;
            }
        }

        // The few pages by which an access may go below before anybody reclaims: where most are left.
        var most = zonelist[0];
        foreach (var node in zonelist)
        {
            most = _free[node] > _free[most] ? node : most;
        }

        return most;
    }

    /// <summary>Anonymous memory is interleaved by address, the page cache in the order in which its pages come.</summary>
    private int Next(uint page)
    {
        var (nodes, weights) = (_plan.Policy.Nodes, _plan.Policy.Weights);
        if (page >= FirstAnon)
        {
            var at = (int)((page - FirstAnon) % (uint)_weights);
            var i = 0;
            for (; at >= weights[i]; i++)
            {
                at -= weights[i];
            }

            return nodes[i];
        }

        var node = nodes[_turn];
        if (--_turnLeft == 0)
        {
            _turn = (_turn + 1) % nodes.Count;
            _turnLeft = weights[_turn];
        }

        return node;
    }
}
