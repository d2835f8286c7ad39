using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;

namespace Reclaim.Benchmarks;

/// <summary>
/// For benchmarks whose one invocation is a whole sequence of accesses, seconds long: each iteration is one of them, on the cache
/// as the one before left it, so that the first two, which fill it, are the warm-up.
/// </summary>
internal sealed class AccessRateConfig : ManualConfig
{
    public AccessRateConfig()
    {
        AddJob(Job.Default
            .WithStrategy(RunStrategy.Monitoring)
            .WithLaunchCount(1)
            .WithWarmupCount(2)
            .WithIterationCount(5)
            .WithInvocationCount(1)
            .WithUnrollFactor(1));
        AddColumn(AccessRateColumn.Median, AccessRateColumn.Best);
        AddDiagnoser(MemoryDiagnoser.Default);
    }
}
