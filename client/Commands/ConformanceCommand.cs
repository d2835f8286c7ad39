using System.CommandLine;
using System.Text.Json;
using Reclaim.Client.Conformance;
using Reclaim.Client.Runs;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Commands;

/// <summary><c>conformance [DIR]</c>: replays measurements of real kernels and shows simulator against kernel.</summary>
internal static class ConformanceCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("conformance", "Replay measurements of real kernels; simulator against kernel, with the error of each figure");
        var folder = new Argument<string?>("DIR") { Description = "Folder of measurements (default: those that come with the program)", Arity = ArgumentArity.ZeroOrOne };
        var markdown = new Option<bool>("--markdown") { Description = "Print the table as Markdown" };
        var only = new Option<string?>("--only") { Description = "Replay only the cases whose file name contains TEXT", HelpName = "TEXT" };
        command.Add(folder);
        command.Add(markdown);
        command.Add(only);
        var options = new RunningOptions(command, repeat: $"Run N seeds, not {LotteryVerdict.Seeds}, of the cases in which the kernel draws lots; the others are run once");
        command.SetAction((parsed, stop) => RunAsync(
            context, parsed.GetValue(folder) ?? GroundTruthFolder.Find(), parsed.GetValue(only), parsed.GetValue(markdown), options.Read(parsed), stop));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, string folder, string? only, bool markdown, RunningSettings settings, CancellationToken stop)
    {
        if (settings.Set.Count > 0)
        {
            throw new InputException("--set: the measurements fix what is replayed, there is no scenario to change");
        }

        var file = settings.ResultFile();
        var names = context.Engine.Names();
        var truths = GroundTruthCase.LoadAll(folder).Where(truth => only is null || truth.File.Contains(only, StringComparison.Ordinal)).ToList();
        if (truths.Count == 0)
        {
            throw new InputException($"--only {only}: no case of that name in {folder}");
        }

        var report = await ReplayAsync(context, truths, names, settings, stop);
        file?.Write(report);
        if (settings.Json)
        {
            await context.Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(report, ResultDigest.IndentedJson));
        }
        else if (markdown)
        {
            ConformanceTable.WriteMarkdown(context.Terminal.Out, report);
        }
        else
        {
            ConformanceTable.Write(context.Terminal.OutConsole(), report);
        }

        return ExitStatus.Done;
    }

    private static async Task<ConformanceReport> ReplayAsync(
        CommandContext context, List<GroundTruthCase> truths, KernelNames names, RunningSettings settings, CancellationToken stop)
    {
        var seed = settings.Seed ?? 1;
        var seeds = (ulong)(settings.RepeatAsked ?? LotteryVerdict.Seeds);
        var cases = truths.Select(truth => CaseScenario.Make(truth, names, seed)).ToList();
        var scenarios = truths.Zip(cases, (truth, made) => made.Scenario is null ? [] : Seeded(truth, names, made.Scenario, truth.First.IsGlobal ? seeds : 1)).ToList();
        var board = new ProgressBoard(context.Terminal, settings.Quiet);
        var results = new Queue<RunResults>();
        if (scenarios.Any(runs => runs.Count > 0))
        {
            await using var host = await settings.OpenAsync(context);
            results = new(await board.WhileAsync(() => RunBatch.RunAsync(host, [.. scenarios.SelectMany(runs => runs)], board, stop)));
        }

        return new ConformanceReport(ConformanceReport.SchemaName,
        [
            .. truths.Select((truth, i) =>
            {
                if (cases[i].Scenario is null)
                {
                    return CaseJudge.Skipped(truth, cases[i].Reason!);
                }

                List<RunResults> runs = [.. scenarios[i].Select(_ => results.Dequeue())];
                return runs.TrueForAll(run => run.Complete) ? CaseJudge.Judge(truth, cases[i].Places, runs) : CaseJudge.Skipped(truth, "stopped before its end");
            }),
        ]);
    }

    /// <summary>A case under several seeds, from its own upwards.</summary>
    private static List<Scenario> Seeded(GroundTruthCase truth, KernelNames names, Scenario scenario, ulong seeds)
    {
        var runs = new List<Scenario> { scenario };
        for (var i = 1UL; i < seeds; i++)
        {
            var seed = scenario.Spec.Seed + i;
            runs.Add(CaseScenario.Make(truth, names, seed, (int)i).Scenario! with { Label = $"{scenario.Label} seed {seed}" });
        }

        return runs;
    }
}
