using Reclaim.Model.Memcg;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Oom;

/// <summary>
/// The processes of one container, which of them is the best victim, and which were killed.
/// Source: select_bad_process, oom_evaluate_task, oom_kill_process in mm/oom_kill.c, v6.8. The kernel looks at processes in the order in which
/// they came into being; here it is that of the scenario.
/// </summary>
internal sealed class OomVictims
{
    private readonly MemoryCgroup _memcg;
    private readonly List<Process> _processes;
    private readonly List<OomKill> _kills = [];

    /// <param name="memcg">Their cgroup.</param>
    /// <param name="jobs">Its jobs.</param>
    public OomVictims(MemoryCgroup memcg, Job[] jobs)
    {
        _memcg = memcg;
        _processes = [.. jobs.GroupBy(job => job.Plan.Process < 0 ? -1 - job.Number : job.Plan.Process).Select(threads => new Process([.. threads]))];
        if (memcg.ProcessAnon != 0)
        {
            _processes.Add(new Process([]));
        }
    }

    /// <summary>The processes, in the order of the scenario.</summary>
    public IReadOnlyList<Process> Processes => _processes;

    /// <summary>What was killed, in order of time.</summary>
    public IReadOnlyList<OomKill> Kills => _kills;

    /// <summary>The best victim of those that are there.</summary>
    /// <param name="totalPages">Memory and swap of those among whom is chosen.</param>
    public (Process Process, long Points)? Worst(long totalPages)
    {
        (Process Process, long Points)? worst = null;
        foreach (var process in _processes)
        {
            if (Points(process, totalPages) is { } points && OomScore.Beats(points, worst?.Points))
            {
                worst = (process, points);
            }
        }

        return worst;
    }

    /// <summary>The points of a process; null if it is not to be killed, or not there.</summary>
    public long? Points(Process process, long totalPages) =>
        process.IsThere && (process.Jobs.Length != 0 || OwnsProcessMemory(process))
            ? OomScore.Points(process.Pages(_memcg) + (OwnsProcessMemory(process) ? _memcg.ProcessAnon : 0), process.ScoreAdj, totalPages)
            : null;

    /// <summary>Whether what is held outside any workload is this one's.</summary>
    public bool OwnsProcessMemory(Process process) => _memcg.ProcessAnon != 0 && _processes.Find(other => other.IsThere) == process;

    /// <summary>A process was chosen.</summary>
    public void Record(OomKill kill)
    {
        _kills.Add(kill);
        _memcg.Stat.EventsOomKill++;
    }
}
