using System.CommandLine;
using System.Text.Json;
using Reclaim.Client.Reports;
using Reclaim.Client.Runs;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Client.Telemetry;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Commands;

/// <summary><c>compare SCENARIO --variants A,B,…</c>: the same workload under several kernels.</summary>
internal static class CompareCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("compare", "Run the same workload under several kernel variants or policies");
        var scenario = ScenarioArgument.Make();
        var variants = new Option<string?>("--variants")
        {
            Description = "The sides: variants (v6.8, v6.8:w1) or policies (classic, lru); default: the scenario's 'compare'",
            HelpName = "A,B,…",
        };
        command.Add(scenario);
        command.Add(variants);
        var options = new RunningOptions(command, reports: true);
        command.SetAction((parsed, stop) => RunAsync(
            context, ScenarioArgument.Path(parsed, scenario), parsed.GetValue(variants), options.Read(parsed), stop));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, string path, string? variants, RunningSettings settings, CancellationToken stop)
    {
        var loading = settings.Scenario(context.Engine);
        var scenario = ScenarioFile.Load(path, loading);
        var sides = ReadSides(path, scenario, variants, loading.Names);
        string[] names = [.. sides.Select(side => side.Text)];
        if (settings.Repeat > 1)
        {
            return await RepeatedRuns.RunAsync(context, scenario, names, Sides, settings, stop);

            IReadOnlyList<Scenario> Sides(ulong seed)
            {
                var seeded = ScenarioFile.Load(path, loading with { Seed = seed });
                return [.. sides.Select(seeded.Under)];
            }
        }

        var compared = await RunSidesAsync(context, scenario, sides, settings, stop);
        if (settings.Json)
        {
            await context.Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(new Comparison(Comparison.SchemaName, compared.Results), ResultDigest.IndentedJson));
        }
        else
        {
            ComparisonTable.Write(context.Terminal.OutConsole(), compared.Scenario, names, compared.Results);
        }

        return ExitStatus.Done;
    }

    /// <summary>Runs the sides of a comparison, once each; writes them where <c>--results</c> says.</summary>
    public static async Task<ComparedSides> RunSidesAsync(
        CommandContext context, Scenario scenario, IReadOnlyList<CompareSide> sides, RunningSettings settings, CancellationToken stop)
    {
        var files = settings.Outputs();
        Warnings.Print(context.Terminal, scenario.Warnings);
        using var telemetry = RunTelemetry.Begin("reclaim compare");
        var results = await RunAllAsync(context, [.. sides.Select(settings.Sampled(scenario).Under)], settings, stop);
        var compared = new ComparedSides(scenario.Spec.Scenario, [.. sides.Select(side => side.Text)], [.. results]);
        await files.WriteAsync(compared);
        await RunningSettings.SendAsync(telemetry, context.Terminal, [.. compared.Names.Zip(compared.Results, (name, run) => ((string?)name, run))]);
        return compared;
    }

    /// <summary>Runs scenarios side by side.</summary>
    public static async Task<RunResults[]> RunAllAsync(CommandContext context, IReadOnlyList<Scenario> scenarios, RunningSettings settings, CancellationToken stop)
    {
        var board = new ProgressBoard(context.Terminal, settings.Quiet) { Planned = scenarios.Count };
        await using var host = await settings.OpenAsync(context);
        return await board.WhileAsync(() => RunBatch.RunAsync(host, scenarios, board, stop));
    }

    /// <summary>The sides that were asked for, or those of the scenario.</summary>
    /// <exception cref="InputException">There are fewer than two, or one is none.</exception>
    public static IReadOnlyList<CompareSide> ReadSides(string path, Scenario scenario, string? variants, KernelNames names)
    {
        if (variants is null)
        {
            return scenario.Compare.Length >= 2
                ? scenario.Compare
                : throw new InputException($"{path}: compare: fewer than two sides; list them here or give --variants A,B");
        }

        return ReadSides(variants, names);
    }

    /// <summary>The sides that <c>--variants</c> names.</summary>
    /// <exception cref="InputException">There are fewer than two, or one is none.</exception>
    public static IReadOnlyList<CompareSide> ReadSides(string variants, KernelNames names)
    {
        var sides = new List<CompareSide>();
        foreach (var text in variants.Split(',', StringSplitOptions.TrimEntries))
        {
            if (CompareSide.TryParse(text, names, out var side) is { } wrong)
            {
                throw new InputException($"--variants {variants}: {wrong}");
            }

            sides.Add(side);
        }

        return sides.Count >= 2 ? sides : throw new InputException($"--variants {variants}: a comparison has two sides or more");
    }
}
