using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Reclaim.Client.Tests.Telemetry.Otlp;
using Reclaim.Contracts.Results;
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
        using var collector = new Collector(FreePort());
        var (results, error) = await RunAsync(collector.Endpoint);

        Assert.DoesNotContain("telemetry:", error, StringComparison.Ordinal);
        Assert.Equal([("reclaim", "Reclaim")], collector.Senders);
        var spans = collector.Spans.ToDictionary(span => span.SpanId);
        var run = spans.Values.Single(span => span.Name == "run");
        Assert.Equal(results.Digest, Text(run, "reclaim.digest"));
        Assert.Equal(4_000_000_000UL, run.EndTimeUnixNano - run.StartTimeUnixNano);

        var scans = spans.Values.Where(span => span.Name == "shrink_lruvec").ToList();
        Assert.All(scans, scan =>
        {
            var cause = spans[scan.ParentSpanId];
            Assert.Equal((scan.TraceId, "reclaim kswapd"), (cause.TraceId, cause.Name));
            Assert.Equal(run.SpanId, Assert.Single(cause.Links).SpanId);
            Assert.InRange(scan.StartTimeUnixNano, cause.StartTimeUnixNano, cause.EndTimeUnixNano);
            Assert.InRange(scan.EndTimeUnixNano, scan.StartTimeUnixNano, cause.EndTimeUnixNano);
        });
        foreach (var entry in results.Hosts[0].ReclaimMatrix)
        {
            var ofEntry = scans.FindAll(scan => Text(scan, "reclaim.asker") == entry.Aggressor && Text(scan, "reclaim.victim") == entry.Victim);
            Assert.Equal((entry.Scanned, entry.Reclaimed), (ofEntry.Sum(scan => Number(scan, "pgscan")), ofEntry.Sum(scan => Number(scan, "pgsteal"))));
        }

        var refaults = spans.Values.Where(span => span.Name == "refault").ToList();
        Assert.NotEmpty(refaults);
        Assert.All(refaults, refault => Assert.Equal("reclaim kswapd", spans[Assert.Single(refault.Links).SpanId].Name));

        foreach (var (path, cgroup) in results.Hosts[0].Cgroups)
        {
            Assert.All(cgroup.MemoryStat, counter => Assert.Equal(counter.Value, Value(collector, $"cgroup.memory.stat.{counter.Name}", ("reclaim.cgroup", path))));
            Assert.Equal(cgroup.MemoryCurrent, Value(collector, "cgroup.memory.current", ("reclaim.cgroup", path)));
        }

        Assert.True(collector.Metrics.Single(metric => metric.Name == "cgroup.memory.stat.pgscan").Sum.IsMonotonic);
        Assert.Equal(results.Hosts[0].Nodes[0].FreePages, Value(collector, "node.memory.free"));
    }

    [Fact]
    public async Task A_collector_that_is_not_there_is_told_of_and_the_run_is_the_same()
    {
        var (results, error) = await RunAsync($"http://127.0.0.1:{FreePort()}");
        var (bare, silent) = await RunAsync(endpoint: null);

        Assert.Matches(@"telemetry: \d+ of \d+ batches could not be delivered \(OTEL_EXPORTER_OTLP_ENDPOINT http://127\.0\.0\.1:\d+\)", error);
        Assert.DoesNotContain("telemetry", silent, StringComparison.Ordinal);
        Assert.Equal(bare.Digest, results.Digest);
        Assert.Null(bare.Hosts[0].Cgroups["/database"].Records);
    }

    private static async Task<(RunResults Results, string Error)> RunAsync(string? endpoint)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "reclaim.dll"), .. _command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint ?? "";
        start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return (JsonSerializer.Deserialize<RunResults>(await output, ResultDigest.Json)!, await error);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(Span span, string key) => span.Attributes.Single(attribute => attribute.Key == key).Value.StringValue;

    private static long Number(Span span, string key) => span.Attributes.Single(attribute => attribute.Key == key).Value.IntValue;

    private static long Value(Collector collector, string metric, params (string Key, string Value)[] of)
    {
        var found = collector.Metrics.Single(known => known.Name == metric);
        var points = found.Sum?.DataPoints ?? found.Gauge.DataPoints;
        return points.Single(point => of.All(tag => point.Attributes.Any(attribute => attribute.Key == tag.Key && attribute.Value.StringValue == tag.Value))).AsInt;
    }
}
