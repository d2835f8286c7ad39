using Reclaim.Model.Kernels;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// The feedback loop that decides which tiers of the oldest generation are worth protecting. For each type and tier it keeps
/// what was evicted and what of that refaulted, now and as a moving average over past generations; a tier whose refault
/// ratio is more than about twice that of tier 0 is protected, and all tiers above it.
///
/// Source: read_ctrl_pos, reset_ctrl_pos, positive_ctrl_err, get_tier_idx, get_type_to_scan in mm/vmscan.c, v6.8 and v6.14.
/// Arithmetic is unsigned 64-bit and wraps silently, as the kernel's does.
/// </summary>
internal sealed class TierController
{
    /// <summary>MAX_NR_TIERS.</summary>
    public const int Tiers = 4;

    /// <summary>MIN_LRU_BATCH, BITS_PER_LONG: below so many refaults a ratio says nothing.</summary>
    private const ulong MinBatch = 64;

    private readonly (ulong Base, ulong Upper) _gains;

    /// <summary>The lowest tier whose protected pages count: in tier 0 only aging puts any there, from v6.14 on.</summary>
    private readonly int _firstProtected;
    private readonly int _history;
    private readonly ulong[] _avgRefaulted = new ulong[2 * Tiers];
    private readonly ulong[] _avgTotal = new ulong[2 * Tiers];
    private readonly ulong[] _refaulted;
    private readonly ulong[] _evicted;
    private readonly ulong[] _protected;

    public TierController(KernelRuleSet rules)
    {
        _gains = rules.TierGains;
        _firstProtected = rules.TierTotals == TierTotals.ProtectedAndForced ? 0 : 1;
        _history = rules.HistoryGenerations;
        _refaulted = new ulong[_history * 2 * Tiers];
        _evicted = new ulong[_history * 2 * Tiers];
        _protected = new ulong[_history * 2 * Tiers];
    }

    /// <summary>Counts a page evicted from generation <paramref name="seq"/>.</summary>
    public void CountEvicted(ulong seq, int type, int tier) => _evicted[At(seq, type, tier)]++;

    /// <summary>Counts a page of generation <paramref name="seq"/> that was protected.</summary>
    public void CountProtected(ulong seq, int type, int tier) => _protected[At(seq, type, tier)]++;

    /// <summary>Counts a page that refaulted while <paramref name="seq"/> is the generation being evicted.</summary>
    public void CountRefaulted(ulong seq, int type, int tier) => _refaulted[At(seq, type, tier)]++;

    /// <summary>Credits a refault to the averages directly ("Refault distance update with MGLRU support").</summary>
    public void CreditAverage(int type, int tier)
    {
        _avgRefaulted[type * Tiers + tier]++;
        _avgTotal[type * Tiers + tier]++;
    }

    /// <summary>Pages evicted from generation <paramref name="seq"/>, all tiers.</summary>
    public ulong Evicted(ulong seq, int type)
    {
        var sum = 0ul;
        for (var tier = 0; tier < Tiers; tier++)
        {
            sum += _evicted[At(seq, type, tier)];
        }

        return sum;
    }

    /// <summary>The numbers of one row of lru_gen_full: averages.</summary>
    public (ulong Refaulted, ulong Total) Average(int type, int tier) => (_avgRefaulted[type * Tiers + tier], _avgTotal[type * Tiers + tier]);

    /// <summary>The numbers of one row of lru_gen_full: the generation's own.</summary>
    public (ulong Refaulted, ulong Evicted, ulong Protected) Current(ulong seq, int type, int tier)
    {
        var at = At(seq, type, tier);
        return (_refaulted[at], _evicted[at], _protected[at]);
    }

    /// <summary>What the comparisons go by: averages and the generation's own (read_ctrl_pos).</summary>
    public (ulong Refaulted, ulong Total) Sums(ulong seq, int type, int tier)
    {
        var position = Read(seq, type, tier, 0);
        return (position.Refaulted, position.Total);
    }

    /// <summary>Takes over the numbers of a tier as lru_gen_full shows them.</summary>
    public void Restore(
        ulong seq, int type, int tier, (ulong Refaulted, ulong Total) average, (ulong Refaulted, ulong Evicted, ulong Protected) current)
    {
        (_avgRefaulted[type * Tiers + tier], _avgTotal[type * Tiers + tier]) = average;
        var at = At(seq, type, tier);
        (_refaulted[at], _evicted[at], _protected[at]) = current;
    }

    /// <summary>
    /// The highest tier of the oldest generation that may be evicted: tiers above it are protected (get_tier_idx).
    /// </summary>
    public int TierThreshold(ulong seq, int type)
    {
        var target = Read(seq, type, 0, _gains.Base);
        var tier = 1;
        for (; tier < Tiers; tier++)
        {
            if (!PositiveError(target, Read(seq, type, tier, _gains.Upper)))
            {
                break;
            }
        }

        return tier - 1;
    }

    /// <summary>
    /// Which type to evict when both have the same oldest generation, and its tier threshold (get_type_to_scan).
    /// </summary>
    public (int Type, int Tier) TypeToScan(ulong anonSeq, ulong fileSeq, int swappiness)
    {
        ReadOnlySpan<ulong> gain = [(ulong)swappiness, (ulong)(200 - swappiness)];
        ReadOnlySpan<ulong> seq = [anonSeq, fileSeq];
        var type = PositiveError(Read(anonSeq, 0, 0, gain[0]), Read(fileSeq, 1, 0, gain[1])) ? 1 : 0;
        var target = Read(seq[1 - type], 1 - type, 0, gain[1 - type]);
        var tier = 1;
        for (; tier < Tiers; tier++)
        {
            if (!PositiveError(target, Read(seq[type], type, tier, gain[type])))
            {
                break;
            }
        }

        return (type, tier - 1);
    }

    /// <summary>Which type to evict, by all tiers together; swappiness from 2 to 199 (get_type_to_scan, v6.14).</summary>
    public int TypeBySums(ulong anonSeq, ulong fileSeq, int swappiness) =>
        PositiveError(ReadAll(anonSeq, 0, (ulong)swappiness), ReadAll(fileSeq, 1, (ulong)(200 - swappiness))) ? 1 : 0;

    /// <summary>Folds the generation that is no longer the oldest into the averages (reset_ctrl_pos with carryover).</summary>
    public void CarryOver(ulong seq, int type)
    {
        for (var tier = 0; tier < Tiers; tier++)
        {
            var at = At(seq, type, tier);
            ref var refaulted = ref _avgRefaulted[type * Tiers + tier];
            ref var total = ref _avgTotal[type * Tiers + tier];
            refaulted = (refaulted + _refaulted[at]) / 2;
            total = (total + _evicted[at] + (tier >= _firstProtected ? _protected[at] : 0)) / 2;
        }

        if (_history == 1)
        {
            Clear(seq, type);
        }
    }

    /// <summary>Makes room for the counters of a new generation (reset_ctrl_pos without carryover; only with CONFIG_LRU_GEN_STATS).</summary>
    public void StartGeneration(ulong seq, int type)
    {
        if (_history > 1)
        {
            Clear(seq, type);
        }
    }

    private void Clear(ulong seq, int type)
    {
        var at = At(seq, type, 0);
        _refaulted.AsSpan(at, Tiers).Clear();
        _evicted.AsSpan(at, Tiers).Clear();
        _protected.AsSpan(at, Tiers).Clear();
    }

    private ControlPosition Read(ulong seq, int type, int tier, ulong gain)
    {
        var at = At(seq, type, tier);
        var average = type * Tiers + tier;
        return new ControlPosition(
            _avgRefaulted[average] + _refaulted[at],
            _avgTotal[average] + _evicted[at] + (tier >= _firstProtected ? _protected[at] : 0),
            gain);
    }

    /// <summary>All tiers of a type together (read_ctrl_pos with MAX_NR_TIERS, v6.14).</summary>
    private ControlPosition ReadAll(ulong seq, int type, ulong gain)
    {
        var sum = new ControlPosition(0, 0, gain);
        for (var tier = 0; tier < Tiers; tier++)
        {
            var position = Read(seq, type, tier, gain);
            sum = sum with { Refaulted = sum.Refaulted + position.Refaulted, Total = sum.Total + position.Total };
        }

        return sum;
    }

    private int At(ulong seq, int type, int tier) => ((int)(seq % (ulong)_history) * 2 + type) * Tiers + tier;

    /// <summary>Whether the process variable refaults no more than the set point allows (positive_ctrl_err).</summary>
    private static bool PositiveError(ControlPosition target, ControlPosition actual) =>
        actual.Refaulted < MinBatch
        || unchecked(actual.Refaulted * (target.Total + MinBatch) * target.Gain) <= unchecked((target.Refaulted + 1) * actual.Total * actual.Gain);

    private readonly record struct ControlPosition(ulong Refaulted, ulong Total, ulong Gain);
}
