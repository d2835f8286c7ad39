using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using Reclaim.Contracts.Spec;
using Reclaim.Grains;
using Reclaim.Silo;

namespace Reclaim.Benchmarks;

/// <summary>
/// What it costs to run through grains: one and the same run as a plain loop over the model, in one embedded silo, and in two.
/// The silos are up before the clock runs; the run is made, stepped and its results are read within it.
/// </summary>
[Config(typeof(WholeRuns))]
public class GrainOverheadBenchmark
{
    private const long Accesses = 20_000_000;

    private static readonly RunSpec Spec = new()
    {
        Scenario = "grain-overhead",
        Hosts =
        [
            new HostSpec
            {
                Nodes = [new NodeSpec(4L << 30)],
                Devices = [new DeviceSpec { Name = "ram0", Type = "brd" }],
                Cgroups =
                [
                    new CgroupSpec
                    {
                        Path = "/bench",
                        MemoryMax = 256L << 20,
                        Workloads =
                        [
                            new PatternSpec { Name = "zipf", Device = "ram0", Pattern = "zipf", N = 196608, Nf = 12, Theta = 0.5, Seed = 1, Acc = Accesses },
                        ],
                    },
                ],
            },
        ],
    };

    private IRunHost _one = null!;
    private IRunHost _two = null!;

    [GlobalSetup]
    public async Task Start() => (_one, _two) = (await RunHosts.EmbeddedAsync(1), await RunHosts.EmbeddedAsync(2));

    [GlobalCleanup]
    public async Task Stop()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    public long ModelAlone()
    {
        var container = ContainerFactory.Build(Spec, 0, 0);
        container.Run(long.MaxValue, container.PagesLimit, long.MaxValue);
        return container.Misses;
    }

    [Benchmark]
    public Task<string> OneSilo() => Through(_one);

    [Benchmark]
    public Task<string> TwoSilos() => Through(_two);

    private static async Task<string> Through(IRunHost host)
    {
        await using var run = await host.CreateAsync(Spec);
        await run.StartAsync();
        await run.WaitAsync();
        return (await run.ResultsAsync()).Digest;
    }

    private sealed class WholeRuns : ManualConfig
    {
        public WholeRuns() => AddJob(Job.Default
            .WithStrategy(RunStrategy.Monitoring)
            .WithLaunchCount(1)
            .WithWarmupCount(1)
            .WithIterationCount(7)
            .WithInvocationCount(1)
            .WithUnrollFactor(1));
    }
}
