using Reclaim.Client.Runs;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Results;
using Reclaim.Silo;
using Reclaim.Silo.Live;

namespace Reclaim.Client.Commands;

/// <summary>A run with a page that shows it: <c>--live</c>. The page outlives the run, until whoever looks has seen enough.</summary>
internal static class LiveRun
{
    /// <param name="context">What the command works with.</param>
    /// <param name="settings">The verb's options.</param>
    /// <param name="scenario">What runs.</param>
    /// <param name="board">Its progress on the terminal.</param>
    /// <param name="write">Writes the results, before the page waits to be left.</param>
    /// <param name="stop">Ends the run early; when it is over, closes the page.</param>
    public static async Task RunAsync(
        CommandContext context, RunningSettings settings, Scenario scenario, ProgressBoard board, Func<RunResults, Task> write, CancellationToken stop)
    {
        if (settings is { Silos: 0, Cluster: null })
        {
            throw new InputException("--live: the sequential reference cannot be steered; leave out --silos 0");
        }

        await using var host = await settings.OpenAsync(context);
        await using var page = await OpenAsync(settings.Live!.Value, stop);
        var results = new TaskCompletionSource<RunResults>(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = RunExecution.RunAsync(host, scenario, new Shown(board, page, context.Terminal), settings.Paused, Over, stop);
        await board.WhileAsync(async () => await await Task.WhenAny(results.Task, running));
        try
        {
            if (results.Task.IsCompletedSuccessfully)
            {
                await write(await results.Task);
                await WaitAsync(context, stop);
            }
        }
        finally
        {
            left.SetResult();
            await running;
        }

        Task Over(RunResults all)
        {
            results.SetResult(all);
            return left.Task;
        }
    }

    private static async Task<LiveServer> OpenAsync(int port, CancellationToken stop)
    {
        try
        {
            return await LiveServer.StartAsync(port, stop);
        }
        catch (IOException e)
        {
            throw new InputException($"--live {port}: {e.Message}");
        }
    }

    private static async Task WaitAsync(CommandContext context, CancellationToken stop)
    {
        if (!stop.IsCancellationRequested)
        {
            await context.Terminal.Error.WriteLineAsync("the run is over; the live page stays until Ctrl-C");
            await Task.Delay(Timeout.Infinite, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>The page shows what the terminal shows; where it is is said once there is something on it.</summary>
    private sealed class Shown(ProgressBoard board, LiveServer page, Terminal terminal) : IRunWatch
    {
        public void Begin(Scenario scenario, IRun run, IReadOnlyList<Problem> warnings)
        {
            board.Begin(scenario, run, warnings);
            page.Show(run);
            terminal.Error.WriteLine($"live: {page.Address}");
        }

        public void End(IRun run) => board.End(run);
    }
}
