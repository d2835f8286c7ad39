using System.CommandLine;
using System.Globalization;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Silo.Remote;

namespace Reclaim.Client.Commands;

/// <summary><c>control CGROUP FILE [TEXT]</c>: writes or reads a control file of a cgroup of a run that goes on in another terminal.</summary>
internal static class ControlCommand
{
    public static Command Make(CommandContext context)
    {
        var command = new Command("control", "Read a control file of a cgroup of a running simulation (run --listen), or write TEXT to it");
        var cgroup = new Argument<string>("CGROUP") { Description = "Path of the cgroup" };
        var file = new Argument<string>("FILE") { Description = "lru_gen, memory.reclaim, …" };
        var text = new Argument<string?>("TEXT") { Description = "What is written, as the kernel takes it; without it the file is read", Arity = ArgumentArity.ZeroOrOne };
        var cluster = ClusterOption.Make("Where the run listens, or its cluster", required: true);
        var run = new Option<string>("--run") { Description = "Name of the run", HelpName = "RUN", DefaultValueFactory = _ => "run-1" };
        var host = new Option<string?>("--host") { Description = "Number of the host (default 0)", HelpName = "N" };
        command.Add(cgroup);
        command.Add(file);
        command.Add(text);
        command.Add(cluster);
        command.Add(run);
        command.Add(host);
        command.SetAction((parsed, stop) => ControlAsync(
            context, ClusterOption.Read(parsed, cluster)!, parsed.GetRequiredValue(run), (int)(NumberOption.Read(host, parsed.GetValue(host), int.MaxValue) ?? 0),
            parsed.GetRequiredValue(cgroup), FileOf(parsed.GetRequiredValue(file), parsed.GetValue(text)), parsed.GetValue(text), stop));
        return command;
    }

    private static async Task<int> ControlAsync(
        CommandContext context, ClusterAddress address, string run, int host, string cgroup, EventFile file, string? text, CancellationToken stop)
    {
        var terminal = context.Terminal;
        ControlReply reply;
        try
        {
            await using var runs = await context.Engine.Connect(address, null, stop);
            reply = await runs.ControlAsync(run, host, cgroup, file, text);
        }
        catch (ClusterException e)
        {
            throw new RunFailedException($"--cluster {address}: {e.Message}");
        }
        catch (ArgumentException e)
        {
            throw new InputException($"control {cgroup} {EventFiles.NameOf(file)}: {e.Message.Split(" (Parameter")[0]}");
        }

        if (reply.Result is not { } result)
        {
            await terminal.Error.WriteLineAsync(reply.Over
                ? "the cgroup's workloads have ended before it took place"
                : string.Create(CultureInfo.InvariantCulture, $"the run is paused: it takes place when it goes on, at {reply.AtNs / 1e9:0.000000} s"));
            return reply.Over ? ExitStatus.Failed : ExitStatus.Done;
        }

        if (result.Read is { } read)
        {
            await terminal.Out.WriteAsync(read);
        }
        else
        {
            await terminal.Error.WriteLineAsync($"{result.File}: '{result.Write}' at {Figures.Fixed(result.AtNs / 1e9, 6)} s{(result.Error is null ? "" : $": {result.Error}")}");
        }

        return result.Error is null ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static EventFile FileOf(string name, string? text)
    {
        var names = text is null ? EventFiles.Readable : EventFiles.Writable;
        return names.Contains(name)
            ? EventFiles.Find(name)!.Value
            : throw new InputException($"FILE: no file '{name}' to {(text is null ? "read" : "write")}{Nearest.Suggestion(name, names)}: {string.Join(", ", names)}");
    }
}
