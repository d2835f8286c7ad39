namespace Reclaim.Model.Writeback;

/// <summary>
/// Pages written lately, by all flushers of a domain: old ones count half as much every three seconds. A flusher's part of them is its
/// share of the limits.
///
/// Source: wb_domain_writeout_add, writeout_period in mm/page-writeback.c; fprop_new_period, fprop_fraction_percpu in
/// lib/flex_proportions.c, v6.8; the same in v6.1 to v6.19. Simplified: other memcgs' flushers are not in it.
/// </summary>
internal sealed class Completions
{
    /// <summary>VM_COMPLETIONS_PERIOD_LEN.</summary>
    private const long PeriodNs = 3_000_000_000;

    private long _events = 1;
    private long _period;
    private long _periodEndNs = long.MaxValue;

    /// <summary>A flusher's part of the pages written.</summary>
    public sealed class Part
    {
        /// <summary>Its pages, as of <see cref="Period"/>.</summary>
        public long Events;

        public long Period;
    }

    /// <summary>Pages were written.</summary>
    public void Add(Part part, int pages, long nowNs)
    {
        Reflect(part, nowNs);
        part.Events += pages;
        _events += pages;
        if (_periodEndNs == long.MaxValue)
        {
            _periodEndNs = nowNs + PeriodNs;
        }
    }

    /// <summary>So much of pages is a flusher's share; none if it has long been idle.</summary>
    public long ShareOf(long pages, Part part, long nowNs)
    {
        Reflect(part, nowNs);
        return pages * part.Events / Math.Max(Math.Max(_events, part.Events), 1);
    }

    private void Reflect(Part part, long nowNs)
    {
        while (_periodEndNs <= nowNs)
        {
            if (_events <= 1)
            {
                // Nothing is left to grow old.
                _periodEndNs = long.MaxValue;
                break;
            }

            _events >>= 1;
            _period++;
            _periodEndNs += PeriodNs;
        }

        part.Events = _period - part.Period < 63 ? part.Events >> (int)(_period - part.Period) : 0;
        part.Period = _period;
    }
}
