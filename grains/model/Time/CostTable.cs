namespace Reclaim.Model.Time;

/// <summary>
/// What things cost in virtual time, nanoseconds of CPU unless said otherwise. All prices of the model stand here and nowhere
/// else, each with its source; a scenario may override any of them by name.
///
/// Two are calibrated: <c>hit</c> and <c>miss</c> are such that the two rows "MGLRU off" of the thread "mm/mglru: fix
/// underprotected page cache" (fio on brd, 12 jobs on 16 CPUs: zipf:0.5 6525 MiB/s, uniform 5689 MiB/s) come out with the
/// classic policy. Every other row is then a prediction. The rest are typical figures and estimates, taken as they are.
/// </summary>
public readonly record struct CostTable
{
    /// <summary>The prices in force unless a scenario says otherwise.</summary>
    public static CostTable Default { get; } = new()
    {
        HitNs = 3000,
        MissNs = 7085,
        WriteNs = 3000,
        ScanNs = 150,
        EvictNs = 500,
        AgeNs = 2000,
        LruLockMoveNs = 30,
        LruLockScanNs = 100,
        LoadNs = 100,
        FaultNs = 1000,
        SwapInNs = 1700,
        SwapOutNs = 3000,
        PteNs = 10,
        RemoteNs = 100,
        MigrateNs = 3000,
    };

    /// <summary>Names that a scenario may override.</summary>
    public static IReadOnlyList<string> Names { get; } = ["hit", "miss", "write", "scan", "evict", "age", "lru_lock_move", "lru_lock_scan", "load", "fault", "swap_in", "swap_out", "pte", "remote", "migrate"];

    /// <summary>hit: a read of 4 KiB that finds its page, all included: fio, io_uring, lookup, copy. Calibrated.</summary>
    public long HitNs { get; init; }

    /// <summary>miss: what a missing page costs beyond a hit: allocate, charge, insert, submit; on brd the copy too. Calibrated.</summary>
    public long MissNs { get; init; }

    /// <summary>write: a write(2) of 4 KiB into the page cache. As a hit.</summary>
    public long WriteNs { get; init; }

    /// <summary>scan: a page that reclaim takes off a list to look at. Estimate: 5–20 µs for a batch of 64.</summary>
    public long ScanNs { get; init; }

    /// <summary>evict: freeing an unmapped clean page. Estimate: 0.3–1 µs.</summary>
    public long EvictNs { get; init; }

    /// <summary>age: making a generation without page tables to walk. Estimate.</summary>
    public long AgeNs { get; init; }

    /// <summary>lru_lock_move: the lru_lock held for each page that only moves onto or between lists. Estimate.</summary>
    public long LruLockMoveNs { get; init; }

    /// <summary>lru_lock_scan: the lru_lock held for each page that reclaim looks at, a part of <c>scan</c>. Estimate: 5–20 µs for 64.</summary>
    public long LruLockScanNs { get; init; }

    /// <summary>load: an access to memory, mapped or anonymous, with what the program does in between. Estimate.</summary>
    public long LoadNs { get; init; }

    /// <summary>fault: a page fault, without reading. Measured elsewhere: anonymous fault on 6.6, median 1.0 µs ("Page fault latency measurement").</summary>
    public long FaultNs { get; init; }

    /// <summary>swap_in: decompressing a page of zram, or submitting a read. lz4: 1.7 µs mean ("Zram Performance Analysis").</summary>
    public long SwapInNs { get; init; }

    /// <summary>swap_out: unmapping a page and compressing it, or submitting a write. Estimate: lz4 1.5–4 µs.</summary>
    public long SwapOutNs { get; init; }

    /// <summary>pte: a page table entry that a walk or a look-around looks at. Estimate: 5–30 ns.</summary>
    public long PteNs { get; init; }

    /// <summary>
    /// remote: what an access to a page costs more if it is on a NUMA node at twice the local distance, and in proportion at others: one access to
    /// memory of about 100 ns, as a copy of 4 KiB is prefetched behind the first line. Estimate.
    /// </summary>
    public long RemoteNs { get; init; }

    /// <summary>migrate: moving a page to another NUMA node: unmapping, copying and mapping it. Estimate: 2–5 µs.</summary>
    public long MigrateNs { get; init; }

    /// <summary>The table of tasks whose pages are so far away, relative to local: every hit, write and load costs that much more.</summary>
    /// <param name="distance">NUMA distance.</param>
    /// <param name="local">Distance of a node to itself.</param>
    public CostTable At(int distance, int local)
    {
        var more = RemoteNs * (distance - local) / local;
        return this with { HitNs = HitNs + more, WriteNs = WriteNs + more, LoadNs = LoadNs + more };
    }

    /// <summary>The table with one price replaced.</summary>
    /// <exception cref="ArgumentException">No such name, or a price below zero or above a second.</exception>
    public CostTable With(string name, double nanoseconds)
    {
        if (!(nanoseconds is >= 0 and <= 1e9))
        {
            throw new ArgumentException($"must be 0 to 1,000,000,000 ns, not {nanoseconds}", nameof(nanoseconds));
        }

        var ns = (long)Math.Round(nanoseconds);
        return name switch
        {
            "hit" => this with { HitNs = ns },
            "miss" => this with { MissNs = ns },
            "write" => this with { WriteNs = ns },
            "scan" => this with { ScanNs = ns },
            "evict" => this with { EvictNs = ns },
            "age" => this with { AgeNs = ns },
            "lru_lock_move" => this with { LruLockMoveNs = ns },
            "lru_lock_scan" => this with { LruLockScanNs = ns },
            "load" => this with { LoadNs = ns },
            "fault" => this with { FaultNs = ns },
            "swap_in" => this with { SwapInNs = ns },
            "swap_out" => this with { SwapOutNs = ns },
            "pte" => this with { PteNs = ns },
            "remote" => this with { RemoteNs = ns },
            "migrate" => this with { MigrateNs = ns },
            _ => throw new ArgumentException($"no price is called '{name}': {string.Join(", ", Names)}", nameof(name)),
        };
    }
}
