using System.CommandLine;
using Reclaim.Client.Reports;
using Reclaim.Client.Runs;
using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Commands;

/// <summary><c>validate SCENARIO</c>: checks it and prints what it means; runs nothing.</summary>
internal static class ValidateCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("validate", "Check a scenario and print what it means; runs nothing");
        var scenario = ScenarioArgument.Make();
        command.Add(scenario);
        var options = new RunningOptions(command);
        command.SetAction((parsed, _) => CheckAsync(context, parsed.GetRequiredValue(scenario), options.Read(parsed)));
        return command;
    }

    private static async Task<int> CheckAsync(CommandContext context, string path, RunningSettings settings)
    {
        var scenario = ScenarioFile.Load(path, settings.Scenario(context.Engine));
        ProblemLog log;
        await using (var host = await context.Engine.Open(0, CancellationToken.None))
        {
            var run = await host.CreateAsync(scenario.Spec, CancellationToken.None);
            log = RunExecution.Problems(scenario, run.Problems);
        }

        log.ThrowIfErrors();
        Warnings.Print(context.Terminal, scenario.Warnings.Concat(log.Warnings));
        if (!settings.Quiet)
        {
            ScenarioMeaning.Write(context.Terminal.Out, scenario);
        }

        return ExitStatus.Done;
    }
}
