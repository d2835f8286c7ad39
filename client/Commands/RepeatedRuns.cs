using System.Text.Json;
using Reclaim.Client.Reports;
using Reclaim.Client.Runs;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Commands;

/// <summary><c>--repeat N</c>: the same runs under N seeds, from the scenario's own upwards.</summary>
internal static class RepeatedRuns
{
    /// <param name="context">What the command works with.</param>
    /// <param name="first">The scenario as it stands.</param>
    /// <param name="names">Names of the sides.</param>
    /// <param name="sidesOf">The sides under a seed.</param>
    /// <param name="settings">The verb's options.</param>
    /// <param name="stop">Ends the runs early.</param>
    public static async Task<int> RunAsync(
        CommandContext context, Scenario first, IReadOnlyList<string> names, Func<ulong, IReadOnlyList<Scenario>> sidesOf,
        RunningSettings settings, CancellationToken stop)
    {
        var files = settings.Outputs();
        Warnings.Print(context.Terminal, first.Warnings);
        var scenarios = Enumerable.Range(0, settings.Repeat)
            .SelectMany(i => sidesOf(first.Spec.Seed + (ulong)i).Select(side => side with { Label = $"{side.Label} seed {side.Spec.Seed}" }))
            .ToList();
        var board = new ProgressBoard(context.Terminal, settings.Quiet) { Planned = scenarios.Count };
        RunResults[] results;
        await using (var host = await settings.OpenAsync(context))
        {
            results = await board.WhileAsync(() => RunBatch.RunAsync(host, scenarios, board, stop));
        }

        var report = RepeatReport.Of(
            first.Spec.Scenario, [.. names.Select((name, side) => (name, results.Where((_, i) => i % names.Count == side).ToList()))]);
        files.Write(report);
        if (settings.Json)
        {
            await context.Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(report, ResultDigest.IndentedJson));
        }
        else
        {
            RepeatTable.Write(context.Terminal.OutConsole(), report);
        }

        return ExitStatus.Done;
    }
}
