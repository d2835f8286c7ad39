using BenchmarkDotNet.Attributes;
using Reclaim.Contracts.Spec;
using Reclaim.Silo;

namespace Reclaim.Benchmarks;

/// <summary>What it costs that a run is watched: eight containers that push each other out of one node, of which samples are taken, reclaims written down, or both.</summary>
[Config(typeof(ContentionBenchmark.Rates))]
public class ObservationBenchmark
{
    private const int Accesses = 32_000_000;

    /// <summary>As many of each cgroup as <c>--trace</c> keeps of a few.</summary>
    private const int Reclaims = 4096;

    private readonly RunSpec _spec = ContentionBenchmark.Spec(containers: 8, "brd", Accesses, hosts: 1);
    private IRunHost _silo = null!;

    [GlobalSetup]
    public async Task Start() => _silo = await RunHosts.EmbeddedAsync(1);

    [GlobalCleanup]
    public async Task Stop() => await _silo.DisposeAsync();

    /// <summary>Nothing but results.</summary>
    [Benchmark(OperationsPerInvoke = Accesses, Baseline = true)]
    public Task<string> Nothing() => ContentionBenchmark.Through(_silo, _spec);

    /// <summary><c>--series</c>, and <c>--report</c>.</summary>
    [Benchmark(OperationsPerInvoke = Accesses)]
    public Task<string> Series() => ContentionBenchmark.Through(_silo, _spec with { CaptureSeries = true });

    /// <summary>What telemetry's spans are made of.</summary>
    [Benchmark(OperationsPerInvoke = Accesses)]
    public Task<string> ReclaimRecords() => ContentionBenchmark.Through(_silo, _spec with { CaptureReclaims = Reclaims });

    /// <summary><c>--trace</c>.</summary>
    [Benchmark(OperationsPerInvoke = Accesses)]
    public Task<string> Both() => ContentionBenchmark.Through(_silo, _spec with { CaptureSeries = true, CaptureReclaims = Reclaims });
}
