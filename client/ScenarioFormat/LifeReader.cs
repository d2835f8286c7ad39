using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>
/// When a workload starts and stops, which process it is a thread of, and how readily that is killed: <c>start</c>, <c>stop</c>, <c>exit</c>,
/// <c>process</c>, <c>oom_score_adj</c>.
/// </summary>
internal static class LifeReader
{
    private static readonly string[] _keys = ["start", "stop", "exit", "process", "oom_score_adj"];

    private static readonly string[] _keysOfProcesses = ["exit", "process"];

    /// <param name="reader">The workload.</param>
    /// <param name="inMix">Whether it is a part of a mix: then it lives as long as that does.</param>
    public static Life Read(MapReader reader, bool inMix)
    {
        var life = new Life(reader.Duration("start") ?? 0, reader.Duration("stop", min: 1), reader.Flag("exit"), reader.Text("process"), inMix)
        {
            OomScoreAdj = (int)(reader.Integer("oom_score_adj", -1000, 1000) ?? 0),
        };
        if (inMix)
        {
            foreach (var key in _keys.Where(reader.Has))
            {
                reader.Error(key, "stands with the mix, not with a part of it");
            }
        }
        else if (life.StopNs <= life.StartNs)
        {
            reader.Error("stop", $"{reader.Text("stop")} is not after the start at {reader.Text("start") ?? "0"}");
        }

        return life;
    }

    /// <summary>The workload with what was read, after a look at whether the two go together.</summary>
    public static WorkloadSpec Apply(MapReader reader, WorkloadSpec workload, Life life)
    {
        if (workload is FioSpec)
        {
            foreach (var key in _keysOfProcesses.Where(reader.Has))
            {
                reader.Warn(key, "has no effect: fio's jobs map no memory that is modelled");
            }
        }

        CheckHeaps(reader, workload, life);
        return workload with { StartNs = life.StartNs, StopNs = life.StopNs, Exit = life.Exit, Process = life.Process, OomScoreAdj = life.OomScoreAdj };
    }

    private static void CheckHeaps(MapReader reader, WorkloadSpec workload, Life life)
    {
        IEnumerable<WorkloadSpec> parts = workload is MixSpec mix ? mix.Parts.Select(part => part.Workload) : [workload];
        if (life is { Process: null, InMix: false } && parts.FirstOrDefault(part => part.Heap is not null) is { } named)
        {
            reader.Error("process", $"missing: heap '{named.Heap}' is shared by threads of one process, which must have a name");
        }
    }
}

/// <summary>From when to when a workload runs, and in which process.</summary>
internal readonly record struct Life(long StartNs, long? StopNs, bool? Exit, string? Process, bool InMix)
{
    /// <summary>oom_score_adj.</summary>
    public int OomScoreAdj { get; init; }
}
