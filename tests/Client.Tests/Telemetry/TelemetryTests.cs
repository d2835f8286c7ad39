using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Reclaim.Contracts.Results;
using Reclaim.Silo.Hosting;
using Reclaim.Tests;
using Xunit;

namespace Reclaim.Client.Tests.Telemetry;

/// <summary>What a collector is told of a run, when OTEL_EXPORTER_OTLP_ENDPOINT names one: of the program as a process.</summary>
public sealed class TelemetryTests
{
    private static readonly string[] _command =
        ["run", Path.Combine(AppContext.BaseDirectory, "scenarios", "noisy-neighbour.yaml"), "--silos", "0", "--quiet", "--json", "--set", "duration=4s"];

    [Fact]
    public async Task Each_eviction_has_a_cause_and_spans_and_metrics_add_up_to_the_counters()
    {
        using var collector = new Collector();
        var (results, error) = await RunAsync(collector.Endpoint);

        Assert.DoesNotContain("telemetry:", error, StringComparison.Ordinal);
        Assert.Equal([("reclaim", "Reclaim")], collector.Senders);
        var spans = collector.Spans.ToDictionary(span => span.SpanId);
        var run = spans.Values.Single(span => span.Name == "run");
        Assert.Equal(results.Digest, run.Text("reclaim.digest"));
        Assert.Equal(4_000_000_000UL, run.EndTimeUnixNano - run.StartTimeUnixNano);
        var command = spans[run.ParentSpanId];
        Assert.Equal(("reclaim run", 0), (command.Name, command.ParentSpanId.Length));
        Assert.All(spans.Values, span => Assert.Equal(command.TraceId, span.TraceId));

        var scans = spans.Values.Where(span => span.Name == "shrink_lruvec").ToList();
        Assert.All(scans, scan =>
        {
            var cause = spans[scan.ParentSpanId];
            Assert.Equal((scan.TraceId, "reclaim kswapd"), (cause.TraceId, cause.Name));
            Assert.Equal(run.SpanId, cause.ParentSpanId);
            Assert.InRange(scan.StartTimeUnixNano, cause.StartTimeUnixNano, cause.EndTimeUnixNano);
            Assert.InRange(scan.EndTimeUnixNano, scan.StartTimeUnixNano, cause.EndTimeUnixNano);
        });
        foreach (var entry in results.Hosts[0].ReclaimMatrix)
        {
            var ofEntry = scans.FindAll(scan => scan.Text("reclaim.asker") == entry.Aggressor && scan.Text("reclaim.victim") == entry.Victim);
            Assert.Equal((entry.Scanned, entry.Reclaimed), (ofEntry.Sum(scan => scan.Number("pgscan")), ofEntry.Sum(scan => scan.Number("pgsteal"))));
        }

        var refaults = spans.Values.Where(span => span.Name == "refault").ToList();
        Assert.NotEmpty(refaults);
        Assert.All(refaults, refault => Assert.Equal("reclaim kswapd", spans[Assert.Single(refault.Links).SpanId].Name));

        foreach (var (path, cgroup) in results.Hosts[0].Cgroups)
        {
            Assert.All(cgroup.MemoryStat, counter => Assert.Equal(counter.Value, collector.Metrics.Last($"cgroup.memory.stat.{counter.Name}", ("reclaim.cgroup", path))));
            Assert.Equal(cgroup.MemoryCurrent, collector.Metrics.Last("cgroup.memory.current", ("reclaim.cgroup", path)));
        }

        Assert.True(collector.Metrics.Single(metric => metric.Name == "cgroup.memory.stat.pgscan").Sum.IsMonotonic);
        Assert.Equal(results.Hosts[0].Nodes[0].FreePages, collector.Metrics.Last("node.memory.free"));
    }

    [Fact]
    public async Task A_collector_that_is_not_there_is_told_of_and_the_run_is_the_same()
    {
        using var nobody = ReservedPorts.Take(IPAddress.Loopback, 0);
        var (results, error) = await RunAsync($"http://127.0.0.1:{nobody.Numbers[0]}");
        var (bare, silent) = await RunAsync(endpoint: null);

        Assert.Matches(@"telemetry: \d+ of \d+ batches could not be delivered \(OTEL_EXPORTER_OTLP_ENDPOINT http://127\.0\.0\.1:\d+\)", error);
        Assert.DoesNotContain("telemetry", silent, StringComparison.Ordinal);
        Assert.Equal(bare.Digest, results.Digest);
        Assert.Null(bare.Hosts[0].Cgroups["/database"].Records);
    }

    [Theory]
    [InlineData("collector:4317", "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' is no URL of a collector: http://HOST:PORT or https://…\n")]
    [InlineData("http://collector:4317", "http/json", "OTEL_EXPORTER_OTLP_PROTOCOL: no protocol 'http/json': grpc or http/protobuf\n")]
    public async Task A_collector_that_nothing_can_be_sent_to_is_refused_before_anything_runs(string endpoint, string protocol, string line)
    {
        using var process = Start(endpoint, protocol);

        Assert.Equal(line, await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, process.ExitCode);
    }

    private static async Task<(RunResults Results, string Error)> RunAsync(string? endpoint)
    {
        using var process = Start(endpoint, "http/protobuf");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return (JsonSerializer.Deserialize<RunResults>(await output, ResultDigest.Json)!, await error);
    }

    private static Process Start(string? endpoint, string protocol)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "reclaim.dll"), .. _command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint ?? "";
        start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        return Process.Start(start)!;
    }
}
