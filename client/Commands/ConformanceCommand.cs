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
        var options = new RunningOptions(command);
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

        if (settings.Repeat > 1)
        {
            throw new InputException("--repeat: not in this version for conformance: what is replayed depends on no seed");
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
        var cases = truths.Select(truth => CaseScenario.Make(truth, names, settings.Seed ?? 1)).ToList();
        var scenarios = cases.Where(c => c.Scenario is not null).Select(c => c.Scenario!).ToList();
        var board = new ProgressBoard(context.Terminal, settings.Quiet);
        var results = new Queue<RunResults>();
        if (scenarios.Count > 0)
        {
            await using var host = await settings.OpenAsync(context);
            results = new(await board.WhileAsync(() => RunBatch.RunAsync(host, scenarios, board, stop)));
        }

        return new ConformanceReport(ConformanceReport.SchemaName,
        [
            .. truths.Zip(cases, (truth, made) =>
            {
                if (made.Scenario is null)
                {
                    return CaseJudge.Skipped(truth, made.Reason!);
                }

                var result = results.Dequeue();
                return result.Complete ? CaseJudge.Judge(truth, made.Places, result) : CaseJudge.Skipped(truth, "stopped before its end");
            }),
        ]);
    }
}
