using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Checkpoints;
using Reclaim.Grains.Placement;
using Reclaim.Grains.Runs;
using Reclaim.Grains.Snapshots;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Holds one <see cref="Container"/> and runs it, off the scheduler, as its coordinator grants.</summary>
[KeepAlive, HostPlacement]
internal sealed class MemcgGrain(LocalMemcgs here, CheckpointStore checkpoints, HostPlaces places) : Grain, IMemcgGrain
{
    private MemcgSteps? steps;
    private bool isGivenUp;

    private MemcgSteps Steps => steps ?? throw NotCreated();

    public async Task<MemcgOutline> Create(RunSpec spec, int host, int cgroup)
    {
        GivenUp.Refuse(this, ref isGivenUp, isEmpty: steps is null, places);
        if (steps is null)
        {
            Become(await Begin(spec, host, cgroup));
        }

        return Steps.Terms().ToMessage();
    }

    public async Task<MemcgOutline> Restore(MemcgRestore restore)
    {
        GivenUp.Refuse(this, ref isGivenUp, isEmpty: steps is null, places);
        var (host, cgroup) = (restore.Host, restore.Cgroup);
        Become(here.TakeRestored(this.GetPrimaryKeyString()) ?? (host.Checkpoint == 0 ? await Begin(host.Spec, host.Host, cgroup) : await Load(host, cgroup)));
        return Steps.Terms().ToMessage();
    }

    public Task<FeedReply> Feed(TraceBatch batch) => Task.FromResult(Steps.Feed(batch));

    public Task<FeedReply> Fed(int workload, string? feeder) => Task.FromResult(Steps.Fed(workload, feeder));

    public Task<long> Supply() => Task.FromResult(Steps.Supply());

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

    public async Task<long> Save(string item)
    {
        var saved = Steps;
        var bytes = await ComputeThreads.Shared.Run(() => MemcgSteps.Holding([saved], states => Snapshot.Take(states[0]!)));
        await checkpoints.WriteAsync(GrainKeys.HostOf(this.GetPrimaryKeyString()).Run, item, bytes);
        return bytes.Length;
    }

    public Task Kept()
    {
        Steps.Kept();
        return Task.CompletedTask;
    }

    public Task<CgroupResult> Results()
    {
        var standing = Steps;
        return ComputeThreads.Shared.Run(standing.Results);
    }

    public Task<MemcgView> View(ViewDepth depth)
    {
        var standing = Steps;
        return ComputeThreads.Shared.Run(() => standing.View(depth));
    }

    public Task Release()
    {
        Leave();
        (steps, isGivenUp) = (null, true);
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Leave();
        return Task.CompletedTask;
    }

    private void Leave()
    {
        if (steps is { } memcg)
        {
            here.Remove(this.GetPrimaryKeyString(), memcg);
        }
    }

    /// <inheritdoc cref="GivenUp.NotCreated"/>
    private StepRefusedException NotCreated()
    {
        isGivenUp = true;
        DeactivateOnIdle();
        return GivenUp.NotCreated($"memcg {this.GetPrimaryKeyString()}");
    }

    private void Become(MemcgSteps memcg)
    {
        steps = memcg;
        here.Add(this.GetPrimaryKeyString(), memcg);
    }

    private async Task<MemcgSteps> Begin(RunSpec spec, int host, int cgroup)
    {
        var container = await ComputeThreads.Shared.Run(() => ContainerFactory.Build(spec, host, cgroup));
        return new MemcgSteps(spec, host, cgroup, new MemcgState(container), !checkpoints.Exists);
    }

    /// <summary>From the part that is its own, or, where it was with its host, from that.</summary>
    private async Task<MemcgSteps> Load(HostRestore restore, int cgroup)
    {
        var run = GrainKeys.HostOf(this.GetPrimaryKeyString()).Run;
        var host = await checkpoints.ReadAsync<HostCheckpoint>(run, CheckpointItems.Host(restore.Host, restore.Checkpoint));
        var state = host.Memcgs[cgroup] ?? await checkpoints.ReadAsync<MemcgState>(run, CheckpointItems.Memcg(restore.Host, restore.Checkpoint, cgroup));
        return new MemcgSteps(restore.Spec, restore.Host, cgroup, state, keepsTraces: false);
    }
}
