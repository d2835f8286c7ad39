using System.CommandLine;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;

namespace Reclaim.Client.Commands;

/// <summary><c>cancel RUN</c>: ends a run of a cluster; what is known by then stays.</summary>
internal static class CancelCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("cancel", "End a run of a cluster; its results so far stay");
        var run = new RunArgument(command);
        command.SetAction((parsed, _) => run.WithAsync(context, parsed, (name, found) => CancelAsync(context.Terminal, name, found)));
        return command;
    }

    private static async Task<int> CancelAsync(Terminal terminal, string name, IRun run)
    {
        var before = await run.ProgressAsync();
        if (before.Phase is RunPhase.Done or RunPhase.Stopped or RunPhase.Failed)
        {
            await terminal.Error.WriteLineAsync($"{name} is over already: {RunTable.Phase(before.Phase)}");
            return ExitStatus.Done;
        }

        await run.StopAsync();
        await terminal.Error.WriteLineAsync($"{name} is {RunTable.Phase((await run.ProgressAsync()).Phase)}; its results so far: reclaim results {name}");
        return ExitStatus.Done;
    }
}
