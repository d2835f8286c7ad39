using Reclaim.Contracts;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Checkpoints;
using Reclaim.Grains.Runs;
using Reclaim.Grains.Snapshots;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <content>How a host outlives its silos.</content>
internal sealed partial class ReclaimCoordinatorGrain
{
    /// <summary>How far back there may be parts of checkpoints that were never finished.</summary>
    private const int MostBrokenOff = 8;

    private CheckpointMade lastMade;

    /// <summary>Number of the last checkpoint that was begun. None is used twice: the parts of one that broke off must not get into another.</summary>
    private long tried;

    /// <summary>The first number of which there may be something in the store.</summary>
    private long oldest = 1;

    private string RunName => GrainKeys.HostOf(this.GetPrimaryKeyString()).Run;

    private int HostNumber => GrainKeys.HostOf(this.GetPrimaryKeyString()).Host;

    public async Task<CommitReport?> Attach(int incarnation)
    {
        GivenUp.Refuse(this, ref isGivenUp, isEmpty: state is null, places);
        places.Here();
        if (state is null || !isBetween || !await IsWhole())
        {
            return null;
        }

        Require(incarnation);
        state.Log.Adopt(incarnation);
        return Standing(state.Log.Last);
    }

    public async Task<CheckpointMade> Checkpoint()
    {
        var saved = State;
        if (!isBetween)
        {
            throw new StepRefusedException(StepRefusal.Broken, $"host {this.GetPrimaryKeyString()} broke off in the middle of a step");
        }

        if (lastMade.Number != 0 && saved.Log.Last == lastMade.Id)
        {
            return lastMade;
        }

        var number = ++tried;
        var begun = RunMeter.Begin();

        // Those elsewhere first: the host's own part makes the checkpoint whole.
        var elsewhere = Enumerable.Range(0, memcgs.Length).Where(i => here[i] is null).ToList();
        var parts = await Task.WhenAll(elsewhere.Select(i => memcgs[i].Save(CheckpointItems.Memcg(HostNumber, number, i))));
        var nodeStates = await Task.WhenAll(nodes.Select(node => node.Save()));
        var bytes = await ComputeThreads.Shared.Run(() => MemcgSteps.Holding(
            here, states => Snapshot.Take(new HostCheckpoint(saved, [.. nodeStates.Select(node => node.ToArray())], states))));
        await checkpoints.WriteAsync(RunName, CheckpointItems.Host(HostNumber, number), bytes);
        var before = lastMade.Number;
        lastMade = new CheckpointMade(number, saved.Log.Last, saved.Time.NowNs, bytes.Length + parts.Sum());
        RunMeter.Checkpointed(begun, lastMade.Bytes);
        await Task.WhenAll(elsewhere.Select(i => memcgs[i].Kept()));
        foreach (var memcg in here)
        {
            memcg?.Kept();
        }

        // The last two are kept.
        for (; oldest < before; oldest++)
        {
            await checkpoints.ForgetAsync(RunName, HostNumber, oldest, memcgs.Length);
        }

        return lastMade;
    }

    public async Task<HostStart> Restore(HostRestore restore)
    {
        GivenUp.Refuse(this, ref isGivenUp, isEmpty: state is null, places);
        if (state is not null)
        {
            Require(restore.Incarnation);
        }

        Know(restore.Spec, restore.Host);
        var from = restore.Checkpoint == 0 ? null : await checkpoints.ReadAsync<HostCheckpoint>(RunName, CheckpointItems.Host(restore.Host, restore.Checkpoint));
        for (var i = 0; i < memcgs.Length; i++)
        {
            if (from?.Memcgs[i] is { } memcg)
            {
                local.OfferRestored(memcgs[i].GetPrimaryKeyString(), new MemcgSteps(restore.Spec, restore.Host, i, memcg, keepsTraces: false));
            }
        }

        state = null;
        await Task.WhenAll(nodes.Select((node, i) => GivenUp.Begin(() => node.Restore(i, from?.Nodes[i] ?? Snapshot.Take(NewNode(restore.Spec, restore.Host, i))))));
        var outlines = await Task.WhenAll(memcgs.Select((memcg, i) => GivenUp.Begin(() => memcg.Restore(new MemcgRestore(restore, i)))));
        foreach (var memcg in memcgs)
        {
            // One that is elsewhere has read it for itself.
            local.TakeRestored(memcg.GetPrimaryKeyString());
        }

        if (from is null)
        {
            Begin(restore.Spec, restore.Host, outlines);
        }
        else
        {
            Become(from.Host);
        }

        RunMeter.Replayed();
        State.Log.Adopt(restore.Incarnation);
        lastMade = new CheckpointMade { Number = restore.Checkpoint };
        (tried, oldest) = (restore.Tried, Math.Max(1, restore.Checkpoint - MostBrokenOff));
        return new HostStart(Outline(), Standing(State.Log.Last));
    }

    /// <summary>Whether its memcgs and nodes have their memory.</summary>
    private async Task<bool> IsWhole()
    {
        try
        {
            await Task.WhenAll(memcgs.Select(memcg => memcg.Supply()));
            await Task.WhenAll(nodes.Select(node => node.Results()));
            return true;
        }
        catch (StepRefusedException e) when (e.Reason == StepRefusal.NotCreated)
        {
            return false;
        }
    }

    private static NodeState NewNode(RunSpec spec, int host, int node) => new(new NodeReservations(HostAssembly.Memory(spec.Hosts[host], node)));

    private void Require(int incarnation)
    {
        if (incarnation <= State.Log.Last.Incarnation)
        {
            throw new StepRefusedException(StepRefusal.StaleIncarnation, $"incarnation {incarnation} is over, {State.Log.Last.Incarnation} runs");
        }
    }
}
