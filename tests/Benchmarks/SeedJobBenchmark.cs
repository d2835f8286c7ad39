using BenchmarkDotNet.Attributes;
using Reclaim.Model.Classic;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Reference;
using Reclaim.Model.Workloads;

namespace Reclaim.Benchmarks;

/// <summary>
/// The requests of the seed's fio job through the kernel policies of the model, charge, page-cache tree, shadows and all, without
/// virtual time; and, as the yardstick, through exact LRU: plain, and as the model's reference policy.
/// </summary>
[Config(typeof(AccessRateConfig))]
public class SeedJobBenchmark
{
    private const int Block = 4096;

    private readonly uint[] _block = new uint[Block];
    private uint[] _sequence = [];
    private bool[] _hits = [];
    private AccessSource _source = null!;
    private ExactLru _plain = null!;
    private LruPolicy _policy = null!;
    private MemoryCgroup _multiGenMemcg = null!;
    private MemoryCgroup _classicMemcg = null!;
    private MultiGenPath _multiGen;
    private ClassicPath _classic;

    [Params("uniform", "zipf:0.5")]
    public string Distribution { get; set; } = "";

    [GlobalSetup]
    public void Generate()
    {
        _source = SeedTraces.Source(Distribution);
        _sequence = SeedTraces.Take(SeedTraces.Source(Distribution));
        _hits = new bool[_sequence.Length];
        _plain = new ExactLru(SeedTraces.Pages, SeedTraces.Resident);
        _policy = new LruPolicy(SeedTraces.Pages, SeedTraces.Resident);

        var rules = KernelVariants.Find("v6.8")!.Rules;
        _multiGenMemcg = Memcg();
        var multiGen = new MultiGenLruvec(_multiGenMemcg, rules, swappiness: 0, () => 0);
        _multiGenMemcg.Lruvec = multiGen;
        _multiGen = new MultiGenPath(multiGen);

        _classicMemcg = Memcg();
        var classic = new ClassicLruvec(_classicMemcg, rules.AddBatch, rules.ClassicFlush);
        _classicMemcg.Lruvec = classic;
        _classic = new ClassicPath(classic);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = SeedTraces.Accesses)]
    public int PlainLru()
    {
        var hits = 0;
        foreach (var page in _sequence)
        {
            if (_plain.Access(page))
                hits++;
        }

        return hits;
    }

    [Benchmark(OperationsPerInvoke = SeedTraces.Accesses)]
    public int ReferenceLru() => _policy.Replay(_sequence, _hits);

    [Benchmark(OperationsPerInvoke = SeedTraces.Accesses)]
    public long V6_8() => Read(_multiGen, _multiGenMemcg, _sequence);

    /// <summary>The same with the requests made as they are read.</summary>
    [Benchmark(OperationsPerInvoke = SeedTraces.Accesses)]
    public long V6_8_And_Generator()
    {
        var misses = 0L;
        for (var done = 0; done < SeedTraces.Accesses; done += Block)
        {
            _source.Fill(_block);
            misses += Read(_multiGen, _multiGenMemcg, _block);
        }

        return misses;
    }

    [Benchmark(OperationsPerInvoke = SeedTraces.Accesses)]
    public long Classic() => Read(_classic, _classicMemcg, _sequence);

    /// <summary>The access loop without jobs and clocks: look ahead, touch, bring in.</summary>
    private static long Read<TPath>(TPath path, MemoryCgroup memcg, ReadOnlySpan<uint> pages)
        where TPath : struct, ILruvecPath
    {
        const int lookAhead = 16;
        var misses = 0L;
        for (var i = 0; i < pages.Length; i++)
        {
            if (i + lookAhead < pages.Length)
                memcg.Folios.Prefetch(pages[i + lookAhead]);

            var page = pages[i];
            if (!path.TryTouch(page))
            {
                misses++;
                memcg.Fault(path, page, write: false);
                path.TryTouch(page);
            }
        }

        return misses;
    }

    private static MemoryCgroup Memcg() =>
        new([.. Enumerable.Repeat(SeedTraces.FilePages, SeedTraces.Files)], SeedTraces.Resident, processAnon: 1, processKernel: 2);
}
