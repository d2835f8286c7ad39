using Reclaim.Model.Oom;

namespace Reclaim.Model.Steps;

/// <content>
/// The OOM killer's work in a container.
///
/// <code>
///   chosen ──another process──► gone at once: its memory is freed, its jobs make no access any more
///      │
///      └──the one in whose access the memory ran out──► the access ends, on pages charged above the limit; then the same
/// </code>
///
/// The page cache stays. Source: oom_kill_process, __oom_kill_process, oom_reap_task in mm/oom_kill.c; mem_cgroup_oom in mm/memcontrol.c, v6.8.
/// Simplified: dying takes no time, and nobody waits for it, so there never is a second victim before the first is gone. The access of a task
/// that is killed fails in the kernel.
/// </content>
internal abstract partial class AccessLoop
{
    private Job? _running;
    private Process? _dying;

    /// <summary>Whether a process was killed since that was last asked.</summary>
    private bool _killed;

    /// <summary>The processes, for the OOM killer; null under a reference policy.</summary>
    public OomVictims? Victims { get; init; }

    /// <summary>Whether the process that makes the access was killed.</summary>
    public bool IsDying => _dying is not null;

    /// <summary>The cgroup is out of memory by a limit of its own (mem_cgroup_out_of_memory).</summary>
    /// <returns>Whether there was something to kill.</returns>
    public bool KillForLimit()
    {
        var memcg = Memcg!;
        var total = memcg.Charge.Max + (memcg.Lruvec.Swappiness != 0 ? memcg.Swap.Pages : 0);
        return Kill(new OomOrder(_plan.OomGroup ? OomAction.KillGroup : OomAction.Kill, total, _plan.Path), AccessNs);
    }

    /// <summary>Carries out an order on behalf of a limit above, or of the host.</summary>
    public OomAnswer Carry(OomOrder order, long nowNs)
    {
        if (order.Action != OomAction.Weigh)
        {
            Kill(order, nowNs);
        }

        return new OomAnswer(Victims?.Worst(order.TotalPages)?.Points, Jobs.All(IsDone));
    }

    private bool Kill(OomOrder order, long nowNs)
    {
        if (Victims is not { } victims || victims.Worst(order.TotalPages) is not { } worst)
        {
            return false;
        }

        // Who dies is settled before anybody does: the memory outside workloads goes with its owner.
        List<(Process Process, long Points)> chosen = order.Action == OomAction.Kill ? [worst]
            : [.. victims.Processes.Select(process => (process, victims.Points(process, order.TotalPages)))
                .Where(process => process.Item2 is not null).Select(process => (process.process, process.Item2!.Value))];
        Memcg!.Stat.EventsOomGroupKill += order.Action == OomAction.KillGroup ? 1 : 0;
        var owner = chosen.Find(process => victims.OwnsProcessMemory(process.Process)).Process;
        foreach (var (process, points) in chosen)
        {
            process.Killed = true;
            victims.Record(new OomKill(nowNs, process.Workloads, points, order.For));
        }

        if (owner is not null)
        {
            Memcg.FreeProcessAnon();
        }

        foreach (var (process, _) in chosen)
        {
            if (_running is { } job && process.Jobs.Contains(job))
            {
                _dying = process;
                Memcg.IsDying = true;
            }
            else
            {
                Bury(process, nowNs);
            }
        }

        return true;
    }

    /// <summary>The access is over in which the process was killed that made it.</summary>
    private void BuryDying(Job job)
    {
        if (_dying is { } process)
        {
            _dying = null;
            Memcg!.IsDying = false;
            Bury(process, job.NowNs);
        }
    }

    /// <summary>A process that was killed is gone.</summary>
    private void Bury(Process process, long nowNs)
    {
        _killed = true;
        foreach (var job in process.Jobs.Where(job => !job.Over))
        {
            job.Over = true;
            job.End();
            if (!_plan.Turns)
            {
                // Its cgroup's pressure has it wait to the end of a wait that was under way.
                job.Pressure.Exit(job.NowNs);
                _clockNs = Math.Max(_clockNs, nowNs);
                if (job != _running)
                {
                    _queue.Remove(job.Number);
                }
            }

            job.NowNs = nowNs;
        }

        if (process.Mm is { Exited: false } mm)
        {
            Exit(mm);
        }

        if (_plan.Turns && _running is null && _queue.Count != 0 && IsDone(Jobs[_turn]))
        {
            if (Jobs.Any(job => !IsDone(job)))
            {
                // Between accesses, in which nobody's turn ends.
                PassTurn(_turn);
                _roundOver = false;
                return;
            }

            Jobs[_turn].Pressure.Exit(_clockNs);
            while (_queue.Count != 0)
            {
                _queue.RemoveFirst();
            }
        }
    }
}
