using System.Diagnostics;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;

namespace Reclaim.Client.Runs;

/// <summary>
/// Sends the pages of a run's traces to the memcgs that replay them, in numbered batches, several in flight, as many as there are credits
/// for. What is not kept yet may be asked for again: then the trace is read again from there.
/// </summary>
internal static class TraceFeeding
{
    private const int InFlight = 8;

    /// <summary>How long to wait where there is no credit, or nothing to do but to see whether all of it is kept.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);
    /// <summary>A client that is alive is heard of more often than that.</summary>
    private static readonly TimeSpan _claim = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan _longPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Sends all of the traces, before the run starts.</summary>
    public static async Task FeedAsync(IRun run, IEnumerable<TraceFeed> feeds, CancellationToken stop)
    {
        foreach (var feed in feeds)
        {
            long sequence = 0;
            foreach (var pages in feed.Input.Batches())
            {
                stop.ThrowIfCancellationRequested();
                await run.FeedAsync(feed.Host, feed.Cgroup, new TraceBatch(feed.Workload, sequence++, pages));
            }
        }
    }

    /// <summary>Sends the traces while the run goes on, until all of them are kept.</summary>
    /// <exception cref="FeedRefusedException">Another client sends one of them.</exception>
    /// <exception cref="OperationCanceledException">The run is over, or nobody wants it any longer.</exception>
    public static Task StreamAsync(IRun run, IEnumerable<TraceFeed> feeds, CancellationToken stop)
    {
        var feeder = Guid.NewGuid().ToString("N");
        return Task.WhenAll(feeds.Select(feed => Task.Run(() => StreamAsync(run, feed, feeder, stop), stop)));
    }

    private static async Task StreamAsync(IRun run, TraceFeed feed, string feeder, CancellationToken stop)
    {
        await ClaimAsync(run, feed, feeder, stop);
        for (; ; )
        {
            var from = (await AskAsync(run, feed, feeder, stop)).Next;
            if (await StreamAsync(run, feed, feeder, from, stop) is { } end && await IsKeptAsync(run, feed, feeder, end, stop))
            {
                return;
            }
        }
    }

    /// <summary>Takes over a trace whose client has died; from one that lives it cannot be had.</summary>
    private static async Task ClaimAsync(IRun run, TraceFeed feed, string feeder, CancellationToken stop)
    {
        var until = Stopwatch.GetTimestamp() + (long)(_claim.TotalSeconds * Stopwatch.Frequency);
        for (; ; )
        {
            try
            {
                await AskAsync(run, feed, feeder, stop);
                return;
            }
            catch (FeedRefusedException) when (Stopwatch.GetTimestamp() < until)
            {
                await Task.Delay(_longPause, stop);
            }
        }
    }

    /// <summary>Sends a trace from some batch on.</summary>
    /// <returns>The number of batches it has; null: it has to be sent again from somewhere before.</returns>
    private static async Task<long?> StreamAsync(IRun run, TraceFeed feed, string feeder, long from, CancellationToken stop)
    {
        var standing = await AskAsync(run, feed, feeder, stop);
        var at = from;
        foreach (var round in feed.Input.Batches().Skip((int)from).Chunk(InFlight))
        {
            for (var sent = 0; sent < round.Length;)
            {
                if (standing.Next != at + sent)
                {
                    return null;
                }

                var count = Math.Min(standing.Credits, round.Length - sent);
                if (count == 0)
                {
                    await Task.Delay(_pause, stop);
                    standing = await AskAsync(run, feed, feeder, stop);
                    continue;
                }

                var first = at + sent;
                var replies = await Task.WhenAll(round.Skip(sent).Take(count).Select((pages, i) =>
                    TryAsync(() => run.FeedAsync(feed.Host, feed.Cgroup, new TraceBatch(feed.Workload, first + i, pages) { Feeder = feeder }), stop)));
                sent += count;
                standing = replies.All(reply => reply is not null) ? replies.MaxBy(reply => reply!.Value.Next)!.Value : await AskAsync(run, feed, feeder, stop);
            }

            at += round.Length;
        }

        return standing.Next == at ? at : null;
    }

    /// <summary>Waits until nobody will ask for any of a trace again.</summary>
    /// <returns>False: some of it has been lost.</returns>
    private static async Task<bool> IsKeptAsync(IRun run, TraceFeed feed, string feeder, long end, CancellationToken stop)
    {
        for (; ; )
        {
            var standing = await AskAsync(run, feed, feeder, stop);
            if (standing.Kept >= end || standing.Next < end)
            {
                return standing.Kept >= end;
            }

            await Task.Delay(_longPause, stop);
        }
    }

    private static async Task<FeedReply> AskAsync(IRun run, TraceFeed feed, string feeder, CancellationToken stop)
    {
        for (; ; )
        {
            if (await TryAsync(() => run.FedAsync(feed.Host, feed.Cgroup, feed.Workload, feeder), stop) is { } standing)
            {
                return standing;
            }

            await Task.Delay(_longPause, stop);
        }
    }

    /// <summary>Null if what was called is lost: it will be taken up elsewhere.</summary>
    private static async Task<FeedReply?> TryAsync(Func<Task<FeedReply>> call, CancellationToken stop)
    {
        try
        {
            return await call().WaitAsync(stop);
        }
        catch (Exception e) when (!stop.IsCancellationRequested && RunLoss.IsPassing(e))
        {
            return null;
        }
    }
}
