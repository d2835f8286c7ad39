using BenchmarkDotNet.Attributes;
using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;

namespace Reclaim.Benchmarks;

/// <summary>
/// A whole container whose pages all fit: hits through a file descriptor, a mapping and anonymous memory, with the pattern's
/// generator and the job's clock.
/// </summary>
[Config(typeof(AccessRateConfig))]
public class AccessKindBenchmark
{
    private const int Pages = 1 << 20;
    private const int Accesses = 32 << 20;

    private Container _container = null!;

    [Params("descriptor", "mapped", "anonymous")]
    public string Kind { get; set; } = "";

    /// <summary>Touches every page once; what is timed finds them all in memory.</summary>
    [IterationSetup]
    public void Fill()
    {
        var path = Enum.Parse<AccessPath>(Kind, ignoreCase: true);
        var anonymous = path == AccessPath.Anonymous;
        var source = new MixSource(
            (Patterns.Create("scan", Pages, Pages, 1, 0, 1, 0, 0, write: anonymous), Pages),
            (Patterns.Create("uniform", Pages, Accesses, 1, 0, 1, 0, 0, write: false), Accesses));
        _container = new Container(new ContainerPlan
        {
            Kernel = new KernelChoice(),
            MaxPages = 2 * Pages,
            FilePages = [anonymous ? 1 : Pages],
            HeapPages = anonymous ? [Pages] : [],
            Jobs =
            [
                new JobPlan
                {
                    Workload = 0,
                    Streams = [new StreamPlan { Source = source, File = 0, Device = new Device(DeviceType.Of("brd")), Path = path }],
                },
            ],
        });
        _container.Run(long.MaxValue, 4L * Pages, Pages);
    }

    [Benchmark(OperationsPerInvoke = Accesses)]
    public long Hits()
    {
        _container.Run(long.MaxValue, 4L * Pages, Accesses);
        return _container.Misses;
    }
}
