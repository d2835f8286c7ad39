namespace Reclaim.Model.Steps;

/// <content>Traces that come to it in batches.</content>
public sealed partial class Container
{
    /// <summary>
    /// Takes a batch of a trace: little-endian 32-bit page numbers. Batches of a trace are taken in order of sequence from 0;
    /// an earlier one is ignored, a later one waits.
    /// </summary>
    /// <param name="feed">Which trace: <see cref="StreamPlan.Feed"/>.</param>
    /// <param name="sequence">Number of the batch.</param>
    /// <param name="pages">The numbers.</param>
    /// <exception cref="ArgumentException">No such trace, or a page beyond its file.</exception>
    public void Feed(int feed, long sequence, ReadOnlyMemory<byte> pages)
    {
        if (!_feeds.TryGetValue(feed, out var source))
        {
            throw new ArgumentException($"workload {feed} is not a trace", nameof(feed));
        }

        source.Feed(sequence, pages);
    }

    /// <summary>How far a trace has come: number of the batch that comes next, and batches that wait to be used.</summary>
    /// <exception cref="ArgumentException">No such trace.</exception>
    public (long Next, int Waiting) Fed(int feed) => _feeds.TryGetValue(feed, out var source)
        ? (source.NextSequence, source.Batches)
        : throw new ArgumentException($"workload {feed} is not a trace", nameof(feed));

    /// <summary>The traces it replays.</summary>
    public IEnumerable<int> Feeds => _feeds.Keys.Order();

    /// <summary>Whether it cannot begin before all of its traces are here: its policy knows the future.</summary>
    public bool NeedsAllTraces => _whenFed is not null;

    /// <summary>Accesses that it can make for sure before a trace of it runs dry; <see cref="long.MaxValue"/>: all, or as many as it likes.</summary>
    public long Supply
    {
        get
        {
            var supply = long.MaxValue;
            foreach (var (feed, source) in _feeds)
            {
                if (!source.IsComplete && !AccessLoop.IsDone(_loop.Jobs[JobOf(feed)]))
                {
                    // A stream takes its requests some at a time, and looks for the next when it has used them up.
                    supply = NeedsAllTraces ? 0 : Math.Min(supply, Math.Max(0, source.Supply - Stream.RequestsAtOnce - 1));
                }
            }

            return supply;
        }
    }

    private int JobOf(int feed)
    {
        var job = 0;
        while (!Plan.Jobs[job].Streams.Any(stream => stream.Feed == feed))
        {
            job++;
        }

        return job;
    }
}
