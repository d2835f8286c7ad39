using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>A run that goes on is steered, and looked at, from another terminal.</summary>
public sealed partial class ControlTests : IDisposable
{
    private const string Endless = """
        schema: reclaim/1
        name: endless
        host:
          nodes: [ { memory: 1G } ]
          devices: { disk: { type: nvme } }
          cgroups:
            a:
              memory.max: 8M
              workloads:
                - pattern: { pattern: zipf, theta: 0.8, n: 8192, seed: 1, acc: 1000000000000 }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("reclaim-control").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_running_simulation_takes_commands_and_shows_its_generations()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var (scenario, file) = (Path.Combine(_folder, "s.yaml"), Path.Combine(_folder, "results.json"));
        await File.WriteAllTextAsync(scenario, Endless, stop.Token);
        var said = new Lines();
        var running = Cli.InvokeAsync(
            ["run", scenario, "--listen", "--quiet", "--results", file], new Terminal(TextWriter.Null, said), Engine.Real, stop.Token);
        var address = Address().Match(await said.First.Task.WaitAsync(stop.Token)).Groups[1].Value;

        var before = await Control(address, "/a", "lru_gen");
        var aged = await Control(address, "/a", "lru_gen", "+ $memcg 0 $max_seq");
        var after = await Control(address, "/a", "lru_gen");
        var wrong = await Control(address, "/b", "lru_gen");
        await stop.CancelAsync();

        Assert.Equal(0, await running);
        Assert.StartsWith("memcg     2 /a\n node     0\n", before.Out, StringComparison.Ordinal);
        Assert.Equal(0, aged.Status);
        Assert.True(Youngest(after.Out) > Youngest(before.Out));
        Assert.Equal((2, "control /b lru_gen: no cgroup '/b' on host host: /a\n"), (wrong.Status, wrong.Error));

        // What was done is in the results, so that a scenario can do the same at the same time.
        var results = JsonSerializer.Deserialize<RunResults>(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), ResultDigest.Json)!;
        var events = results.Hosts[0].Cgroups["/a"].Events;
        Assert.Equal([null, "+ 2 0 ", null], events.Select(item => item.Write?[..6]));

        // The run ages by itself too, so the youngest generation when the command came may be younger than the one read before.
        Assert.InRange(ulong.Parse(events[1].Write![6..], null), Youngest(before.Out), Youngest(after.Out) - 1);
        Assert.Equal(before.Out, events[0].Read);
    }

    [Fact]
    public async Task A_port_that_somebody_listens_at_is_told_with_its_option()
    {
        using var somebody = new TcpListener(IPAddress.Loopback, 0);
        somebody.Start();
        var port = ((IPEndPoint)somebody.LocalEndpoint).Port;
        var (output, error) = (new StringWriter(), new StringWriter { NewLine = "\n" });

        Assert.Equal(1, await Cli.InvokeAsync(["run", "tiering", "--quiet", "--listen", $"{port}"], output, error));
        Assert.Equal($"--listen {port}: somebody listens at 127.0.0.1:{port} already\n", error.ToString());
    }

    [Fact]
    public async Task Nobody_listening_is_a_failure_and_a_wrong_file_is_wrong_input()
    {
        Assert.Equal((1, "--cluster 127.0.0.1:1: no run answers at 127.0.0.1:1\n"), Failure(await Control("127.0.0.1:1", "/a", "lru_gen")));
        Assert.Equal(2, (await Control("here", "/a", "lru_gen")).Status);
        Assert.StartsWith("FILE: no file 'lrugen' to read; did you mean 'lru_gen'?", (await Control("127.0.0.1:1", "/a", "lrugen")).Error, StringComparison.Ordinal);
    }

    private static (int Status, string Error) Failure((int Status, string Out, string Error) said) => (said.Status, said.Error);

    private static ulong Youngest(string text) => ulong.Parse(text.TrimEnd().Split('\n')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], null);

    private static async Task<(int Status, string Out, string Error)> Control(string address, params string[] args)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var status = await Cli.InvokeAsync(["control", "--cluster", address, .. args], output, error);
        return (status, output.ToString(), error.ToString());
    }

    [GeneratedRegex("--cluster ([0-9.:]+) ")]
    private static partial Regex Address();

    /// <summary>Standard error, whose first line somebody waits for.</summary>
    private sealed class Lines : StringWriter
    {
        public TaskCompletionSource<string> First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Task WriteLineAsync(string? value)
        {
            First.TrySetResult(value ?? "");
            return base.WriteLineAsync(value);
        }
    }
}
