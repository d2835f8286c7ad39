using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Reclaim.Client.Reports;
using Reclaim.Client.Reports.Html;
using Reclaim.Client.Runs;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Client.Sweeps;
using Reclaim.Contracts.Results;
using Reclaim.Silo;

namespace Reclaim.Client.Commands;

/// <summary><c>sweep SCENARIO --set KEY=FROM..TO[:STEP]</c>: the same scenario under every combination of values.</summary>
internal static class SweepCommand
{
    /// <summary>Cells are read one by one, and each may be wrong for the same reason: so many lines say enough.</summary>
    private const int ProblemsShown = 20;

    public static Command Make(CommandContext context)
    {
        var command = new Command("sweep", "Run a scenario under every combination of values: --set KEY=FROM..TO[:STEP], KEY=FROM..TO:xFACTOR or KEY=A,B,C");
        var scenario = ScenarioArgument.Make();
        var variants = new Option<string?>("--variants") { Description = "Kernels as one more axis: variants (v6.8, v6.8:w1) or policies (classic, lru)", HelpName = "A,B,…" };
        var figure = new Option<string?>("--figure") { Description = $"The figure to show: {string.Join(", ", FigureLine.Names)} (default: {SweepFigure.Usual}, and of a single axis what else there is)", HelpName = "NAME" };
        command.Add(scenario);
        command.Add(variants);
        command.Add(figure);
        var options = new RunningOptions(command, reports: true, set: $"A range of a key, {SweepRange.DefaultPoints} values if STEP is left out; a list; or one value for all runs (repeatable)");
        command.SetAction((parsed, stop) =>
        {
            var asked = parsed.GetValue(figure) is { } name ? SweepFigure.Of(name) : null;
            return RunAsync(context, ScenarioArgument.Path(parsed, scenario), parsed.GetValue(variants), asked, options.Read(parsed), stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string path, string? variants, string? figure, RunningSettings settings, CancellationToken stop)
    {
        var loading = settings.Scenario(context.Engine);
        var grid = SweepGrid.Of(settings.Set, variants is null ? [] : [.. CompareCommand.ReadSides(variants, loading.Names)], settings.Repeat);
        loading = loading with { Swept = [.. grid.Axes.Select(axis => axis.Key)] };
        var files = settings.Outputs();
        var scenarios = Scenarios(grid, path, loading, settings);
        Warnings.Print(context.Terminal, scenarios.SelectMany(scenario => scenario.Warnings).DistinctBy(warning => warning.ToString()));
        var board = new ProgressBoard(context.Terminal, settings.Quiet) { Planned = scenarios.Count };
        var sampled = settings.Series is not null || SweepPage.ShowsTime(grid) ? scenarios.ConvertAll(settings.Sampled) : scenarios;
        RunResults?[] results;
        await using (var host = await settings.OpenAsync(context))
        {
            results = await board.WhileAsync(() => RunBatch.RunBegunAsync(host, sampled, board, stop));
        }

        // What was stopped before its first access says nothing.
        var runs = results.Chunk(settings.Repeat).Select(cell => cell.OfType<RunResults>().Where(run => run.Complete || run.Accesses > 0).ToImmutableArray()).ToImmutableArray();
        if (runs.All(cell => cell.IsEmpty))
        {
            throw new RunFailedException($"{scenarios[0].Spec.Scenario}: stopped before anything was known");
        }

        var outcome = new SweepOutcome(scenarios[0].Spec.Scenario, grid, runs);
        await files.WriteAsync(outcome, figure);
        if (settings.Json)
        {
            await context.Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(SweepReport.Of(outcome), ResultDigest.IndentedJson));
        }
        else
        {
            SweepTable.Write(context.Terminal.OutConsole(), outcome, figure);
        }

        return ExitStatus.Done;
    }

    /// <summary>The scenarios of all cells, those of a cell under its seeds together. What is wrong with any is said before the first of them runs.</summary>
    private static List<Scenario> Scenarios(SweepGrid grid, string path, ScenarioSettings loading, RunningSettings settings)
    {
        var scenarios = new List<Scenario>();
        var problems = new List<string>();
        for (var cell = 0; cell < grid.Cells && problems.Count < ProblemsShown; cell++)
        {
            try
            {
                var first = grid.Scenario(cell, set => ScenarioFile.Load(path, loading with { Set = set }));
                RunExecution.Problems(first, RunHosts.Problems(first.Spec)).ThrowIfErrors();
                scenarios.Add(settings.Repeat == 1 ? first : Seeded(first, first.Spec.Seed));
                for (var more = 1; more < settings.Repeat; more++)
                {
                    var seed = first.Spec.Seed + (ulong)more;
                    scenarios.Add(Seeded(grid.Scenario(cell, set => ScenarioFile.Load(path, loading with { Set = set, Seed = seed })), seed));
                }
            }
            catch (InputException e)
            {
                problems.AddRange(e.Message.Split('\n').Where(line => !problems.Exists(known => Said(known) == Said(line))));
            }
        }

        return problems.Count == 0 ? scenarios : throw new InputException(string.Join('\n', problems.Take(ProblemsShown)));
    }

    /// <summary>What a line says, whichever of a key's values it says it of: a key that is unknown is so with each.</summary>
    private static string Said(string problem) => problem[(problem.IndexOf(": ", StringComparison.Ordinal) + 1)..];

    private static Scenario Seeded(Scenario scenario, ulong seed) => scenario with { Label = $"{scenario.Label} seed {seed}" };
}
