using System.Collections.Immutable;
using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Placement;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Holds one <see cref="Coordinator"/> and carries its grants to the memcgs and their reports back.</summary>
[KeepAlive, HostPlacement]
internal sealed class ReclaimCoordinatorGrain(LocalMemcgs local) : Grain, IReclaimCoordinatorGrain
{
    private readonly StepLog<CommitReport> log = new();
    private Coordinator? coordinator;
    private HostSpec? host;
    private ImmutableArray<IMemcgGrain> memcgs;

    /// <summary>Those of them that are on this silo.</summary>
    private ImmutableArray<MemcgSteps?> here;
    private ImmutableArray<INumaNodeGrain> nodes;

    /// <summary>By memcg that shares a limit: calls that are over. A step takes as many as it needs, so they have numbers of their own.</summary>
    private long[] runs = [];
    private long[] orders = [];

    private Coordinator Coordinator => coordinator
        ?? throw new StepRefusedException(StepRefusal.NotCreated, $"host {this.GetPrimaryKeyString()} was not created, or its silo is gone");

    public async Task<HostOutline> Create(RunSpec spec, int host)
    {
        if (coordinator is null)
        {
            var (run, number) = GrainKeys.HostOf(this.GetPrimaryKeyString());
            var hostSpec = this.host = spec.Hosts[host];
            nodes = [.. NumaLayout.Nodes(hostSpec).Select(node => GrainFactory.GetGrain<INumaNodeGrain>(GrainKeys.Node(run, number, node)))];
            memcgs = [.. hostSpec.Cgroups.Select(cgroup => GrainFactory.GetGrain<IMemcgGrain>(GrainKeys.Memcg(run, number, cgroup.Path)))];
            await Task.WhenAll(nodes.Select((node, i) => node.Create(spec, host, i)));
            var outlines = await Task.WhenAll(memcgs.Select((memcg, i) => memcg.Create(spec, host, i)));
            ImmutableArray<MemcgTerms> terms = [.. outlines.Select((outline, i) => outline.ToModel(hostSpec.Cgroups[i].Path) with
            {
                Node = NumaLayout.NodeOf(hostSpec, hostSpec.Cgroups[i]),
                Numa = NumaLayout.PlanOf(spec, hostSpec, hostSpec.Cgroups[i]),
            })];
            coordinator = new Coordinator(terms, spec.DurationNs, SharedLimits.Domains(spec, host, terms));
            here = [.. memcgs.Select(memcg => local.Find(memcg.GetPrimaryKeyString()))];
            runs = new long[memcgs.Length];
            orders = new long[memcgs.Length];
        }

        return new HostOutline(coordinator.EndNs, coordinator.TotalAccesses);
    }

    public async Task<CommitReport> Step(StepId id, long maxAccesses)
    {
        var time = Coordinator;
        if (log.Repeats(id, out var stored))
        {
            return stored;
        }

        try
        {
            await Commit(time, id, maxAccesses);
        }
        catch (StalledException e)
        {
            throw new StepFailedException($"{host!.Name}: {e.Message}");
        }

        return log.Record(id, new CommitReport(
            id, time.Done, time.NowNs, time.Accesses, [.. time.Memcgs.Select(memcg => memcg.ToProgress())]));
    }

    public async Task<HostResult> Results()
    {
        var time = Coordinator;
        var nodeResults = await Task.WhenAll(nodes.Select(node => node.Results()));
        var cgroupResults = await Task.WhenAll(memcgs.Select(memcg => memcg.Results()));
        return HostAssembly.Result(host!, time, [.. nodeResults], [.. cgroupResults]);
    }

    public async Task Release()
    {
        if (host is not null)
        {
            await Task.WhenAll([.. memcgs.Select(memcg => memcg.Release()), .. nodes.Select(node => node.Release())]);
        }

        coordinator = null;
        DeactivateOnIdle();
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
        while (domain.Next() is { } call)
        {
            var memcg = here[call.Member]!;
            if (call.Grant is { } grant)
            {
                domain.Ran(memcg.Run(id with { Step = runs[call.Member] + 1 }, grant));
                runs[call.Member]++;
            }
            else
            {
                domain.Shrunk(memcg.Shrink(id with { Step = orders[call.Member] + 1 }, call.Order!.Value));
                orders[call.Member]++;
            }
        }

        return true;
    }

    private async Task RunByMessages(SharedDomain domain, StepId id)
    {
        while (domain.Next() is { } call)
        {
            var memcg = memcgs[call.Member];
            if (call.Grant is { } grant)
            {
                var report = await memcg.Run(grant.ToMessage(id with { Step = runs[call.Member] + 1 }));
                runs[call.Member]++;
                domain.Ran(report.ToModel());
            }
            else
            {
                var report = await memcg.Shrink(call.Order!.Value.ToMessage(id with { Step = orders[call.Member] + 1 }));
                orders[call.Member]++;
                domain.Shrunk(report.ToModel());
            }
        }
    }

    private static async Task<Report?> Run(IMemcgGrain memcg, Grant? grant, StepId id) =>
        grant is { } granted ? (await memcg.Run(granted.ToMessage(id))).ToModel() : null;
}
