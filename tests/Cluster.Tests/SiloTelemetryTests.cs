using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Reclaim.Contracts.Results;
using Reclaim.Silo.Hosting;
using Reclaim.Tests;
using Reclaim.Tests.Otlp;

namespace Reclaim.Cluster.Tests;

/// <summary>What a collector of OpenTelemetry is told of silos, and of what they do for a command that sends to it, too.</summary>
public sealed partial class SiloTelemetryTests(Fleet fleet)
{
    private const string Silo = "reclaim-silo";
    private static readonly string[] _run = ["run", "noisy-neighbour", "--cluster", "local", "--name", "trial", "--set", "duration=4s", "--json", "--quiet"];
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_silos_do_for_a_command_belongs_to_its_span()
    {
        using var collector = new Collector();
        await using var cluster = await UpAsync(collector.Variables, ("Reclaim__Telemetry__StepsPerSpan", "16"));
        var results = await ResultsAsync(cluster);
        await ToldAsync(() => collector.SpansOf(Silo).Any(span => span.Name == "drive"));

        var spans = collector.Spans.ToDictionary(span => span.SpanId);
        var command = spans.Values.Single(span => span.Name == "reclaim run");
        Assert.Empty(command.ParentSpanId);
        Assert.All(spans.Values, span => Assert.Equal(command, RootOf(span, spans)));
        Assert.Equal(results.Digest, spans.Values.Single(span => span.Name == "run").Text("reclaim.digest"));

        var silo = collector.SpansOf(Silo);
        Assert.Superset(new HashSet<string> { "create hosts", "place host", "drive", "step", "gather results" }, silo.Select(span => span.Name).ToHashSet());
        Assert.All(silo.Where(span => span.Name == "step"), step => Assert.Equal(1, step.Number("reclaim.step") % 16));

        // A step is a grain call, and what that takes: its span is where the context comes out.
        var taken = silo.First(span => span.Name.EndsWith("/Step", StringComparison.Ordinal) && spans[span.ParentSpanId].Name != "step");
        Assert.Equal("step", spans[spans[taken.ParentSpanId].ParentSpanId].Name);
    }

    [Fact]
    public async Task Metrics_under_the_kernels_names_end_as_the_counters_in_the_results()
    {
        using var collector = new Collector();
        await using var cluster = await UpAsync(collector.Variables);
        var host = (await ResultsAsync(cluster)).Hosts[0];
        (string, string)[] whose = [("reclaim.run", "trial"), ("reclaim.host", host.Name)];
        await ToldAsync(() => collector.Metrics.Last("host.virtual_time", whose) == 4_000_000);

        foreach (var (path, cgroup) in host.Cgroups)
        {
            Assert.All(cgroup.MemoryStat, counter => Assert.Equal(
                (counter.Name, counter.Value), (counter.Name, collector.Metrics.Last($"cgroup.memory.stat.{counter.Name}", [.. whose, ("reclaim.cgroup", path)]))));
        }

        Assert.Superset(
            new HashSet<(string, string)> { (Silo, "Reclaim"), (Silo, "Reclaim.Simulated"), (Silo, "Microsoft.Orleans") }, collector.Senders.ToHashSet());
    }

    [Fact]
    public async Task A_host_that_is_taken_up_after_the_loss_of_its_silo_is_in_the_same_trace()
    {
        using var collector = new Collector();
        await using var cluster = await UpAsync(collector.Variables, silos: 2);
        await using var run = await ClusterRun.StartAsync(cluster.Program, fleet.Scenario);

        Signals.Kill((await cluster.Program.SilosAsync())[1]);

        using var results = JsonDocument.Parse((await ReclaimProgram.EndAsync(run.Client)).Output);
        Assert.Equal(fleet.Digest, results.RootElement.GetProperty("digest").GetString());
        await ToldAsync(() => collector.SpansOf(Silo).Any(span => span.Name == "take up host" && span.Attributes.Any(attribute => attribute.Key == "reclaim.incarnation")));
        var command = collector.Spans.Single(span => span.Name == "reclaim run");
        Assert.All(collector.SpansOf(Silo).Where(span => span.Name == "take up host"), taken => Assert.Equal((command.TraceId, "trial"), (taken.TraceId, taken.Text("reclaim.run"))));
    }

    [Fact]
    public async Task A_run_of_a_command_that_traces_nothing_is_a_trace_of_its_own_and_other_calls_are_none()
    {
        using var collector = new Collector();
        await using var cluster = await UpAsync(collector.Variables);
        cluster.Program.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "";
        await ResultsAsync(cluster);
        await ToldAsync(() => collector.Spans.Any(span => span.Name == "drive"));

        var root = Assert.Single(collector.Spans, span => span.ParentSpanId.IsEmpty);
        Assert.Equal("create hosts", root.Name);
        Assert.All(collector.Spans, span => Assert.Equal(root.TraceId, span.TraceId));
        Assert.DoesNotContain(collector.Spans, span => span.Name.EndsWith("/Wait", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_collector_that_is_not_there_stops_no_run()
    {
        using var nobody = ReservedPorts.Take(IPAddress.Loopback, 0);
        await using var cluster = await UpAsync(new Dictionary<string, string> { ["Reclaim__Telemetry__Otlp"] = $"http://127.0.0.1:{nobody.Numbers[0]}" });

        using var results = JsonDocument.Parse(await cluster.Program.RunAsync("run", fleet.Scenario, "--cluster", "local", "--json", "--quiet"));

        Assert.Equal(fleet.Digest, results.RootElement.GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Spans_and_metrics_can_be_printed()
    {
        await using var cluster = await UpAsync(new Dictionary<string, string> { ["Reclaim__Telemetry__Console"] = "true" });
        await ResultsAsync(cluster);

        var log = Path.Combine(cluster.Program.Folder, "silo-1.log");
        await ToldAsync(() => File.ReadAllText(log) is var said && DriveSpan().IsMatch(said) && said.Contains("Metric Name: cgroup.memory.stat.pgscan", StringComparison.Ordinal));
        Assert.Contains("telemetry: to standard output\n", File.ReadAllText(log), StringComparison.Ordinal);
    }

    private static async Task<ClusterFolder> UpAsync(IReadOnlyDictionary<string, string> variables, (string Key, string Value)? setting = null, int silos = 1)
    {
        var cluster = new ClusterFolder();
        foreach (var (name, value) in setting is { } more ? variables.Append(KeyValuePair.Create(more.Key, more.Value)) : variables)
        {
            cluster.Program.Environment[name] = value;
        }

        await cluster.Program.RunAsync("silo", "up", "--silos", $"{silos}");
        return cluster;
    }

    private static async Task<RunResults> ResultsAsync(ClusterFolder cluster) => JsonSerializer.Deserialize<RunResults>(await cluster.Program.RunAsync(_run), ResultDigest.Json)!;

    /// <summary>Waits until somebody has been told something.</summary>
    private static async Task ToldAsync(Func<bool> told)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(_patience);
        while (!told())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static Span RootOf(Span span, Dictionary<Google.Protobuf.ByteString, Span> spans)
    {
        while (!span.ParentSpanId.IsEmpty)
        {
            Assert.True(spans.TryGetValue(span.ParentSpanId, out var parent), $"{span.Name} has a parent that nobody sent");
            Assert.Equal(span.TraceId, parent.TraceId);
            span = parent;
        }

        return span;
    }

    [GeneratedRegex(@"Activity\.DisplayName:\s+drive")]
    private static partial Regex DriveSpan();
}
