using System.CommandLine;
using System.Text.Json;
using Reclaim.Client.Clusters;
using Reclaim.Contracts.Results;
using Reclaim.Silo.Hosting;
using Reclaim.Silo.Membership;
using Spectre.Console;

namespace Reclaim.Client.Commands;

/// <summary><c>silo up</c>, <c>silo status</c>, <c>silo down</c>: a cluster of silo processes on this machine.</summary>
internal static class SiloCommand
{
    private const int DefaultSilos = 3;
    private const int MaxSilos = 64;

    public static Command Make(CommandContext context)
    {
        var command = new Command("silo", "A local cluster of silo processes: up, status, down");
        command.Add(Up(context.Terminal));
        command.Add(Status(context.Terminal));
        command.Add(Down(context.Terminal));
        return command;
    }

    private static Command Up(Terminal terminal)
    {
        var command = new Command("up", "Start silos until there are N, and wait until they work");
        var silos = new Option<string?>("--silos") { Description = $"How many (default {DefaultSilos})", HelpName = "N" };
        var folder = ClusterFolder.Option();
        var checkpoints = new Option<string?>("--checkpoint-every") { Description = "Seconds between checkpoints of a host; 0: none but when it moves (default 5)", HelpName = "SECONDS" };
        var metrics = new Option<bool>("--metrics") { Description = "Have /metrics for Prometheus on their HTTP ports" };
        command.Add(silos);
        command.Add(checkpoints);
        command.Add(metrics);
        command.Add(folder);
        command.SetAction((parsed, stop) =>
        {
            var wanted = (int)(NumberOption.Read(silos, parsed.GetValue(silos), MaxSilos, min: 1) ?? DefaultSilos);
            var settings = new List<string>();
            if (NumberOption.Read(checkpoints, parsed.GetValue(checkpoints), CheckpointTimes.MaxSeconds) is { } seconds)
            {
                settings.AddRange(["--Reclaim:Checkpoint:EverySeconds", $"{seconds}"]);
            }

            if (parsed.GetValue(metrics))
            {
                settings.AddRange(["--Reclaim:Telemetry:Prometheus", "true"]);
            }

            return UpAsync(terminal, new LocalCluster(ClusterFolder.Of(parsed, folder), settings), wanted, stop);
        });
        return command;
    }

    private static async Task<int> UpAsync(Terminal terminal, LocalCluster cluster, int silos, CancellationToken stop)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new InputException("silo up: needs Linux or macOS; start silos with dotnet Reclaim.Silo.dll (docs/cluster.md)");
        }

        using var mine = await cluster.LockAsync(stop);
        var before = cluster.Living();
        if (before.Count > silos)
        {
            await terminal.Error.WriteLineAsync($"{Are(before.Count)} up, more than {silos}: left as they are; to have fewer, 'reclaim silo down' first");
        }
        else
        {
            IReadOnlyList<string> started;
            try
            {
                started = await cluster.StartAsync(silos, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                throw new RunFailedException("silo up: given up; the silos that it started are stopped");
            }

            await terminal.Error.WriteLineAsync(
                started.Count == 0 ? $"{Are(silos)} up already" : before.Count == 0 ? $"{Are(silos)} up" : $"{Are(silos)} up; started: {string.Join(", ", started)}");
        }

        await PrintAsync(terminal, cluster, json: false);
        await terminal.Error.WriteLineAsync($"logs: {cluster.Folder}; next: reclaim run SCENARIO --cluster local");
        return ExitStatus.Done;
    }

    private static Command Status(Terminal terminal)
    {
        var command = new Command("status", "List the silos: process, address, state");
        var json = new Option<bool>("--json") { Description = "Print them as JSON and nothing else" };
        var folder = ClusterFolder.Option();
        command.Add(json);
        command.Add(folder);
        command.SetAction((parsed, _) => PrintAsync(terminal, new LocalCluster(ClusterFolder.Of(parsed, folder)), parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> PrintAsync(Terminal terminal, LocalCluster cluster, bool json)
    {
        var members = cluster.Members();
        if (json)
        {
            var silos = members.Select(member => new SiloLine(member.Name, member.Process.Pid, member.Address, member.Gateway?.ToString(), member.Http, member.State));
            await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(new SiloList(SiloList.SchemaName, cluster.Folder, [.. silos]), ResultDigest.IndentedJson));
        }
        else if (members.Count == 0)
        {
            await terminal.Error.WriteLineAsync($"no silo is up in {cluster.Folder}; to have some: reclaim silo up --silos 3");
        }
        else
        {
            terminal.OutConsole().Write(Table(members));
        }

        return ExitStatus.Done;
    }

    private static Table Table(IReadOnlyList<LocalMember> members)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var name in new[] { "silo", "pid", "address", "gateway", "http", "state" })
        {
            table.AddColumn(new TableColumn(new Text(name)) { Padding = new Padding(0, 0, 2, 0) });
        }

        foreach (var member in members)
        {
            table.AddRow([.. new[] { member.Name, $"{member.Process.Pid}", member.Address, $"{member.Gateway}", member.Http ?? "", member.State }.Select(cell => new Text(cell))]);
        }

        return table;
    }

    private static Command Down(Terminal terminal)
    {
        var command = new Command("down", "Stop all silos");
        var folder = ClusterFolder.Option();
        command.Add(folder);
        command.SetAction((parsed, stop) => DownAsync(terminal, new LocalCluster(ClusterFolder.Of(parsed, folder)), stop));
        return command;
    }

    private static async Task<int> DownAsync(Terminal terminal, LocalCluster cluster, CancellationToken stop)
    {
        if (!Directory.Exists(cluster.Folder))
        {
            await terminal.Error.WriteLineAsync($"no silo is up: there is no folder {cluster.Folder}");
            return ExitStatus.Done;
        }

        using var mine = await cluster.LockAsync(stop);
        var (ended, killed) = await cluster.StopAsync(stop);
        await terminal.Error.WriteLineAsync(ended == 0
            ? $"no silo is up in {cluster.Folder}"
            : $"{Are(ended)} down{(killed == 0 ? "" : $", {killed} of them killed, as they did not end in time")}; logs and runs stay in {cluster.Folder}");
        return ExitStatus.Done;
    }

    private static string Are(int silos) => silos == 1 ? "1 silo is" : $"{silos} silos are";

    private sealed record SiloList(string Schema, string Folder, IReadOnlyList<SiloLine> Silos)
    {
        public const string SchemaName = "reclaim-silos/1";
    }

    private sealed record SiloLine(string Name, int Pid, string Address, string? Gateway, string? Http, string State);
}

/// <summary>Which local cluster is meant.</summary>
internal static class ClusterFolder
{
    public static Option<string?> Option() => new("--folder")
    {
        Description = $"Folder of the local cluster (default: {LocalFolder.Variable}, or reclaim/local in the user's state folder)",
        HelpName = "DIR",
    };

    public static string Of(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is { Length: > 0 } folder ? Path.GetFullPath(folder) : LocalFolder.Default;
}
