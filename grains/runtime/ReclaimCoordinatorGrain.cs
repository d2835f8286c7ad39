using System.Collections.Immutable;
using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Checkpoints;
using Reclaim.Grains.Placement;
using Reclaim.Grains.Runs;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Holds one <see cref="Coordinator"/> and carries its grants to the memcgs and their reports back.</summary>
[KeepAlive, HostPlacement]
internal sealed partial class ReclaimCoordinatorGrain(LocalMemcgs local, LocalHosts hosts, CheckpointStore checkpoints, HostPlaces places) : Grain, IReclaimCoordinatorGrain
{
    private HostState? state;
    private HostSpec? host;
    private KernelChoice? kernel;
    private bool isGivenUp;
    private ImmutableArray<IMemcgGrain> memcgs;

    /// <summary>Those of them that are on this silo.</summary>
    private ImmutableArray<MemcgSteps?> here;
    private ImmutableArray<INumaNodeGrain> nodes;

    /// <summary>The memcgs that replay traces.</summary>
    private ImmutableArray<int> fed;

    /// <summary>Whether a step is on its way, or broke off on it.</summary>
    private bool isBetween = true;

    private HostState State => state ?? throw NotCreated();

    public async Task<HostOutline> Create(RunSpec spec, int host)
    {
        GivenUp.Refuse(this, ref isGivenUp, isEmpty: state is null, places);
        if (state is null)
        {
            Know(spec, host);
            await Task.WhenAll(nodes.Select((node, i) => GivenUp.Begin(() => node.Create(spec, host, i))));
            Begin(spec, host, await Task.WhenAll(memcgs.Select((memcg, i) => GivenUp.Begin(() => memcg.Create(spec, host, i)))));
        }

        return Outline();
    }

    public async Task<CommitReport> Step(StepId id, long maxAccesses)
    {
        var (time, log) = (State.Time, State.Log);
        if (log.Repeats(id, out var stored))
        {
            return stored;
        }

        if (await Supply() is { Accesses: < long.MaxValue } supply)
        {
            if (supply.Accesses <= 0)
            {
                return Standing(log.Last) with { WaitsFor = supply.Path };
            }

            maxAccesses = Math.Min(maxAccesses, supply.Accesses);
        }

        isBetween = false;
        var (begun, before) = (RunMeter.Begin(), time.Accesses);
        try
        {
            await Commit(time, id, maxAccesses);
        }
        catch (StalledException e)
        {
            throw new StepFailedException($"{host!.Name}: {e.Message}");
        }

        isBetween = true;
        RunMeter.Stepped(begun, time.Accesses - before);
        return log.Record(id, Standing(id));
    }

    public async Task<HostResult> Results()
    {
        var time = State.Time;
        var nodeResults = await Task.WhenAll(nodes.Select(node => node.Results()));
        var cgroupResults = await Task.WhenAll(memcgs.Select(memcg => memcg.Results()));
        return HostAssembly.Result(host!, time, [.. nodeResults], [.. cgroupResults]);
    }

    public async Task<HostView> View(string? cgroup, bool brief)
    {
        var time = State.Time;
        ViewDepth[] depths = [.. host!.Cgroups.Select(of => CgroupViews.DepthOf(of.Path, cgroup, brief))];
        var nodeResults = await Task.WhenAll(nodes.Select(node => node.Results()));
        var elsewhere = await Task.WhenAll(memcgs.Select((memcg, i) => here[i] is null ? memcg.View(depths[i]) : Task.FromResult<MemcgView>(null!)));
        var number = GrainKeys.HostOf(this.GetPrimaryKeyString()).Host;
        return await ComputeThreads.Shared.Run(() => HostAssembly.View(
            host!, number, time, [.. nodeResults], [.. elsewhere.Select((view, i) => view ?? here[i]!.View(depths[i]))], cgroup, brief));
    }

    public async Task Release()
    {
        if (host is not null)
        {
            places.Here();
            await ShowEnd();
            await Task.WhenAll([.. memcgs.Select(memcg => memcg.Release()), .. nodes.Select(node => node.Release())]);
        }

        (state, isGivenUp) = (null, true);
        hosts.Remove(this.GetPrimaryKeyString(), this);
        DeactivateOnIdle();
    }

    /// <summary>What a host came to is seen by those who look at hosts, however short it was.</summary>
    private async Task ShowEnd()
    {
        if (hosts.IsWatched && isBetween && state is { Time.Done: true })
        {
            try
            {
                hosts.Ended(this.GetPrimaryKeyString(), await View(cgroup: null, brief: false));
            }
            catch (Exception e) when (Loss.Is(e))
            {
                // Part of it is lost already: it is given up all the same.
            }
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        hosts.Remove(this.GetPrimaryKeyString(), this);
        return Task.CompletedTask;
    }

    /// <inheritdoc cref="GivenUp.NotCreated"/>
    private StepRefusedException NotCreated()
    {
        isGivenUp = true;
        DeactivateOnIdle();
        return GivenUp.NotCreated($"host {this.GetPrimaryKeyString()}");
    }

    /// <summary>Finds its grains. They are activated where it is, unless they are to be spread.</summary>
    private void Know(RunSpec spec, int host)
    {
        var (run, number) = GrainKeys.HostOf(this.GetPrimaryKeyString());
        this.host = spec.Hosts[host];
        kernel = ContainerFactory.Choice(spec.Kernel);
        nodes = [.. NumaLayout.Nodes(this.host).Select(node => GrainFactory.GetGrain<INumaNodeGrain>(GrainKeys.Node(run, number, node)))];
        memcgs = [.. this.host.Cgroups.Select(cgroup => GrainFactory.GetGrain<IMemcgGrain>(GrainKeys.Memcg(run, number, cgroup.Path)))];
        fed = [.. Enumerable.Range(0, memcgs.Length).Where(i => WorkloadPlans.ReplaysTraces(this.host.Cgroups[i]))];
        places.Here();
    }

    private void Begin(RunSpec spec, int host, MemcgOutline[] outlines)
    {
        ImmutableArray<MemcgTerms> terms = [.. outlines.Select((outline, i) => outline.ToModel(this.host!.Cgroups[i].Path) with
        {
            Node = NumaLayout.NodeOf(this.host!, this.host!.Cgroups[i]),
            Numa = NumaLayout.PlanOf(spec, this.host!, this.host!.Cgroups[i]),
        })];
        Become(new HostState(new Coordinator(terms, spec.DurationNs, SharedLimits.Domains(spec, host, terms))));
    }

    private void Become(HostState state)
    {
        this.state = state;
        here = [.. memcgs.Select(memcg => local.Find(memcg.GetPrimaryKeyString()))];
        isBetween = true;
        hosts.Add(this.GetPrimaryKeyString(), this);
    }

    private HostOutline Outline() => new(State.Time.EndNs, State.Time.TotalAccesses);

    private CommitReport Standing(StepId id) => new(
        id, State.Time.Done, State.Time.NowNs, State.Time.Accesses, [.. State.Time.Memcgs.Select(memcg => memcg.ToProgress())]);

    /// <summary>The least that one of the memcgs can go on for without more of its trace.</summary>
    private async Task<(long Accesses, string Path)?> Supply()
    {
        (long Accesses, string Path)? least = null;
        foreach (var i in fed)
        {
            var supply = State.Time.Memcgs[i].Finished ? long.MaxValue : here[i]?.Supply() ?? await memcgs[i].Supply();
            if (least is null || supply < least.Value.Accesses)
            {
                least = (supply, host!.Cgroups[i].Path);
            }
        }

        return least;
    }

    private async Task Commit(Coordinator time, StepId id, long maxAccesses)
    {
        var inUse = nodes[..time.Nodes];
        var grants = time.Grants(await Task.WhenAll(inUse.Select((node, i) => node.Reserve(id, time.Wanted(i)))), maxAccesses);
        var reports = await Task.WhenAll(grants.Select((grant, i) => Run(memcgs[i], grant, id)));
        await Task.WhenAll(time.Domains.Where(domain => !domain.Done).Select(domain => Run(domain, id, maxAccesses, reports)));
        var settled = ImmutableArray.Create(reports);
        await Task.WhenAll(inUse.Select((node, i) => node.Settle(id, time.Taken(settled, i))));
        time.Commit(settled);
    }

    private async Task Run(SharedDomain domain, StepId id, long maxAccesses, Report?[] reports)
    {
        domain.Begin(maxAccesses);
        if (domain.Members.All(member => here[member] is not null))
        {
            await ComputeThreads.Shared.Run(() => RunHere(domain, id));
        }
        else
        {
            await RunByMessages(domain, id);
        }

        foreach (var (member, report) in domain.Members.Zip(domain.TakeReports()))
        {
            reports[member] = report;
        }
    }

    private bool RunHere(SharedDomain domain, StepId id)
    {
        var (runs, orders) = (State.Runs, State.Orders);
        using var help = new BatchHelp(ComputeThreads.Shared);
        Action<int>? run = null;
        while (domain.Next() is { } call)
        {
            if (call.Batch is { } batch)
            {
                // A domain has one, again and again.
                help.Run(batch, run ??= index => RunHere(batch, index, id));
                domain.Ran(batch);
                continue;
            }

            var memcg = here[call.Member]!;
            if (call.Grant is { } grant)
            {
                domain.Ran(in memcg.Run(id with { Step = runs[call.Member] + 1 }, grant));
                runs[call.Member]++;
            }
            else
            {
                domain.Shrunk(in memcg.Shrink(id with { Step = orders[call.Member] + 1 }, call.Order!));
                orders[call.Member]++;
            }
        }

        return true;
    }

    private void RunHere(MemberBatch batch, int index, StepId id)
    {
        var member = batch.Member(index);
        batch.Ran(index, in here[member]!.Run(id with { Step = State.Runs[member] + 1 }, batch.Grant(index)));
        State.Runs[member]++;
    }

    private async Task RunByMessages(SharedDomain domain, StepId id)
    {
        var (runs, orders) = (State.Runs, State.Orders);
        while (domain.Next() is { } call)
        {
            if (call.Batch is { } batch)
            {
                await Task.WhenAll(Enumerable.Range(0, batch.Count).Where(batch.IsDue).Select(i => RunByMessage(batch, i, id)));
                domain.Ran(batch);
                continue;
            }

            var memcg = memcgs[call.Member];
            if (call.Grant is { } grant)
            {
                var report = await memcg.Run(grant.ToMessage(id with { Step = runs[call.Member] + 1 }));
                runs[call.Member]++;
                domain.Ran(report.ToModel());
            }
            else
            {
                var report = await memcg.Shrink(call.Order!.ToMessage(id with { Step = orders[call.Member] + 1 }));
                orders[call.Member]++;
                domain.Shrunk(report.ToModel());
            }
        }
    }

    private async Task RunByMessage(MemberBatch batch, int index, StepId id)
    {
        var member = batch.Member(index);
        var report = await memcgs[member].Run(batch.Grant(index).ToMessage(id with { Step = State.Runs[member] + 1 }));
        State.Runs[member]++;
        batch.Ran(index, report.ToModel());
    }

    private static async Task<Report?> Run(IMemcgGrain memcg, Grant? grant, StepId id) =>
        grant is { } granted ? (await memcg.Run(granted.ToMessage(id))).ToModel() : null;
}
