using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using Reclaim.Model.Kernels;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;

namespace Reclaim.Benchmarks;

/// <summary>
/// A walk of page tables, as aging makes one: every entry of tables in which all entries were accessed, or one in 64, or none.
/// </summary>
[Config(typeof(Config))]
public class PageTableWalkBenchmark
{
    private const int Tables = 2048;
    private const int Pages = Tables * AddressSpace.TablePages;

    private Vma _vma = null!;
    private MultiGenLruvec _lruvec = null!;

    /// <summary>Of how many entries one was accessed; 0: none.</summary>
    [Params(1, 64, 0)]
    public int Every { get; set; }

    [GlobalSetup]
    public void Map()
    {
        var memcg = new MemoryCgroup([Pages], 2L * Pages, 0, 0);
        _lruvec = new MultiGenLruvec(memcg, new KernelChoice().ResolveRules(), swappiness: 0, () => 0);
        memcg.Lruvec = _lruvec;
        _vma = new AddressSpace(0).Map(0, Pages, anonymous: false);
        memcg.Rmap.Add(_vma);
        memcg.Rmap.Begin(_vma.Mm);
        var path = new MultiGenPath(_lruvec);
        for (var page = 0u; page < Pages; page++)
        {
            memcg.Fault(path, page, write: false, inFault: true);
            _vma.Pte[page] = PteFlags.Present;
            _vma.TableOf((int)page) |= TableFlags.Allocated;
        }

        _lruvec.Drain();
    }

    /// <summary>The process runs again.</summary>
    [IterationSetup]
    public void Access()
    {
        _vma.Mm.Ran = ulong.MaxValue;
        for (var table = 0; table < Tables; table++)
        {
            _vma.Table(table) |= TableFlags.Young;
        }

        for (var page = 0; Every > 0 && page < Pages; page += Every)
        {
            _vma.Touch(page, write: false);
        }
    }

    [Benchmark(OperationsPerInvoke = Pages)]
    public long Walk()
    {
        _lruvec.WalkPageTables(forceScan: false);
        return _lruvec.PtesWalked;
    }

    private sealed class Config : ManualConfig
    {
        public Config() => AddJob(Job.Default
            .WithStrategy(RunStrategy.Monitoring)
            .WithLaunchCount(1)
            .WithWarmupCount(2)
            .WithIterationCount(10)
            .WithInvocationCount(1)
            .WithUnrollFactor(1));
    }
}
