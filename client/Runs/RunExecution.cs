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
    public static Task<RunResults> RunAsync(IRunHost host, Scenario scenario, IRunWatch watch, CancellationToken stop) =>
        RunAsync(host, scenario, watch, paused: false, over: null, stop);

    /// <inheritdoc cref="RunAsync(IRunHost, Scenario, IRunWatch, CancellationToken)"/>
    /// <param name="host">Where it runs.</param>
    /// <param name="scenario">What runs.</param>
    /// <param name="watch">Told of the run once it exists, and of its warnings.</param>
    /// <param name="paused">Whether somebody else starts it.</param>
    /// <param name="over">Gets the results while the run is still there.</param>
    /// <param name="stop">Ends the run early; its results so far are returned, marked incomplete.</param>
    public static async Task<RunResults> RunAsync(
        IRunHost host, Scenario scenario, IRunWatch watch, bool paused, Func<RunResults, Task>? over, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        await using var run = await CreateAsync(host, scenario);
        var log = Problems(scenario, run.Problems);
        log.ThrowIfErrors();
        watch.Begin(scenario, run, [.. log.Warnings]);
        try
        {
            if (run.Streams)
            {
                if (!paused)
                {
                    await run.StartAsync();
                }

                await WaitAsync(run, scenario, stop);
            }
            else
            {
                await TraceFeeding.FeedAsync(run, scenario.Traces, stop);
                if (!paused)
                {
                    await run.StartAsync();
                }

                await run.WaitAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await run.StopAsync();
        }

        watch.End(run);
        var progress = await run.ProgressAsync();
        if (progress.Phase == RunPhase.Failed)
        {
            throw new RunFailedException($"{scenario.Spec.Scenario}: the run failed: {(progress.Error ?? "unknown reason").ReplaceLineEndings(" ")}");
        }

        var results = await run.ResultsAsync() with { WallSeconds = Math.Round(clock.Elapsed.TotalSeconds, 3) };
        await (over?.Invoke(results) ?? Task.CompletedTask);
        return results;
    }

    private static async Task<IRun> CreateAsync(IRunHost host, Scenario scenario)
    {
        try
        {
            return await host.CreateAsync(scenario.Spec, CancellationToken.None);
        }
        catch (ArgumentException e)
        {
            throw new InputException($"--name: {e.Message}");
        }
    }

    /// <summary>Waits for the end of a run, and sends it its traces meanwhile.</summary>
    private static async Task WaitAsync(IRun run, Scenario scenario, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var (end, feeding) = (run.WaitAsync(stop), TraceFeeding.StreamAsync(run, scenario.Traces, over.Token));
        if (await Task.WhenAny(end, feeding) == feeding && !feeding.IsCompletedSuccessfully && !stop.IsCancellationRequested)
        {
            await run.StopAsync();
            await feeding;
        }

        await end;
        await over.CancelAsync();
    }

    /// <summary>The model's problems, each with the place where its key was written.</summary>
    public static ProblemLog Problems(Scenario scenario, IEnumerable<SpecProblem> problems)
    {
        var log = new ProblemLog();
        foreach (var problem in problems)
        {
            var (origin, key) = scenario.Locate(problem.Key);
            if (problem.IsWarning)
            {
                log.Warn(origin, key, problem.Message);
            }
            else
            {
                log.Error(origin, key, problem.Message);
            }
        }

        return log;
    }
}
