using System.CommandLine;
using Reclaim.Client.Fio;

namespace Reclaim.Client.Commands;

/// <summary><c>fio JOBFILE</c> or <c>fio --name=… --rw=…</c>: an fio job as a scenario of one container.</summary>
internal static class FioCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("fio", "Run an fio job, given as fio takes it (job files and --option=value), in one container")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        var options = new RunningOptions(command, reports: true);
        var container = new FioContainerOptions(command);
        command.SetAction((parsed, stop) =>
        {
            var settings = options.Read(parsed);
            var sections = FioCommandLine.Read(parsed.UnmatchedTokens);
            var machine = container.Read(parsed);
            return SingleRun.RunAsync(context, loading => FioScenario.Make(sections, machine, loading), settings, stop);
        });
        return command;
    }
}
