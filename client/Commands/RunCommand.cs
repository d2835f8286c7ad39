using System.CommandLine;
using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Commands;

/// <summary><c>run SCENARIO</c>.</summary>
internal static class RunCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("run", "Run a scenario");
        var scenario = ScenarioArgument.Make();
        command.Add(scenario);
        var options = new RunningOptions(command, names: true, reports: true);
        command.SetAction((parsed, stop) =>
        {
            var settings = options.Read(parsed);
            var path = ScenarioArgument.Path(parsed, scenario);
            return SingleRun.RunAsync(context, loading => ScenarioFile.Load(path, loading), settings, stop);
        });
        return command;
    }
}
