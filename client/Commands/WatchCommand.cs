using System.CommandLine;
using Reclaim.Client.Reports;
using Reclaim.Client.Runs;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;

namespace Reclaim.Client.Commands;

/// <summary><c>watch RUN</c>: shows the progress of a run of a cluster until it ends. Whoever stops watching leaves the run alone.</summary>
internal static class WatchCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("watch", $"Follow a run of a cluster until it ends; on a terminal a board like top's ({TopBoard.Help})");
        var run = new RunArgument(command);
        command.SetAction((parsed, stop) => run.WithAsync(context, parsed, (name, found) => WatchAsync(context.Terminal, name, found, stop)));
        return command;
    }

    private static async Task<int> WatchAsync(Terminal terminal, string name, IRun run, CancellationToken stop)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var board = new ProgressBoard(terminal, quiet: false) { Left = left.Cancel };
        board.Begin(name, run, await run.ProgressAsync());
        try
        {
            await board.WhileAsync(async () =>
            {
                await run.WaitAsync(left.Token);
                return true;
            });
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            await terminal.Error.WriteLineAsync($"{name} goes on; to end it: reclaim cancel {name}");
            return ExitStatus.Done;
        }

        await FailedRun.RequireSoundAsync(name, run);
        RunSummary.Write(terminal.OutConsole(), await run.ResultsAsync());
        return ExitStatus.Done;
    }
}

/// <summary>A run that failed has no results.</summary>
internal static class FailedRun
{
    /// <exception cref="RunFailedException">It has failed.</exception>
    public static async Task RequireSoundAsync(string name, IRun run)
    {
        var progress = await run.ProgressAsync();
        if (progress.Phase == RunPhase.Failed)
        {
            throw new RunFailedException($"{name}: the run failed: {(progress.Error ?? "unknown reason").ReplaceLineEndings(" ")}");
        }
    }
}
