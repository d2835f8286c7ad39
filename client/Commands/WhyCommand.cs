using System.CommandLine;
using Reclaim.Client.Explain;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Commands;

/// <summary><c>why CGROUP</c>: who reclaimed from it, and what it refaulted because of that.</summary>
internal static class WhyCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("why", "Say who reclaimed from a cgroup, why, and what it missed later because of that");
        var cgroup = new Argument<string>("CGROUP") { Description = "Its path; on one of several hosts HOST/PATH" };
        var what = new Argument<string>("SCENARIO|FILE") { Description = "A scenario to run, or a results file" };
        command.Add(cgroup);
        command.Add(what);
        var options = new RunningOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            var settings = options.Read(parsed);
            var given = parsed.GetRequiredValue(what);
            var results = ResultsReader.IsResults(given)
                ? Read(given, settings)
                : [await RunAsync(context, ScenarioArgument.Path(given), settings, stop)];
            foreach (var run in results)
            {
                var (host, path) = Find(run, parsed.GetRequiredValue(cgroup));
                VictimText.Write(context.Terminal.OutConsole(), run, host, path);
            }

            return ExitStatus.Done;
        });
        return command;
    }

    private static IReadOnlyList<RunResults> Read(string file, RunningSettings settings)
    {
        settings.RequireNothingToRun();
        return settings is { Results: null, Json: false } ? ResultsReader.Read(file)
            : throw new InputException($"{(settings.Json ? "--json" : "--results")}: {file} has them already");
    }

    private static async Task<RunResults> RunAsync(CommandContext context, string path, RunningSettings settings, CancellationToken stop)
    {
        if (settings.Repeat > 1 || settings.Json)
        {
            throw new InputException($"{(settings.Json ? "--json" : "--repeat")}: not for this verb; the reclaim matrix is in the results of reclaim run");
        }

        var scenario = ScenarioFile.Load(path, settings.Scenario(context.Engine));
        var file = settings.ResultFile();
        var results = (await CompareCommand.RunAllAsync(context, [scenario], settings, stop))[0];
        file?.Write(results);
        return results;
    }

    private static (HostResult Host, string Path) Find(RunResults results, string cgroup)
    {
        var wanted = cgroup.StartsWith('/') || results.Hosts.Length > 1 ? cgroup : "/" + cgroup;
        foreach (var host in results.Hosts)
        {
            foreach (var path in host.Cgroups.Keys)
            {
                if (wanted == path || wanted == host.Name + path)
                {
                    return (host, path);
                }
            }
        }

        var known = results.Hosts.SelectMany(host => host.Cgroups.Keys.Select(path => (results.Hosts.Length > 1 ? host.Name : "") + path)).Distinct();
        throw new InputException($"no cgroup '{cgroup}'{Nearest.Suggestion(wanted, known)}");
    }
}
