using System.Diagnostics;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;

namespace Reclaim.Client.Runs;

/// <summary>Takes one scenario through its run: prepare, start, feed its traces, wait, collect.</summary>
internal static class RunExecution
{
    /// <param name="host">Where it runs.</param>
    /// <param name="scenario">What runs.</param>
    /// <param name="watch">Told of the run once it exists, and of its warnings.</param>
    /// <param name="stop">Ends the run early; its results so far are returned, marked incomplete.</param>
    /// <exception cref="InputException">The model found the specification wrong.</exception>
    /// <exception cref="RunFailedException">The run failed.</exception>
    public static async Task<RunResults> RunAsync(IRunHost host, Scenario scenario, IRunWatch watch, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        var run = await host.CreateAsync(scenario.Spec, CancellationToken.None);
        var log = Problems(scenario, run.Problems);
        log.ThrowIfErrors();
        watch.Begin(scenario, run, [.. log.Warnings]);
        await run.StartAsync();
        using (var ended = new CancellationTokenSource())
        {
            using var feeding = CancellationTokenSource.CreateLinkedTokenSource(stop, ended.Token);
            var feeds = TraceFeeding.FeedAsync(run, scenario.Traces, feeding.Token);
            await WaitAsync(run, feeds, stop);
            await ended.CancelAsync();
            await Finished(feeds);
        }

        watch.End(run);
        var progress = await run.ProgressAsync();
        if (progress.Phase == RunPhase.Failed)
        {
            throw new RunFailedException($"{scenario.Spec.Scenario}: the run failed: {(progress.Error ?? "unknown reason").ReplaceLineEndings(" ")}");
        }

        var results = await run.ResultsAsync();
        return results with { WallSeconds = Math.Round(clock.Elapsed.TotalSeconds, 3) };
    }

    /// <summary>The model's problems, each with the place where its key was written.</summary>
    public static ProblemLog Problems(Scenario scenario, IEnumerable<SpecProblem> problems)
    {
        var log = new ProblemLog();
        foreach (var problem in problems)
        {
            var origin = scenario.Locate(problem.Key);
            if (problem.IsWarning)
            {
                log.Warn(origin, problem.Key, problem.Message);
            }
            else
            {
                log.Error(origin, problem.Key, problem.Message);
            }
        }

        return log;
    }

    private static async Task WaitAsync(IRun run, Task feeds, CancellationToken stop)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var done = run.WaitAsync(giveUp.Token);
        if (await Task.WhenAny(done, feeds) == feeds && feeds.IsFaulted)
        {
            await run.StopAsync();
            await giveUp.CancelAsync();
            await feeds;
        }

        try
        {
            await done;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await run.StopAsync();
            await run.WaitAsync(CancellationToken.None);
        }
    }

    private static async Task Finished(Task feeds)
    {
        try
        {
            await feeds;
        }
        catch (OperationCanceledException)
        {
            // The run ended before its trace did.
        }
    }
}
