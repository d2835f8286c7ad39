using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;

namespace Reclaim.Client.Runs;

/// <summary>
/// Sends the pages of a run's traces to the memcgs that replay them, in numbered batches, several in flight. All of a trace is
/// there before the run starts: whatever the order of arrival, no workload ever waits for its own input.
/// </summary>
internal static class TraceFeeding
{
    private const int InFlight = 8;

    public static async Task FeedAsync(IRun run, IEnumerable<TraceFeed> feeds, CancellationToken stop)
    {
        foreach (var feed in feeds)
        {
            await FeedAsync(run, feed, stop);
        }
    }

    private static async Task FeedAsync(IRun run, TraceFeed feed, CancellationToken stop)
    {
        var inFlight = new Queue<Task>(InFlight);
        long sequence = 0;
        foreach (var pages in feed.Input.Batches())
        {
            stop.ThrowIfCancellationRequested();
            if (inFlight.Count == InFlight)
            {
                await inFlight.Dequeue();
            }

            inFlight.Enqueue(run.FeedAsync(feed.Host, feed.Cgroup, new TraceBatch(feed.Workload, sequence++, pages)));
        }

        await Task.WhenAll(inFlight);
    }
}
