using System.CommandLine;
using System.Text.Json;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Results;
using Reclaim.Silo;

namespace Reclaim.Client.Commands;

/// <summary><c>results RUN</c>: the results of a run of a cluster, up to its last step if it goes on.</summary>
internal static class ResultsCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("results", "Show the results of a run of a cluster, so far if it goes on");
        var run = new RunArgument(command);
        var file = new Option<string?>("--results") { Description = "Write them to FILE, as JSON", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print them as JSON and nothing else" };
        command.Add(file);
        command.Add(json);
        command.SetAction((parsed, _) =>
        {
            var prepared = ResultFile.Prepare(parsed.GetResult(file) is null ? null : parsed.GetValue(file));
            return run.WithAsync(context, parsed, (name, found) => PrintAsync(context.Terminal, name, found, prepared, parsed.GetValue(json)));
        });
        return command;
    }

    private static async Task<int> PrintAsync(Terminal terminal, string name, IRun run, ResultFile? file, bool json)
    {
        await FailedRun.RequireSoundAsync(name, run);
        var results = await run.ResultsAsync();
        file?.Write(results);
        if (json)
        {
            await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(results, ResultDigest.IndentedJson));
        }
        else
        {
            RunSummary.Write(terminal.OutConsole(), results);
        }

        return ExitStatus.Done;
    }
}
