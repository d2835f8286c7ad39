namespace Reclaim.Grains.Runs;

/// <summary>
/// How fast a run goes and how far, as people want it who watch: it decides when steps are taken and how many accesses they are of, and reaches no
/// result, as where steps are cut never does.
/// </summary>
internal sealed class RunPace(TimeProvider clock)
{
    /// <summary>A run that is watched takes steps about so long, so that what is seen of it moves and it stops at once.</summary>
    public static readonly TimeSpan WatchedStep = TimeSpan.FromMilliseconds(100);

    /// <summary>How long somebody who has looked counts as watching.</summary>
    private static readonly TimeSpan AttentionSpan = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(25);

    private long? lookedAt;
    private (long NowNs, long At) since;

    /// <summary>Most virtual seconds in a second; null: as fast as it can.</summary>
    public double? Speed { get; private set; }

    /// <summary>Virtual time at which it pauses by itself, nanoseconds; null: it does not.</summary>
    public long? UntilNs { get; set; }

    /// <summary>Whether steps are to be short.</summary>
    public bool IsClose => Speed is not null || UntilNs is not null || (lookedAt is { } at && clock.GetElapsedTime(at) < AttentionSpan);

    /// <summary>Somebody has looked.</summary>
    public void Look() => lookedAt = clock.GetTimestamp();

    /// <summary>Goes at another speed from now on.</summary>
    /// <param name="speed">Virtual seconds in a second, or null.</param>
    /// <param name="nowNs">Virtual time.</param>
    /// <exception cref="ArgumentException">No speed that anything could go at.</exception>
    public void Go(double? speed, long nowNs)
    {
        if (speed is { } wanted && !(wanted > 0 && double.IsFinite(wanted)))
        {
            throw new ArgumentException($"a speed of {wanted} virtual seconds in a second: it must be more than 0");
        }

        Speed = speed;
        From(nowNs);
    }

    /// <summary>It goes on after it stood still: that does not count.</summary>
    public void From(long nowNs) => since = (nowNs, clock.GetTimestamp());

    /// <summary>Waits until a host may take its next step, or is to take none.</summary>
    /// <param name="nowNs">Virtual time of the host.</param>
    /// <param name="goesOn">Whether it is to go on at all.</param>
    public async Task Wait(long nowNs, Func<bool> goesOn)
    {
        while (goesOn() && Ahead(nowNs) is { } ahead && ahead > TimeSpan.Zero)
        {
            await Task.Delay(ahead < Slice ? ahead : Slice);
        }
    }

    /// <summary>By how much a host at that time is too early; null: it cannot be.</summary>
    public TimeSpan? Ahead(long nowNs) => Speed is { } speed
        ? TimeSpan.FromSeconds(Math.Min((nowNs - since.NowNs) / 1e9 / speed, 1e6)) - clock.GetElapsedTime(since.At)
        : null;

    /// <summary>Virtual time that one step may take, about, nanoseconds.</summary>
    public long StepNs(long nowNs) => Math.Min(
        Speed is { } speed ? (long)Math.Clamp(speed * WatchedStep.Ticks * 100, 1, 1e18) : long.MaxValue,
        UntilNs is { } until ? Math.Max(1, until - nowNs) : long.MaxValue);
}

/// <summary>How many accesses each step of a host is of, by what the last one came to.</summary>
/// <param name="most">Where nobody watches.</param>
internal sealed class StepSize(long most)
{
    /// <summary>Of a host whose pace is not known yet.</summary>
    private const long First = 2_000;

    private const long Least = 16;

    private long last = First;
    private double nsPerAccess;

    /// <summary>Of the next step.</summary>
    public long Next(RunPace pace, long nowNs)
    {
        if (!pace.IsClose)
        {
            return most;
        }

        var fitting = nsPerAccess > 0 ? Math.Min(pace.StepNs(nowNs) / nsPerAccess, most) : last;
        return (long)Math.Clamp(fitting, Least, Math.Min(last, most));
    }

    /// <summary>A step was taken.</summary>
    /// <param name="accesses">Accesses that it was to be of.</param>
    /// <param name="advancedNs">Virtual time that passed.</param>
    /// <param name="took">Time that it took.</param>
    public void Took(long accesses, long advancedNs, TimeSpan took)
    {
        if (advancedNs > 0)
        {
            nsPerAccess = (double)advancedNs / accesses;
        }

        var fitting = accesses * Math.Clamp(RunPace.WatchedStep / (took + TimeSpan.FromMicroseconds(1)), 0.02, 2);
        last = (long)Math.Clamp(fitting, Least, most);
    }
}
