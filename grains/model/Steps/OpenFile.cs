using Reclaim.Model.Readahead;

namespace Reclaim.Model.Steps;

/// <summary>
/// An open file that is read with readahead: its window, the request it is in, and transfers that nobody has waited for.
///
/// A request that needs more pages than its step was granted stops between two pages, and goes on from there in the next step
/// as if nothing had been: so it is kept here where it stands.
/// </summary>
internal sealed class OpenFile(StreamPlan plan)
{
    private readonly List<(long Start, long End, long DoneNs)> _transfers = [];

    /// <summary>Pages of the largest window.</summary>
    /// <remarks>posix_fadvise doubles it for a sequential reader, madvise does not.</remarks>
    public int Max { get; } = plan.Path == AccessPath.Mapped ? plan.ReadAheadPages : ReadaheadWindow.MaxPages(plan.ReadAheadPages, plan.Advice);

    /// <summary>Whether it will be read from front to back.</summary>
    public bool IsSequential { get; } = plan.Advice == ReadaheadAdvice.Sequential;

    /// <summary>Whether only requested pages are read.</summary>
    public bool IsRandom { get; } = plan.Advice == ReadaheadAdvice.Random;

    /// <summary>Index of the file in the plan.</summary>
    public int File { get; } = plan.File;

    /// <summary>Where readahead stands.</summary>
    public ReadaheadWindow Window = ReadaheadWindow.Fresh;

    /// <summary>Mapped: faults of pages that were not in memory less those that were, and pages that fault-around came upon (mmap_miss).</summary>
    public int MmapMiss;

    /// <summary>Whether a request has begun and is not done.</summary>
    public bool InRequest;

    /// <summary>Its time.</summary>
    public RequestClock Clock;

    /// <summary>Virtual time at which all that the request has read so far will be there, if it does not wait.</summary>
    public long DoneNs;

    /// <summary>Next page of the request, as an index into the file.</summary>
    public long Index;

    /// <summary>Whether readahead was already tried for that page.</summary>
    public bool Tried;

    /// <summary>What is being brought in; empty for nothing.</summary>
    public ReadaheadRange Range;

    /// <summary>Pages of <see cref="Range"/> that were gone through, and how many of them were brought in.</summary>
    public int RangeDone, RangeRead;

    /// <summary>Whether this open file is read so at all: with readahead on.</summary>
    public static OpenFile? Of(StreamPlan plan) =>
        plan.ReadAheadPages > 0 && plan.Path != AccessPath.Anonymous ? new OpenFile(plan) : null;

    /// <summary>A request begins with a page.</summary>
    public void Begin(long nowNs, long index) =>
        (InRequest, Clock, DoneNs, Index, Tried, Range) = (true, RequestClock.At(nowNs), 0, index, false, default);

    /// <summary>Records a transfer of pages into memory.</summary>
    /// <param name="start">Index of the first page.</param>
    /// <param name="end">Index after the last page.</param>
    /// <param name="nowNs">When it was started.</param>
    /// <param name="doneNs">When it is done.</param>
    public void Started(long start, long end, long nowNs, long doneNs)
    {
        _transfers.RemoveAll(transfer => transfer.DoneNs <= nowNs);
        if (doneNs > nowNs)
        {
            _transfers.Add((start, end, doneNs));
        }
    }

    /// <summary>Virtual time at which a page is up to date; 0 if it has long been.</summary>
    public long UpToDateNs(long index)
    {
        var doneNs = 0L;
        foreach (var (start, end, done) in _transfers)
        {
            if (index >= start && index < end)
            {
                doneNs = Math.Max(doneNs, done);
            }
        }

        return doneNs;
    }
}
