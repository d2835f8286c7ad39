using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using Reclaim.Contracts.Spec;
using Reclaim.Grains;
using Reclaim.Model.Steps;
using Reclaim.Silo;

namespace Reclaim.Benchmarks;

/// <summary>
/// Containers that push each other out of one node: 8 MiB of it for each, above what kswapd keeps free, and a file of 16, 9 or 8.25 MiB that each reads zipf:0.9, so that about one
/// access in eight misses, one in 40, or one in 100, and every page comes from kswapd. As many accesses in all, however many containers make them. The model alone runs
/// in one thread; in a silo, on brd, containers run on as many threads as there are processors.
/// </summary>
[Config(typeof(Rates))]
public class ContentionBenchmark
{
    private const long Accesses = 32_000_000;
    private IRunHost _silo = null!;

    /// <summary>Containers on the host.</summary>
    [Params(1, 8, 64, 512)]
    public int Containers { get; set; }

    /// <summary>What they read from.</summary>
    [Params("nvme", "brd")]
    public string Device { get; set; } = "nvme";

    /// <summary>Pages of the file of each.</summary>
    [Params(4096, 2304, 2112)]
    public int FilePages { get; set; } = FilePagesOfMany;

    /// <summary>With as many one access in eight misses.</summary>
    internal const int FilePagesOfMany = 4096;

    [GlobalSetup]
    public async Task Start() => _silo = await RunHosts.EmbeddedAsync(1);

    [GlobalCleanup]
    public async Task Stop()
    {
        await _silo.DisposeAsync();

        // What a turn costs: the time of a run by as many.
        var steps = Steps(Spec(Containers, Device, Accesses, hosts: 1, filePages: FilePages));
        while (!steps.Coordinator.Done)
        {
            steps.Step(long.MaxValue);
        }

        var domain = steps.Coordinator.Domains[0];
        Console.WriteLine(FormattableString.Invariant($"// {Containers} on {Device}: {domain.Turns} turns, {domain.Batches} batches, {domain.Orders} orders to reclaim, {domain.Nodes.Sum(node => node.Rounds)} rounds of kswapd, {domain.Nodes.Sum(node => node.Stalls)} stalls"));
    }

    [Benchmark(OperationsPerInvoke = (int)Accesses, Baseline = true)]
    public long ModelAlone() => Alone(Spec(Containers, Device, Accesses, hosts: 1, filePages: FilePages));

    [Benchmark(OperationsPerInvoke = (int)Accesses)]
    public Task<string> OneSilo() => Through(_silo, Spec(Containers, Device, Accesses, hosts: 1, filePages: FilePages));

    /// <summary>Runs a host to its end.</summary>
    /// <returns>Accesses made.</returns>
    internal static long Alone(RunSpec spec)
    {
        var steps = Steps(spec);
        while (!steps.Coordinator.Done)
        {
            steps.Step(200_000);
        }

        return steps.Coordinator.Accesses;
    }

    internal static HostSteps Steps(RunSpec spec)
    {
        var host = spec.Hosts[0];
        ImmutableArray<Container> containers = [.. host.Cgroups.Select((_, i) => ContainerFactory.Build(spec, 0, i))];
        ImmutableArray<string> paths = [.. host.Cgroups.Select(cgroup => cgroup.Path)];
        var domains = SharedLimits.Domains(spec, 0, [.. containers.Select((container, i) => container.Terms(paths[i]))]);
        return new HostSteps(containers, paths, [.. NumaLayout.Nodes(host).Select(node => HostAssembly.Memory(host, node))], null, domains);
    }

    internal static async Task<string> Through(IRunHost host, RunSpec spec)
    {
        await using var run = await host.CreateAsync(spec);
        await run.StartAsync();
        await run.WaitAsync();
        return (await run.ResultsAsync()).Digest;
    }

    /// <summary>Hosts of containers that are short of memory, each so many times as large.</summary>
    internal static RunSpec Spec(int containers, string device, long accesses, int hosts, int times = 1, int filePages = FilePagesOfMany)
    {
        // kswapd keeps what is free between the low and the high watermark, 125 and 150 % of min_free_kbytes.
        var kib = (containers * times * 8L + 32) << 10;
        var marks = (long)(1.375 * Math.Sqrt(kib * 16)) / 4 * 4;
        return new RunSpec
        {
            Scenario = "contention",
            Kernel = new KernelSpec { Variant = "v6.12.117" },
            Hosts =
            [
                .. Enumerable.Range(0, hosts).Select(host => new HostSpec
                {
                    Name = $"host-{host}",
                    Nodes = [new NodeSpec((kib + marks) << 10) { UsedBytes = 32L << 20 }],
                    Devices = [new DeviceSpec { Name = "disk", Type = device }],
                    Cgroups =
                    [
                        .. Enumerable.Range(0, containers).Select(i => new CgroupSpec
                        {
                            Path = $"/c{i}",
                            Workloads =
                            [
                                new PatternSpec
                                {
                                    Name = "zipf", Device = "disk", Pattern = "zipf", N = filePages * times, Nf = 1, Theta = 0.9, Seed = (ulong)(1 + i), Acc = accesses / containers / hosts,
                                },
                            ],
                        }),
                    ],
                }),
            ],
        };
    }

    /// <summary>Whole runs, with their rates.</summary>
    internal sealed class Rates : ManualConfig
    {
        public Rates()
        {
            AddJob(BenchmarkDotNet.Jobs.Job.Default.WithStrategy(RunStrategy.Monitoring).WithLaunchCount(1).WithWarmupCount(1).WithIterationCount(3).WithInvocationCount(1).WithUnrollFactor(1));
            AddColumn(AccessRateColumn.Median, AccessRateColumn.Best);
            HideColumns(Column.Error, Column.StdDev, Column.RatioSD);
        }
    }
}

/// <summary>One container with as much memory, and as large a file, as so many of those together: what is slower there is not because they are many, but because no processor cache holds what they know of their pages.</summary>
[Config(typeof(ContentionBenchmark.Rates))]
public class LargeContainerBenchmark
{
    private const long Accesses = 32_000_000;

    [Params(8, 64, 512)]
    public int Times { get; set; }

    [Params("nvme", "brd")]
    public string Device { get; set; } = "nvme";

    [Benchmark(OperationsPerInvoke = (int)Accesses)]
    public long ModelAlone() => ContentionBenchmark.Alone(ContentionBenchmark.Spec(containers: 1, Device, Accesses, hosts: 1, Times));
}

/// <summary>A fleet in one process: a hundred hosts of twenty such containers each.</summary>
[Config(typeof(ContentionBenchmark.Rates))]
public class FleetBenchmark
{
    private const long Accesses = 64_000_000;
    private IRunHost _silo = null!;

    [GlobalSetup]
    public async Task Start() => _silo = await RunHosts.EmbeddedAsync(1);

    [GlobalCleanup]
    public async Task Stop() => await _silo.DisposeAsync();

    [Benchmark(OperationsPerInvoke = (int)Accesses)]
    public Task<string> HundredHostsOfTwenty() => ContentionBenchmark.Through(_silo, ContentionBenchmark.Spec(20, "nvme", Accesses, hosts: 100));
}
