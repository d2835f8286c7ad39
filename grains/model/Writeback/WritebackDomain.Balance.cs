namespace Reclaim.Model.Writeback;

/// <content>
/// Writers and the limits: below the freerun ceiling they go on freely, above it each sleeps now and then, so that as much becomes dirty
/// as is written, and the sum comes to rest half way between ceiling and limit.
///
/// Source: balance_dirty_pages, balance_dirty_pages_ratelimited, update_dirty_limit in mm/page-writeback.c, v6.8; the same in v6.1 to
/// v6.19.
/// </content>
internal sealed partial class WritebackDomain
{
    /// <summary>A writer looks after so many pages at most once the limit is exceeded: 32 KiB.</summary>
    private const int ExceededPoll = 8;

    /// <summary>wb_stat_error of one CPU.</summary>
    private const int StatError = 8;

    /// <summary>BANDWIDTH_INTERVAL.</summary>
    private const long LimitInterval = Jiffies.Hz / 5;

    private readonly Dirtier[] _dirtiers;

    /// <summary>The memcg's limit as it was lately: it falls slowly (dirty_limit of struct wb_domain).</summary>
    private long _recentLimit;
    private long _recentLimitStamp;
    private bool _isExceeded;

    /// <summary>A job has written to a page: now and then it looks whether too many are dirty, and if so sleeps.</summary>
    /// <returns>The time at which it may go on.</returns>
    public long Balance(uint page, int job, long nowNs)
    {
        ref var dirtier = ref _dirtiers[job];
        if (dirtier.Dirtied < (_isExceeded ? Math.Min(dirtier.NextLook, ExceededPoll) : dirtier.NextLook))
        {
            return nowNs;
        }

        RunUntil(nowNs);
        var flusher = _inodes[_memcg.Tree.FileOf(page)].Flusher!;
        for (var until = nowNs; ;)
        {
            var limits = Limits;
            var dirty = Dirty + UnderWriteback;
            if (dirty <= limits.Freerun && (Host is null || DirtyOnHost <= HostLimits.Freerun))
            {
                var poll = limits.PollInterval(dirty);
                dirtier.RunFreely(Jiffies.At(until), Host is null ? poll : Math.Min(poll, HostLimits.PollInterval(DirtyOnHost)));
                return until;
            }

            flusher.StartBackground(until);
            FindNextEvent();
            var pause = Throttle(ref dirtier, flusher, limits, until, out var rate);
            if (pause == 0)
            {
                return until;
            }

            // It wakes at a tick.
            until = (Jiffies.At(until) + pause) * Jiffies.Ns;
            if (rate != 0 || flusher.DirtyPages + flusher.UnderWriteback <= StatError)
            {
                return until;
            }

            RunUntil(until);
        }
    }

    /// <summary>Pages dirty or under writeback on the host, as far as is known.</summary>
    private long DirtyOnHost => Dirty + UnderWriteback + (Host is { } host ? host.OthersDirty + host.OthersUnderWriteback : 0);

    private long Throttle(ref Dirtier dirtier, BdiWriteback flusher, DirtyLimits limits, long nowNs, out long rate)
    {
        var (dirty, own) = (Dirty + UnderWriteback, flusher.DirtyPages + flusher.UnderWriteback);
        var host = new DirtyPosition(HostLimits, HostLimits.Limit, _completions.ShareOf(HostLimits.Limit, flusher.Written, nowNs), DirtyOnHost, own);
        var memcg = new DirtyPosition(
            limits, Math.Max(limits.Limit, _recentLimit), _completions.ShareOf(limits.Limit, flusher.Written, nowNs), dirty, own);
        _isExceeded = memcg.IsExceeded || (Host is not null && host.IsExceeded);
        if (flusher.Estimate.IsDue(nowNs))
        {
            UpdateRecentLimit(limits.Limit, dirty, Jiffies.At(nowNs));
            flusher.Estimate.Update(nowNs, host, memcg);
        }

        var ratio = Math.Min(host.Ratio(flusher.Estimate.Average), memcg.Ratio(flusher.Estimate.Average));
        rate = flusher.Estimate.Rate * ratio >> DirtyPosition.RatioShift;
        return dirtier.Pause(Jiffies.At(nowNs), rate, flusher.Estimate, own);
    }

    private void UpdateRecentLimit(long limit, long dirty, long now)
    {
        if (now < _recentLimitStamp + LimitInterval)
        {
            return;
        }

        _recentLimitStamp = now;
        var target = Math.Max(limit, dirty);
        _recentLimit = _recentLimit < limit ? limit
            : _recentLimit > target ? _recentLimit - ((_recentLimit - target) >> 5)
            : _recentLimit;
    }
}
