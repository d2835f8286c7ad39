namespace Reclaim.Model.Records;

/// <summary>What a task waited for.</summary>
public enum StallKind : byte
{
    /// <summary>Reclaim that others were the victims of, for a limit above or for its node.</summary>
    Reclaim,

    /// <summary>Writeback, in the middle of its own reclaim.</summary>
    Writeback,

    /// <summary>For having charged above memory.high (mem_cgroup_handle_over_high).</summary>
    HighThrottle,

    /// <summary>For having made too much dirty (balance_dirty_pages).</summary>
    DirtyThrottle,

    /// <summary>A page with PG_workingset that came back: want of memory.</summary>
    Thrashing,

    /// <summary>A device, for a millisecond or more.</summary>
    Io,
}

/// <summary>A task got nowhere for a time. Reclaim that it did itself is not among these: it is there as a reclaim.</summary>
/// <param name="Task">Number of the job.</param>
/// <param name="Kind">Why.</param>
/// <param name="StartNs">Virtual time, nanoseconds.</param>
/// <param name="EndNs">Likewise, its end.</param>
public readonly record struct StallRecord(int Task, StallKind Kind, long StartNs, long EndNs);

/// <summary>All stalls of one kind, whether they were kept or not.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Count">How many.</param>
/// <param name="Ns">For how long.</param>
public readonly record struct StallTotal(StallKind Kind, long Count, long Ns);

/// <summary>The stalls of a container's tasks: all are counted, and so many kept.</summary>
/// <param name="most">How many.</param>
internal sealed class StallLog(int most)
{
    /// <summary>Waits for a device that are shorter are not recorded.</summary>
    private const long LongIoNs = 1_000_000;

    private readonly EvenSample<StallRecord> _sample = new(most);
    private readonly StallTotal[] _totals = [.. Enum.GetValues<StallKind>().Select(kind => new StallTotal(kind, 0, 0))];

    /// <summary>By kind, all of them.</summary>
    public IReadOnlyList<StallTotal> Totals => _totals;

    /// <summary>Those that are kept.</summary>
    public ReadOnlySpan<StallRecord> Kept => _sample.Items;

    /// <summary>One of so many is kept.</summary>
    public long Every => _sample.Every;

    /// <summary>Adds one, unless it is nothing.</summary>
    public void Add(int task, StallKind kind, long startNs, long endNs)
    {
        if (endNs <= startNs || (kind == StallKind.Io && endNs - startNs < LongIoNs))
        {
            return;
        }

        ref var total = ref _totals[(int)kind];
        total = total with { Count = total.Count + 1, Ns = total.Ns + endNs - startNs };
        _sample.Add(new StallRecord(task, kind, startNs, endNs));
    }
}
