using System.CommandLine;
using System.Text.Json;
using Reclaim.Client.Reports;
using Reclaim.Client.Runs;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Commands;

/// <summary><c>validate SCENARIO</c>: checks it and prints what it means; runs nothing.</summary>
internal static class ValidateCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("validate", "Check a scenario and print what it means; runs nothing");
        var scenario = ScenarioArgument.Make();
        command.Add(scenario);
        var options = new RunningOptions(command, runs: false);
        command.SetAction((parsed, _) => CheckAsync(context, ScenarioArgument.Path(parsed, scenario), options.Read(parsed)));
        return command;
    }

    private static async Task<int> CheckAsync(CommandContext context, string path, RunningSettings settings)
    {
        var scenario = ScenarioFile.Load(path, settings.Scenario(context.Engine));
        ProblemLog log;
        await using (var host = await context.Engine.Open(0, null, CancellationToken.None))
        {
            var run = await host.CreateAsync(scenario.Spec, CancellationToken.None);
            log = RunExecution.Problems(scenario, run.Problems);
        }

        log.ThrowIfErrors();
        IReadOnlyList<Problem> warnings = [.. scenario.Warnings, .. log.Warnings];
        Warnings.Print(context.Terminal, warnings);
        if (settings.Json)
        {
            var validation = new Validation("reclaim-validation/1", scenario.Spec.Scenario, Valid: true, [.. warnings.Select(warning => warning.ToString())]);
            await context.Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(validation, ResultDigest.IndentedJson));
        }
        else if (!settings.Quiet)
        {
            ScenarioMeaning.Write(context.Terminal.Out, scenario);
        }

        return ExitStatus.Done;
    }

    /// <summary>What <c>--json</c> prints about a scenario that is right; a wrong one is said on standard error, status 2.</summary>
    private sealed record Validation(string Schema, string Scenario, bool Valid, IReadOnlyList<string> Warnings);
}
