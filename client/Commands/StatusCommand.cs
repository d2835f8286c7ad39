using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Steps;
using Reclaim.Silo.Remote;

namespace Reclaim.Client.Commands;

/// <summary><c>status</c>: the runs of a cluster, those that are over too.</summary>
internal static class StatusCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("status", "List the runs of a cluster");
        var cluster = ClusterOption.Make("Which", required: false, ClusterAddress.Local);
        var json = new Option<bool>("--json") { Description = "Print them as JSON and nothing else" };
        command.Add(cluster);
        command.Add(json);
        command.SetAction((parsed, stop) => ListAsync(context, ClusterOption.Read(parsed, cluster)!, parsed.GetValue(json), stop));
        return command;
    }

    private static async Task<int> ListAsync(CommandContext context, ClusterAddress address, bool json, CancellationToken stop)
    {
        ImmutableArray<RunEntry> runs;
        await using (var cluster = await context.Engine.Connect(address, null, stop))
        {
            runs = await cluster.ListAsync();
        }

        if (json)
        {
            var list = new RunList(RunList.SchemaName, [.. runs.Select(RunLine.Of)]);
            await context.Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(list, ResultDigest.IndentedJson));
        }
        else if (runs.IsEmpty)
        {
            await context.Terminal.Error.WriteLineAsync($"cluster {address} has no runs");
        }
        else
        {
            context.Terminal.OutConsole().Write(RunTable.Make(runs));
        }

        return ExitStatus.Done;
    }

    private sealed record RunList(string Schema, IReadOnlyList<RunLine> Runs)
    {
        public const string SchemaName = "reclaim-runs/1";
    }

    /// <param name="Run">Its name.</param>
    /// <param name="Scenario">Name of its scenario.</param>
    /// <param name="Phase">created, running, paused, stopped, done, failed.</param>
    /// <param name="Created">Wall clock time.</param>
    /// <param name="VirtualSeconds">Where it stands; null: nothing of it is in memory.</param>
    /// <param name="Accesses">Accesses made.</param>
    /// <param name="Share">Share of it that is done, 0 to 1; null: unknown.</param>
    /// <param name="Recoveries">How often a host of it was taken up again.</param>
    /// <param name="Error">Why it failed.</param>
    /// <param name="CheckpointVirtualSeconds">Up to where it would survive the loss of every silo; null: nowhere yet.</param>
    /// <param name="WaitsFor">Path of the cgroup whose trace it waits for.</param>
    /// <param name="Notes">What whoever looks after it should know.</param>
    private sealed record RunLine(
        string Run, string Scenario, string Phase, DateTimeOffset Created, double? VirtualSeconds, long? Accesses, double? Share, int? Recoveries, string? Error,
        double? CheckpointVirtualSeconds, string? WaitsFor, IReadOnlyList<string> Notes)
    {
        public static RunLine Of(RunEntry entry) => new(
            entry.Run,
            entry.Scenario,
            RunTable.Phase(entry.Phase),
            entry.Created,
            entry.Progress?.NowNs / 1e9,
            entry.Progress?.Accesses,
            RunTable.Share(entry.Progress),
            entry.Progress?.Recoveries,
            entry.Progress?.Error,
            entry.Progress?.CheckpointNs / 1e9,
            entry.Progress?.WaitsFor,
            entry.Progress?.Notes ?? []);
    }
}
