using BenchmarkDotNet.Attributes;
using Reclaim.Grains.Snapshots;
using Reclaim.Model.Steps;

namespace Reclaim.Benchmarks;

/// <summary>What it takes to write down a host of containers that push each other out of one node, and to make it again.</summary>
[SimpleJob(launchCount: 1, warmupCount: 2, iterationCount: 8)]
public class CheckpointBenchmark
{
    private HostSteps _host = null!;
    private byte[] _snapshot = [];

    /// <summary>Containers on the host; each has a file of 16 MiB and about half of it in memory.</summary>
    [Params(8, 64, 512)]
    public int Containers { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _host = ContentionBenchmark.Steps(ContentionBenchmark.Spec(Containers, "nvme", Containers * 40_000L, hosts: 1));
        while (!_host.Coordinator.Done)
        {
            _host.Step(200_000);
        }

        _snapshot = Snapshot.Take(_host);
        Console.WriteLine(FormattableString.Invariant($"// {Containers} containers: {_snapshot.Length / 1024.0:0} KiB for {Containers * 16} MiB of files, {Containers * 8} MiB in memory"));
    }

    [Benchmark]
    public int Take() => Snapshot.Take(_host).Length;

    [Benchmark]
    public HostSteps Restore() => Snapshot.Restore<HostSteps>(_snapshot);
}
