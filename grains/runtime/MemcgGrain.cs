using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Placement;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Holds one <see cref="Container"/> and runs it, off the scheduler, as its coordinator grants.</summary>
[KeepAlive, HostPlacement]
internal sealed class MemcgGrain : Grain, IMemcgGrain
{
    private readonly StepLog<StepReport> log = new();
    private readonly StepLog<ShrunkReport> orders = new();
    private readonly Dictionary<string, long> requests = new(StringComparer.Ordinal);
    private RunSpec? spec;
    private Container? container;
    private int host;
    private int cgroup;

    private Container Container => container
        ?? throw new StepRefusedException(StepRefusal.NotCreated, $"memcg {this.GetPrimaryKeyString()} was not created, or its silo is gone");

    public async Task<MemcgOutline> Create(RunSpec spec, int host, int cgroup)
    {
        if (container is null)
        {
            container = await ComputeThreads.Shared.Run(() => ContainerFactory.Build(spec, host, cgroup));
            (this.spec, this.host, this.cgroup) = (spec, host, cgroup);
        }

        return container.Terms(spec.Hosts[host].Cgroups[cgroup].Path).ToMessage();
    }

    public Task Feed(TraceBatch batch)
    {
        Container.Feed(batch.Workload, batch.Sequence, batch.Pages);
        return Task.CompletedTask;
    }

    public async Task<StepReport> Run(StepGrant grant)
    {
        var running = Container;
        if (log.Repeats(grant.Id, out var stored))
        {
            return stored;
        }

        try
        {
            var report = await ComputeThreads.Shared.Run(() => running.Step(grant.ToModel()));
            return log.Record(grant.Id, report.ToMessage(grant.Id));
        }
        catch (Exception e)
        {
            log.Break(e);
            throw new StepFailedException($"{spec!.Hosts[host].Cgroups[cgroup].Path}: {e.Message}");
        }
    }

    public async Task<ShrunkReport> Shrink(ShrinkStep order)
    {
        var victim = Container;
        if (orders.Repeats(order.Id, out var stored))
        {
            return stored;
        }

        try
        {
            var report = await ComputeThreads.Shared.Run(() => victim.Step(order.ToModel()));
            return orders.Record(order.Id, report.ToMessage());
        }
        catch (Exception e)
        {
            orders.Break(e);
            throw new StepFailedException($"{spec!.Hosts[host].Cgroups[cgroup].Path}: {e.Message}");
        }
    }

    public Task<ControlReply> Control(ControlRequest request)
    {
        var steered = Container;
        if (!requests.TryGetValue(request.Id, out var at))
        {
            if (steered.Done)
            {
                throw new ArgumentException($"{request.Cgroup}: its workloads have ended");
            }

            at = steered.Schedule(ControlMapping.ToModel(request.File), request.Value, request.Id);
            requests.Add(request.Id, at);
        }

        return Task.FromResult(new ControlReply(at, ContainerFactory.Event(steered, request.Id), steered.Done));
    }

    public Task<CgroupResult> Results()
    {
        var standing = Container;
        return ComputeThreads.Shared.Run(() => ContainerFactory.Results(standing, spec!, host, cgroup));
    }

    public Task Release()
    {
        container = null;
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
