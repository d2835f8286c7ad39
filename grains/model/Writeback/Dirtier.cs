using System.Numerics;

namespace Reclaim.Model.Writeback;

/// <summary>
/// A task that makes pages dirty: when it looks whether they are too many, and for how long it sleeps then.
///
/// Source: the fields nr_dirtied, nr_dirtied_pause, dirty_paused_when of struct task_struct; the second half of balance_dirty_pages,
/// wb_max_pause, wb_min_pause in mm/page-writeback.c, v6.8; the same in v6.1 to v6.19.
/// </summary>
internal struct Dirtier
{
    /// <summary>nr_dirtied_pause of a new task: 128 KiB. DIRTY_POLL_THRESH is the same.</summary>
    private const int Poll = 32;

    /// <summary>MAX_PAUSE, jiffies.</summary>
    private const long MaxPause = Jiffies.Hz / 5;

    /// <summary>1 + HZ / 8, rounded up to a power of two.</summary>
    private const long EighthSecond = 32;

    private long _pausedWhen;

    public Dirtier() => NextLook = Poll;

    /// <summary>Pages made dirty since it last looked (nr_dirtied).</summary>
    public long Dirtied;

    /// <summary>Pages after which it looks again (nr_dirtied_pause).</summary>
    public long NextLook;

    /// <summary>Nothing to wait for.</summary>
    public void RunFreely(long now, int nextLook) => (_pausedWhen, Dirtied, NextLook) = (now, 0, nextLook);

    /// <summary>How long it sleeps to keep to its rate, what it took since its last pause included.</summary>
    /// <param name="now">Now, jiffies.</param>
    /// <param name="rate">Pages a second it may make dirty.</param>
    /// <param name="estimate">Of the flusher.</param>
    /// <param name="flusherDirty">Pages of the flusher's dirty or under writeback.</param>
    /// <returns>Jiffies; 0: not at all.</returns>
    public long Pause(long now, long rate, BandwidthEstimate estimate, long flusherDirty)
    {
        // A small pool must not run empty meanwhile.
        var most = Math.Min(flusherDirty / (1 + estimate.Average / EighthSecond) + 1, MaxPause);
        var (least, nextLook) = Target(most, rate, estimate);
        if (rate == 0)
        {
            return Sleep(now, most, nextLook);
        }

        var period = Jiffies.Hz * Dirtied / rate;
        var pause = period - (_pausedWhen != 0 ? now - _pausedWhen : 0);
        if (pause >= least)
        {
            return pause <= most ? Sleep(now, pause, nextLook) : Sleep(now + Math.Min(pause - most, most), most, nextLook);
        }

        if (pause < -Jiffies.Hz)
        {
            (_pausedWhen, Dirtied) = (now, 0);
        }
        else if (period != 0)
        {
            // Too short to sleep: the next pause makes up for it.
            (_pausedWhen, Dirtied) = (_pausedWhen + period, 0);
        }
        else if (NextLook <= Dirtied)
        {
            NextLook += Dirtied;
        }

        return 0;
    }

    private long Sleep(long now, long pause, long nextLook)
    {
        (_pausedWhen, Dirtied, NextLook) = (now + pause, 0, nextLook);
        return pause;
    }

    /// <summary>Pauses of 10 ms, longer with more writers; and pages between them, 32 at least if that can be.</summary>
    private static (long Least, long NextLook) Target(long most, long rate, BandwidthEstimate estimate)
    {
        var pause = Math.Max(1, Jiffies.Hz / 100L);
        var (all, one) = (BitOperations.Log2((ulong)estimate.Average), BitOperations.Log2((ulong)estimate.Rate));
        if (all > one)
        {
            pause += (all - one) * (10 * Jiffies.Hz) / 1024;
        }

        pause = Math.Min(pause, 1 + most / 2);
        var pages = estimate.Rate * pause / Jiffies.RoundHz;
        if (pages < Poll)
        {
            pause = most;
            pages = estimate.Rate * pause / Jiffies.RoundHz;
            if (pages > Poll)
            {
                (pages, pause) = (Poll, Jiffies.Hz * Poll / estimate.Rate);
            }
        }

        if (Jiffies.Hz * pages / (rate + 1) > most)
        {
            (pause, pages) = (most, rate * most / Jiffies.RoundHz);
        }

        return (pages >= Poll ? 1 + pause / 2 : pause, pages);
    }
}
