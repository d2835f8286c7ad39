using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains;
using Reclaim.Model.Steps;

namespace Reclaim.Silo.Sequential;

/// <summary>One host of a sequential run.</summary>
internal sealed class SequentialHost
{
    private readonly RunSpec spec;
    private readonly int number;
    private readonly ImmutableArray<Container> containers;
    private readonly ImmutableArray<NodeMemory> nodes;
    private readonly HostSteps steps;

    public SequentialHost(RunSpec spec, int number)
    {
        this.spec = spec;
        this.number = number;
        var host = spec.Hosts[number];
        containers = [.. host.Cgroups.Select((_, i) => ContainerFactory.Build(spec, number, i))];
        nodes = [.. NumaLayout.Nodes(host).Select(node => HostAssembly.Memory(host, node))];
        ImmutableArray<string> paths = [.. host.Cgroups.Select(cgroup => cgroup.Path)];
        var domains = SharedLimits.Domains(spec, number, [.. containers.Select((container, i) => container.Terms(paths[i]))]);
        steps = new HostSteps(containers, paths, nodes, spec.DurationNs, domains);
    }

    public RunStanding.Host Standing
    {
        get
        {
            var time = steps.Coordinator;
            return new(time.EndNs, time.TotalAccesses, time.Done, time.NowNs, time.Accesses, [.. time.Memcgs.Select(memcg => memcg.ToProgress())]);
        }
    }

    public void Feed(int cgroup, TraceBatch batch) => containers[cgroup].Feed(batch.Workload, batch.Sequence, batch.Pages);

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

    public HostResult Results() => HostAssembly.Result(
        spec.Hosts[number],
        steps.Coordinator,
        [.. nodes.Select((node, i) => HostAssembly.Result(i, node))],
        [.. containers.Select((container, i) => ContainerFactory.Results(container, spec, number, i))]);
}
