using System.CommandLine;
using System.Globalization;
using Reclaim.Silo;

namespace Reclaim.Client.Commands;

/// <summary><c>checkpoint RUN</c>: writes a run of a cluster to the store, each host after its step in flight.</summary>
internal static class CheckpointCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("checkpoint", "Write a checkpoint of a run of a cluster now");
        var run = new RunArgument(command);
        command.SetAction((parsed, _) => run.WithAsync(context, parsed, (name, found) => WriteAsync(context.Terminal, name, found)));
        return command;
    }

    private static async Task<int> WriteAsync(Terminal terminal, string name, IRun run)
    {
        try
        {
            await run.CheckpointAsync();
        }
        catch (InvalidOperationException e)
        {
            throw new InputException($"RUN {name}: {e.Message}");
        }

        var kept = (await run.ProgressAsync()).CheckpointNs;
        await terminal.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name} would survive up to {kept / 1e9:0.000} s of virtual time"));
        return ExitStatus.Done;
    }
}
