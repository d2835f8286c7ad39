using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Reclaim.Client.Explain;
using Reclaim.Client.Reports;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Commands;

/// <summary><c>explain</c>: why one run is faster than another.</summary>
internal static class ExplainCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("explain", "Say why one run is faster than another: which part of the difference is misses, their cost, reclaim, waiting, and what became of the pages");
        var what = new Argument<string[]>("SCENARIO|FILE")
        {
            Description = "A scenario to run under --variants; or results: two files, or one of a comparison",
            Arity = new ArgumentArity(1, 2),
        };
        var variants = new Option<string?>("--variants") { Description = "The kernels, the first against each other; default: the scenario's 'compare'", HelpName = "A,B,…" };
        command.Add(what);
        var rules = new Option<bool>("--rules") { Description = "Run the first kernel again with each single rule that differs: which of them makes the difference" };
        command.Add(variants);
        command.Add(rules);
        var options = new RunningOptions(command, reports: true);
        command.SetAction(async (parsed, stop) =>
        {
            var settings = options.Read(parsed);
            var given = parsed.GetRequiredValue(what);
            var asked = new Asked(parsed.GetValue(variants), parsed.GetValue(rules));
            await (ResultsReader.IsResults(given[0]) || given.Length == 2
                ? ReadAsync(context.Terminal, given, asked, settings)
                : RunAsync(context, ScenarioArgument.Path(given[0]), asked, settings, stop));
            return ExitStatus.Done;
        });
        return command;
    }

    private static async Task RunAsync(CommandContext context, string path, Asked asked, RunningSettings settings, CancellationToken stop)
    {
        if (settings.Repeat > 1)
        {
            throw new InputException("--repeat: what is explained are single runs; reclaim compare --repeat says which differences are chance");
        }

        var loading = settings.Scenario(context.Engine);
        var scenario = ScenarioFile.Load(path, loading);
        var sides = CompareCommand.ReadSides(path, scenario, asked.Variants, loading.Names);
        var compared = await CompareCommand.RunSidesAsync(context, scenario, sides, settings, stop);
        await ShowAsync(context.Terminal, compared, asked.Rules ? await TryRulesAsync(context, scenario, sides, compared, settings, stop) : [], settings);
    }

    private static async Task<ImmutableArray<RuleTrial>> TryRulesAsync(
        CommandContext context, Scenario scenario, IReadOnlyList<CompareSide> sides, ComparedSides compared, RunningSettings settings, CancellationToken stop)
    {
        var trials = new List<(int Side, RuleDifference Rule)>();
        for (var side = 1; side < sides.Count; side++)
        {
            trials.AddRange(RuleDifference.Of(compared.Results[0].Kernel, compared.Results[side].Kernel).Select(rule => (side, rule)));
        }

        // Two kernels may have the same rule of several.
        var different = trials.Select(trial => trial.Rule).DistinctBy(rule => (rule.Name, rule.After)).ToList();
        var results = await CompareCommand.RunAllAsync(context, [.. RuleTrials.Of(scenario, sides[0], different)], settings, stop);
        return [.. trials.Select(trial => new RuleTrial(
            trial.Side, trial.Rule, results[different.FindIndex(rule => (rule.Name, rule.After) == (trial.Rule.Name, trial.Rule.After))]))];
    }

    private static async Task ReadAsync(Terminal terminal, string[] files, Asked asked, RunningSettings settings)
    {
        settings.RequireNothingToRun();
        var sides = Written(files, asked);
        if (settings.Trace is not null && sides.Results.Any(run => run.Hosts.Any(host => host.Cgroups.Values.All(cgroup => cgroup.Records is null))))
        {
            throw new InputException("--trace: these runs are over, and nothing was written down of their reclaims (reclaim run --trace)");
        }

        var outputs = settings.Outputs();
        await outputs.WriteAsync(sides);
        await ShowAsync(terminal, sides, [], settings);
    }

    private static ComparedSides Written(string[] files, Asked asked)
    {
        if (asked != new Asked(null, false))
        {
            throw new InputException($"{(asked.Rules ? "--rules" : "--variants")}: these runs are over; it is for a scenario");
        }

        ImmutableArray<RunResults> sides = [.. files.SelectMany(ResultsReader.Read)];
        return sides.Length >= 2
            ? new ComparedSides(sides[0].Scenario, Names(files, sides), sides)
            : throw new InputException($"{files[0]}: one run; explain it against another: reclaim explain A.json B.json");
    }

    /// <summary>By kernel where that tells them apart, else by scenario, file or number.</summary>
    private static ImmutableArray<string> Names(string[] files, ImmutableArray<RunResults> sides)
    {
        var kernels = sides.Select(side => side.Kernel.Policy is "mglru" ? side.Kernel.Variant : side.Kernel.Policy).ToList();
        return kernels.Distinct().Count() == kernels.Count ? [.. kernels]
            : sides.Select(side => side.Scenario).Distinct().Count() == sides.Length ? [.. sides.Select(side => side.Scenario)]
            : files.Length == sides.Length && files.Select(Path.GetFileNameWithoutExtension).Distinct().Count() == files.Length ? [.. files.Select(file => Path.GetFileNameWithoutExtension(file)!)]
            : [.. kernels.Select((kernel, i) => $"{kernel} ({i + 1})")];
    }

    private static async Task ShowAsync(Terminal terminal, ComparedSides sides, ImmutableArray<RuleTrial> trials, RunningSettings settings)
    {
        if (settings.Json)
        {
            await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(ExplanationReport.Of(sides, trials), ResultDigest.IndentedJson));
            return;
        }

        for (var i = 1; i < sides.Results.Length; i++)
        {
            if (i > 1)
            {
                await terminal.Out.WriteLineAsync();
            }

            ExplanationText.Write(terminal.OutConsole(), sides.Scenario, (sides.Names[0], sides.Names[i]), sides.Results[0], sides.Results[i]);
            RuleTrials.Write(terminal.OutConsole(), sides, [.. trials.Where(trial => trial.Side == i)]);
        }
    }

    /// <summary>What to do with a scenario.</summary>
    private sealed record Asked(string? Variants, bool Rules);
}
