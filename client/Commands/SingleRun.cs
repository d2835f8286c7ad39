using System.Text.Json;
using Reclaim.Client.Reports;
using Reclaim.Client.Runs;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Client.Telemetry;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Commands;

/// <summary>Runs one scenario and says what came of it: what <c>run</c> and <c>fio</c> have in common.</summary>
internal static class SingleRun
{
    /// <param name="context">What the command works with.</param>
    /// <param name="load">Reads the scenario; once for each seed.</param>
    /// <param name="settings">The verb's options.</param>
    /// <param name="stop">Ends the run early.</param>
    public static async Task<int> RunAsync(
        CommandContext context, Func<ScenarioSettings, Scenario> load, RunningSettings settings, CancellationToken stop)
    {
        var loading = settings.Scenario(context.Engine);
        var scenario = load(loading);
        if (settings.Repeat > 1)
        {
            return await RepeatedRuns.RunAsync(context, scenario, [scenario.Spec.Scenario], seed => [load(loading with { Seed = seed })], settings, stop);
        }

        var files = settings.Outputs();
        Warnings.Print(context.Terminal, scenario.Warnings);
        using var telemetry = RunTelemetry.Begin("reclaim run");
        var board = new ProgressBoard(context.Terminal, settings.Quiet);
        if (settings.Live is not null)
        {
            await LiveRun.RunAsync(context, settings, settings.Sampled(scenario), board, results => WriteAsync(context, telemetry, files, settings, results), stop);
            return ExitStatus.Done;
        }

        RunResults results;
        await using (var host = await settings.OpenAsync(context))
        {
            results = await board.WhileAsync(() => RunExecution.RunAsync(host, settings.Sampled(scenario), board, stop));
        }

        await WriteAsync(context, telemetry, files, settings, results);
        return ExitStatus.Done;
    }

    private static async Task WriteAsync(CommandContext context, RunTelemetry? telemetry, OutputFiles files, RunningSettings settings, RunResults results)
    {
        await files.WriteAsync(results);
        await RunningSettings.SendAsync(telemetry, context.Terminal, [(null, results)]);
        if (settings.Json)
        {
            await context.Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(results, ResultDigest.IndentedJson));
        }
        else
        {
            RunSummary.Write(context.Terminal.OutConsole(), results, settings.All);
        }
    }
}

/// <summary>Warnings go to standard error, one a line, before the run.</summary>
internal static class Warnings
{
    public static void Print(Terminal terminal, IEnumerable<Problem> warnings)
    {
        foreach (var warning in warnings)
        {
            terminal.Error.WriteLine(warning);
        }
    }
}
