namespace Reclaim.Model.Numa;

/// <summary>
/// Which mapped pages of slower memory are brought to the node of the CPU that uses them (NUMA_BALANCING_MEMORY_TIERING).
///
/// <code>
///   scan: entry of a page below made inaccessible, time noted (HintScanner)
///           │
///           ▼ next access: hint fault
///   plenty of free pages above? ──yes──► promoted
///           │ no
///           ▼
///   used within the threshold since it was marked, and the rate limit not reached? ──no──► stays
///           │ yes
///           ▼
///   free pages above the high watermark? ──no──► its kswapd is woken, the page stays
///           │ yes
///           ▼ promoted
/// </code>
///
/// The threshold is adjusted every minute by whether there were more candidates than the rate limit has room for. Rate and threshold are the
/// node's, for all its tasks: <see cref="State"/> is handed from one container to the next.
/// Source: should_numa_migrate_memory, pgdat_free_space_enough, numa_hint_fault_latency, numa_promotion_rate_limit,
/// numa_promotion_adjust_threshold in kernel/sched/fair.c; migrate_misplaced_folio_prepare in mm/migrate.c, v6.12.
/// </summary>
internal sealed class Promotion
{
    /// <summary>A tick, CONFIG_HZ 250: what times are known to.</summary>
    private const long TickMs = 4;

    private const long MsPerSecond = 1000;

    /// <summary>NUMA_MIGRATION_ADJUST_STEPS.</summary>
    private const int AdjustSteps = 16;

    /// <summary>Pages in 1 GiB: so many at least are plenty.</summary>
    private const long PlentyAtLeast = 1L << 18;

    private readonly PageNodes _nodes;
    private readonly PromotionPlan _plan;

    /// <summary>By page: when it was marked or last used by hint, milliseconds (the page's last_cpupid).</summary>
    private readonly uint[] _accessMs;
    private readonly bool[] _isLower;
    private PromotionState _state;

    /// <param name="nodes">Where the pages are.</param>
    /// <param name="plan">Its knobs.</param>
    /// <param name="pages">Size of the space of page numbers.</param>
    public Promotion(PageNodes nodes, PromotionPlan plan, int pages)
    {
        (_nodes, _plan) = (nodes, plan);
        _accessMs = new uint[pages];
        _isLower = [.. Enumerable.Range(0, nodes.Plan.Count).Select(node => !nodes.Plan.Topology.HasCpus(node))];
    }

    /// <summary>What the node of its CPU remembers.</summary>
    public PromotionState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>Whether a page is in slower memory.</summary>
    public bool IsBelow(uint page) => _isLower[_nodes.NodeOf[page]];

    /// <summary>The entry of a page is made inaccessible.</summary>
    public void Mark(uint page, long nowNs) => _accessMs[page] = (uint)Ms(nowNs);

    /// <summary>A page was used by hint: whether it is hot.</summary>
    /// <param name="page">The page.</param>
    /// <param name="nowNs">Virtual time.</param>
    /// <param name="candidate">Whether it counts as a candidate.</param>
    public bool IsHot(uint page, long nowNs, out bool candidate)
    {
        candidate = false;
        var cpu = _nodes.Plan.Cpu;
        if (_nodes.FreeOn(cpu) > _nodes.Plan.Marks[cpu].Promo + Math.Max(PlentyAtLeast, _nodes.Plan.Sizes[cpu] >> 4))
        {
            // The workload changed: the threshold is as at first.
            _state = _state with { ThresholdMs = 0 };
            return true;
        }

        var now = Ms(nowNs);
        Adjust(now);
        var threshold = _state.ThresholdMs != 0 ? _state.ThresholdMs : _plan.HotThresholdMs;
        var latency = now - _accessMs[page];
        _accessMs[page] = (uint)now;
        if (latency >= threshold)
        {
            return false;
        }

        candidate = true;
        return !IsRateLimited(now);
    }

    /// <summary>Whether the node of the CPU has room for a page; if not, its kswapd is to make some.</summary>
    public bool HasRoom()
    {
        var cpu = _nodes.Plan.Cpu;
        if (_nodes.FreeOn(cpu) > _nodes.Plan.Marks[cpu].High + 1)
        {
            return (_nodes.Plan.CpusetMask >> cpu & 1) != 0;
        }

        _nodes.WakeKswapd(cpu);
        return false;
    }

    private bool IsRateLimited(long now)
    {
        var candidates = _state.Candidates + 1;
        _state = _state with { Candidates = candidates };
        if (now - _state.RateSinceMs > MsPerSecond)
        {
            _state = _state with { RateSinceMs = now, CandidatesThen = candidates };
        }

        return candidates - _state.CandidatesThen >= _plan.RateLimitPages;
    }

    private void Adjust(long now)
    {
        if (now - _state.AdjustedMs <= HintScanner.PeriodMaxMs)
        {
            return;
        }

        var expected = _plan.RateLimitPages * HintScanner.PeriodMaxMs / MsPerSecond;
        var seen = _state.Candidates - _state.CandidatesAdjusted;
        var unit = _plan.HotThresholdMs * 2 / AdjustSteps;
        var threshold = _state.ThresholdMs != 0 ? _state.ThresholdMs : _plan.HotThresholdMs;
        threshold = seen > expected * 11 / 10 ? Math.Max(threshold - unit, unit)
            : seen < expected * 9 / 10 ? Math.Min(threshold + unit, _plan.HotThresholdMs * 2)
            : threshold;
        _state = _state with { AdjustedMs = now, CandidatesAdjusted = _state.Candidates, ThresholdMs = threshold };
    }

    private static long Ms(long ns) => ns / (TickMs * 1_000_000) * TickMs;
}

/// <summary>What a node that pages are promoted to remembers (nbp_* of struct pglist_data).</summary>
/// <param name="ThresholdMs">The threshold in force; 0: as it was set.</param>
/// <param name="AdjustedMs">When it was last adjusted.</param>
/// <param name="CandidatesAdjusted">Candidates until then.</param>
/// <param name="RateSinceMs">When the second began that the rate is of.</param>
/// <param name="CandidatesThen">Candidates until then.</param>
/// <param name="Candidates">Candidates in all (pgpromote_candidate).</param>
public readonly record struct PromotionState(long ThresholdMs, long AdjustedMs, long CandidatesAdjusted, long RateSinceMs, long CandidatesThen, long Candidates);
