namespace Reclaim.Model.Swap;

/// <summary>
/// One area: slots in clusters of 256, handed out in order within a cluster, so that pages evicted one after the other lie side by side.
///
/// <code>
///   cluster   0          1          2          3
///           ┌──────────┬──────────┬──────────┬──────────┐
///           │ full     │ 8 3 · 5 9│ 2 7 ──►  │ free     │     when the current cluster is used up: a cluster never used, else one
///           └──────────┴──────────┴──────────┴──────────┘     that has become free (oldest first), else what holes there are
///                                    current
/// </code>
///
/// Source: alloc_cluster, scan_swap_map_try_ssd_cluster, scan_swap_map_slots in mm/swapfile.c, v6.8. Simplified: an area on a disk is
/// allocated like any other; one CPU; a slot that is freed is free at once, not when a batch of 64 is returned; the first page, which holds
/// the header, counts as a slot.
/// </summary>
internal sealed class SwapArea(SwapAreaPlan plan, uint firstSlot)
{
    /// <summary>SWAPFILE_CLUSTER.</summary>
    public const int ClusterSlots = 256;

    private const int None = -1;

    private readonly Cluster[] _clusters = new Cluster[(plan.Pages + ClusterSlots - 1) / ClusterSlots];
    private readonly Queue<int> _freed = new();
    private int _fresh;
    private int _current = None;
    private int _next;

    public SwapAreaPlan Plan { get; } = plan;

    /// <summary>Number of its first slot among those of all areas.</summary>
    public uint FirstSlot { get; } = firstSlot;

    /// <summary>Slots in use.</summary>
    public long Used { get; private set; }

    /// <summary>Slots that others use: their numbers are their own, but there are so many fewer.</summary>
    public long Others { get; set; }

    public bool IsFull => Used + Others >= Plan.Pages;

    /// <summary>Whether transfers complete within the call.</summary>
    public bool IsSynchronous { get; } = plan.Device.IsMemory;

    /// <summary>Takes a slot for a page; there is one.</summary>
    /// <returns>Its offset in the area.</returns>
    public uint Allocate(uint page)
    {
        for (; ; Next())
        {
            if (_current == None)
            {
                continue;
            }

            ref var cluster = ref _clusters[_current];
            cluster.Pages ??= new uint[ClusterSlots];
            for (var end = SlotsOf(_current); _next < end; _next++)
            {
                if (cluster.Pages[_next] != 0)
                {
                    continue;
                }

                cluster.Pages[_next] = page + 1;
                cluster.Used++;
                Used++;
                return (uint)(_current * ClusterSlots + _next++);
            }
        }
    }

    /// <summary>Frees a slot.</summary>
    public void Free(uint offset)
    {
        var number = (int)(offset / ClusterSlots);
        ref var cluster = ref _clusters[number];
        cluster.Pages![offset % ClusterSlots] = 0;
        cluster.Used--;
        Used--;
        if (cluster.Used == 0 && number != _current)
        {
            _freed.Enqueue(number);
        }
    }

    /// <summary>The page whose slot this is.</summary>
    /// <returns>False if the slot is free.</returns>
    public bool TryGetPage(long offset, out uint page)
    {
        var entry = _clusters[offset / ClusterSlots].Pages is { } pages ? pages[offset % ClusterSlots] : 0;
        page = entry - 1;
        return entry != 0;
    }

    private int SlotsOf(int cluster) => (int)Math.Min(ClusterSlots, Plan.Pages - (long)cluster * ClusterSlots);

    /// <summary>Goes on to another cluster.</summary>
    private void Next()
    {
        if (_current != None && _clusters[_current].Used == 0)
        {
            _freed.Enqueue(_current);
        }

        _next = 0;
        if (_fresh < _clusters.Length)
        {
            _current = _fresh++;
        }
        else if (_freed.TryDequeue(out var free))
        {
            _current = free;
        }
        else
        {
            do
            {
                _current = (_current + 1) % _clusters.Length;
            }
            while (_clusters[_current].Used == SlotsOf(_current));
        }
    }

    private struct Cluster
    {
        /// <summary>By slot: page number + 1, 0 for free. Allocated when the cluster is first used.</summary>
        public uint[]? Pages;

        public int Used;
    }
}
