namespace Reclaim.Model.Steps;

/// <summary>
/// The time of a request that may run out of pages in the middle. Until it goes on, its job's clock stands where this attempt began: to others it is as if
/// the attempt had not been made, for whose turn it is must not depend on grants. What the job waits for meanwhile, reclaim or a CPU, comes on top.
/// A request that slept in the middle, for writeback or a device, begins another attempt when it wakes: others go first that are behind by then.
/// </summary>
/// <param name="StartNs">When it began.</param>
/// <param name="FromNs">When this attempt began.</param>
/// <param name="MadeNs">How long it has taken by then, waits between attempts apart.</param>
internal readonly record struct RequestClock(long StartNs, long FromNs, long MadeNs)
{
    /// <summary>A request begins.</summary>
    public static RequestClock At(long nowNs) => new(nowNs, nowNs, 0);

    /// <summary>It goes on.</summary>
    /// <param name="nowNs">The job's clock, which goes on to where the request is.</param>
    public RequestClock Resume(ref long nowNs)
    {
        var from = nowNs;
        nowNs += MadeNs;
        return this with { FromNs = from };
    }

    /// <summary>It has slept.</summary>
    /// <param name="nowNs">The job's clock.</param>
    public RequestClock Wake(long nowNs) => this with { FromNs = nowNs, MadeNs = 0 };

    /// <summary>It has no pages left.</summary>
    /// <param name="nowNs">The job's clock, which goes back to where this attempt began.</param>
    public RequestClock Interrupt(ref long nowNs)
    {
        var made = nowNs - FromNs;
        nowNs = FromNs;
        return this with { MadeNs = made };
    }
}
