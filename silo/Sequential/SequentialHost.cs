using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains;
using Reclaim.Grains.Runs;
using Reclaim.Grains.Snapshots;
using Reclaim.Model.Steps;

namespace Reclaim.Silo.Sequential;

/// <summary>One host of a sequential run.</summary>
internal sealed class SequentialHost
{
    private readonly RunSpec spec;
    private readonly int number;
    private HostSteps steps;

    public SequentialHost(RunSpec spec, int number)
    {
        this.spec = spec;
        this.number = number;
        var host = spec.Hosts[number];
        ImmutableArray<Container> containers = [.. host.Cgroups.Select((_, i) => ContainerFactory.Build(spec, number, i))];
        ImmutableArray<string> paths = [.. host.Cgroups.Select(cgroup => cgroup.Path)];
        var domains = SharedLimits.Domains(spec, number, [.. containers.Select((container, i) => container.Terms(paths[i]))]);
        steps = new HostSteps(containers, paths, [.. NumaLayout.Nodes(host).Select(node => HostAssembly.Memory(host, node))], spec.DurationNs, domains);
    }

    public RunStanding.Host Standing
    {
        get
        {
            var time = steps.Coordinator;
            return new(time.EndNs, time.TotalAccesses, time.Done, time.NowNs, time.Accesses, [.. time.Memcgs.Select(memcg => memcg.ToProgress())]);
        }
    }

    public FeedReply Feed(int cgroup, TraceBatch batch)
    {
        steps.Containers[cgroup].Feed(batch.Workload, batch.Sequence, batch.Pages);
        return Fed(cgroup, batch.Workload);
    }

    /// <summary>How far a trace has come: all of it is taken, and nothing lost.</summary>
    public FeedReply Fed(int cgroup, int workload)
    {
        var next = steps.Containers[cgroup].Fed(workload).Next;
        return new FeedReply(next, next, int.MaxValue);
    }

    /// <summary>Runs a step unless the host is done.</summary>
    /// <returns>Whether there was one to run.</returns>
    public bool Step(long maxAccesses)
    {
        if (steps.Coordinator.Done)
        {
            return false;
        }

        steps.Step(maxAccesses);
        return true;
    }

    /// <summary>Goes on with what a snapshot of it says, as after the loss of everything.</summary>
    public void Relive() => steps = Snapshot.Restore<HostSteps>(Snapshot.Take(steps));

    public HostView View(string? cgroup, bool brief) => HostAssembly.View(
        spec.Hosts[number],
        number,
        steps.Coordinator,
        Nodes(),
        [.. steps.Containers.Select((container, i) => ContainerFactory.View(container, spec, number, i, CgroupViews.DepthOf(spec.Hosts[number].Cgroups[i].Path, cgroup, brief)))],
        cgroup,
        brief);

    private ImmutableArray<NodeResult> Nodes() => [.. steps.Memory.Select((node, i) => HostAssembly.Result(i, node))];

    public HostResult Results() => HostAssembly.Result(
        spec.Hosts[number],
        steps.Coordinator,
        Nodes(),
        [.. steps.Containers.Select((container, i) => ContainerFactory.Results(container, spec, number, i))]);
}
