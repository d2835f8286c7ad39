using System.CommandLine;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;

namespace Reclaim.Client.Commands;

/// <summary>
/// <c>resume RUN</c>: takes up a run from its last checkpoints that failed for want of silos. One whose silos all died is taken up by itself as soon as
/// there are silos again; to ask for it does no harm.
/// </summary>
internal static class ResumeCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("resume", "Take up a run of a cluster from its last checkpoints");
        var run = new RunArgument(command);
        command.SetAction((parsed, _) => run.WithAsync(context, parsed, (name, found) => ResumeAsync(context.Terminal, name, found)));
        return command;
    }

    private static async Task<int> ResumeAsync(Terminal terminal, string name, IRun run)
    {
        try
        {
            var progress = await run.ResumeAsync();
            await terminal.Error.WriteLineAsync($"{name} is {RunTable.Phase(progress.Phase)}; to follow it: reclaim watch {name}");
            foreach (var note in progress.Notes)
            {
                await terminal.Error.WriteLineAsync($"note: {note}");
            }

            return progress.Phase == RunPhase.Failed ? ExitStatus.Failed : ExitStatus.Done;
        }
        catch (InvalidOperationException e)
        {
            throw new InputException($"RUN {name}: {e.Message}");
        }
    }
}
