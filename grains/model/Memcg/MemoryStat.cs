namespace Reclaim.Model.Memcg;

/// <summary>
/// Event counters of a memcg, each under its name in memory.stat and memory.events.
/// Sizes (file, active_file, …) are not counted here; they are read off the lists.
/// </summary>
internal sealed class MemoryStat
{
    public long WorkingsetRefaultFile;
    public long WorkingsetActivateFile;
    public long WorkingsetRestoreFile;
    public long WorkingsetRefaultAnon;
    public long WorkingsetActivateAnon;
    public long WorkingsetRestoreAnon;
    public long WorkingsetNodereclaim;

    /// <summary>All of it; limit reclaim counts as direct.</summary>
    public long Pgscan;

    public long Pgsteal;
    public long Pgrefill;
    public long Pgactivate;
    public long Pgdeactivate;

    /// <summary>Page faults, and those that had to wait for a device.</summary>
    public long Pgfault;

    public long Pgmajfault;

    /// <summary>Pages read from swap and written to it.</summary>
    public long Pswpin;

    public long Pswpout;

    /// <summary>Pages read ahead from swap, and those of them that were used before they were evicted.</summary>
    public long SwapRa;

    public long SwapRaHit;

    /// <summary>Pages read from zswap, written to it, and written on from there.</summary>
    public long Zswpin;

    public long Zswpout;

    public long Zswpwb;

    /// <summary>memory.events: max.</summary>
    public long EventsMax;

    /// <summary>memory.events: high.</summary>
    public long EventsHigh;

    /// <summary>memory.events: oom.</summary>
    public long EventsOom;

    /// <summary>memory.events: oom_kill.</summary>
    public long EventsOomKill;

    /// <summary>memory.events: oom_group_kill.</summary>
    public long EventsOomGroupKill;

    /// <summary>Of <see cref="Pgscan"/> and <see cref="Pgsteal"/>: for memory.high, and for memory.reclaim.</summary>
    public long PgscanHigh;

    public long PgstealHigh;

    public long PgscanProactive;

    public long PgstealProactive;

    /// <summary>Of them: by kswapd.</summary>
    public long PgscanKswapd;

    public long PgstealKswapd;

    /// <summary>Pages moved to slower memory instead of being evicted: part of <see cref="Pgsteal"/>.</summary>
    public long Pgdemote;

    /// <summary>Of them: by kswapd, and for memory.reclaim.</summary>
    public long PgdemoteKswapd;

    public long PgdemoteProactive;

    /// <summary>Pages brought back from slower memory, and those that were hot enough.</summary>
    public long PgpromoteSuccess;

    public long PgpromoteCandidate;

    /// <summary>Page table entries made inaccessible, and faults that came of it.</summary>
    public long NumaPteUpdates;

    public long NumaHintFaults;

    /// <summary>How often a task has reclaimed for what it charged.</summary>
    public long ReclaimsOfCharges => EventsMax + EventsHigh;
}
