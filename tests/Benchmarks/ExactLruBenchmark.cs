using BenchmarkDotNet.Attributes;
using Reclaim.Model.Reference;

namespace Reclaim.Benchmarks;

/// <summary>
/// A sequence of requests through exact LRU, plain and as the model's reference policy: the yardstick for a kernel policy on the
/// same sequence with the same memory.
/// </summary>
[Config(typeof(AccessRateConfig))]
public class ExactLruBenchmark
{
    private uint[] _sequence = [];
    private bool[] _hits = [];
    private ExactLru _plain = null!;
    private LruPolicy _policy = null!;

    [Params("uniform", "zipf:0.5")]
    public string Distribution { get; set; } = "";

    [GlobalSetup]
    public void Generate()
    {
        _sequence = SeedTraces.Take(SeedTraces.Source(Distribution));
        _hits = new bool[_sequence.Length];
        _plain = new ExactLru(SeedTraces.Pages, SeedTraces.Resident);
        _policy = new LruPolicy(SeedTraces.Pages, SeedTraces.Resident);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = SeedTraces.Accesses)]
    public int Plain()
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
    public int ReferencePolicy() => _policy.Replay(_sequence, _hits);
}
