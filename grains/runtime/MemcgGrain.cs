using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Placement;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Holds one <see cref="Container"/> and runs it, off the scheduler, as its coordinator grants.</summary>
[KeepAlive, HostPlacement]
internal sealed class MemcgGrain(LocalMemcgs here) : Grain, IMemcgGrain
{
    private MemcgSteps? steps;

    private MemcgSteps Steps => steps
        ?? throw new StepRefusedException(StepRefusal.NotCreated, $"memcg {this.GetPrimaryKeyString()} was not created, or its silo is gone");

    public async Task<MemcgOutline> Create(RunSpec spec, int host, int cgroup)
    {
        if (steps is null)
        {
            var container = await ComputeThreads.Shared.Run(() => ContainerFactory.Build(spec, host, cgroup));
            steps = new MemcgSteps(spec, host, cgroup, container);
            here.Add(this.GetPrimaryKeyString(), steps);
        }

        return steps.Terms().ToMessage();
    }

    public Task Feed(TraceBatch batch)
    {
        Steps.Feed(batch);
        return Task.CompletedTask;
    }

    public async Task<StepReport> Run(StepGrant grant)
    {
        var running = Steps;
        return (await ComputeThreads.Shared.Run(() => running.Run(grant.Id, grant.ToModel()))).ToMessage(grant.Id);
    }

    public async Task<ShrunkReport> Shrink(ShrinkStep order)
    {
        var victim = Steps;
        return (await ComputeThreads.Shared.Run(() => victim.Shrink(order.Id, order.ToModel()))).ToMessage();
    }

    public Task<ControlReply> Control(ControlRequest request) => Task.FromResult(Steps.Control(request));

    public Task<CgroupResult> Results()
    {
        var standing = Steps;
        return ComputeThreads.Shared.Run(standing.Results);
    }

    public Task Release()
    {
        steps = null;
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        here.Remove(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }
}
