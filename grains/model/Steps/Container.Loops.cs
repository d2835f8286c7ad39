using Reclaim.Model.Classic;
using Reclaim.Model.Control;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Numa;
using Reclaim.Model.Oom;
using Reclaim.Model.Records;
using Reclaim.Model.Reference;
using Reclaim.Model.Swap;
using Reclaim.Model.Writeback;

namespace Reclaim.Model.Steps;

/// <content>The loop that runs its jobs, compiled against the policy: which one, and what it is built from.</content>
public sealed partial class Container
{
    private AccessLoop UnderKernel(Job[] jobs)
    {
        var memcg = new MemoryCgroup([.. Plan.FilePages], Plan.MaxPages, Plan.ProcessAnonPages, Plan.ProcessKernelPages, [.. Plan.HeapPages], Plan.SwapPages, SwapAreas(), Plan.Number, Plan.SharedFiles)
        {
            SwapReadahead = new SwapReadahead(Plan.PageCluster),
            Zswap = Plan is { Zswap: { } zswap, SwapPages: > 0 } ? new Zswap(zswap, (uint)(Pages - AnonPages), AnonPages) : null,
            Nodes = Plan.Numa is { } numa ? new PageNodes(numa, Pages, (uint)(Pages - AnonPages)) : null,
            Records = Plan.MostRecords > 0 ? new CgroupRecords(Plan.MostRecords, Plan.Number, Plan.Node, Pages, (uint)(Pages - AnonPages)) : null,
        };
        Memcg = memcg;
        foreach (var job in jobs)
        {
            job.Stalls = memcg.Records?.Stalls;
        }

        foreach (var vma in jobs.SelectMany(job => job.Streams).Select(stream => stream.Vma).OfType<Vma>().Distinct())
        {
            memcg.Rmap.Add(vma);
            memcg.Shared?.Map(vma);
        }

        foreach (var threads in jobs.SelectMany(job => job.Streams).Where(stream => stream.OpenFile is not null).GroupBy(stream => (object?)stream.Vma ?? stream))
        {
            foreach (var stream in threads)
            {
                stream.ShareOpenFile(threads.First());
            }
        }

        foreach (var job in jobs.Where(job => job.Begun && job.Mm is not null))
        {
            memcg.Rmap.Begin(job.Mm!);
        }

        var rules = Plan.Kernel.ResolveRules();
        var writes = Plan.Jobs.SelectMany(job => job.Streams).Any(stream => stream.Writes);
        if (writes)
        {
            memcg.Folios.TrackWriteback();
        }

        if (jobs.SelectMany(job => job.Streams).Any(stream => stream.OpenFile is not null))
        {
            memcg.Folios.TrackReadahead();
        }

        memcg.Restrict(Plan.HighPages, Plan.LowPages, Plan.MinPages);
        var control = new ControlFiles(this, rules);
        if (memcg.Nodes is { } nodes)
        {
            return OnNodes(nodes, jobs, memcg, control, writes);
        }

        if (Plan.Kernel.Policy == KernelChoice.MultiGen)
        {
            MultiGen = NewMultiGen();
            memcg.Lruvec = MultiGen;
            return memcg.Shared is { } files
                ? Over(new MultiGenSharedPath(MultiGen, files, memcg.Folios.State), jobs, memcg, control, writes)
                : Over(new MultiGenPath(MultiGen), jobs, memcg, control, writes);
        }

        _classic = NewClassic();
        memcg.Lruvec = _classic;
        return memcg.Shared is { } shared
            ? Over(new ClassicSharedPath(_classic, shared, memcg.Folios.State), jobs, memcg, control, writes)
            : Over(new ClassicPath(_classic), jobs, memcg, control, writes);
    }

    private AccessLoop OnNodes(PageNodes nodes, Job[] jobs, MemoryCgroup memcg, ControlFiles control, bool writes)
    {
        long[] farNs = [.. nodes.Plan.FarNs];
        if (Plan.Kernel.Policy == KernelChoice.MultiGen)
        {
            var multiGen = Enumerable.Range(0, nodes.Plan.Count).Select(NewMultiGen).ToArray();
            var all = new NodeLruvecs(memcg, multiGen);
            memcg.Lruvec = all;
            return Over(new MultiGenNodesPath(all, nodes, multiGen, farNs), jobs, memcg, control, writes);
        }

        var classic = Enumerable.Range(0, nodes.Plan.Count).Select(NewClassic).ToArray();
        var both = new NodeLruvecs(memcg, classic);
        memcg.Lruvec = both;
        return Over(new ClassicNodesPath(both, nodes, classic, farNs), jobs, memcg, control, writes);
    }

    private AccessLoop<KernelCache<TPath>> Over<TPath>(TPath path, Job[] jobs, MemoryCgroup memcg, ControlFiles control, bool writes)
        where TPath : struct, ILruvecPath
    {
        // Reclaim that meets only dirty pages waits for the device, and the access that needed the page with it.
        var writeback = writes ? new WritebackDomain(memcg, Plan.Jobs.Count, Plan.Dirty, Plan.HostPages, Plan.Kernel.ResolveRules().FlusherShare) : null;
        var loop = new AccessLoop<KernelCache<TPath>>(Plan, jobs, memcg, new(memcg, memcg.Folios, path)) { Writeback = writeback, Control = control, Victims = new OomVictims(memcg, jobs) };
        Serve(memcg, loop);
        return loop;
    }

    private MultiGenLruvec NewMultiGen(int node = -1) => new(Memcg!, Plan.Kernel.ResolveRules(), Plan.Kernel.Swappiness, () => _loop?.AccessNs ?? 0, node);

    private ClassicLruvec NewClassic(int node = -1)
    {
        var rules = Plan.Kernel.ResolveRules();
        return new ClassicLruvec(Memcg!, rules.AddBatch, rules.ClassicFlush, Plan.Kernel.Swappiness, node, rules.ProactiveKeepsUndemoted);
    }

    /// <summary>The policy is another now: goes on with a loop that is compiled against it.</summary>
    private AccessLoop SwitchPolicy()
    {
        var memcg = Memcg!;
        AccessLoop loop = memcg.Lruvec is MultiGenLruvec multiGen
            ? new AccessLoop<KernelCache<MultiGenPath>>(_loop, new(memcg, memcg.Folios, new MultiGenPath(multiGen)))
            : new AccessLoop<KernelCache<ClassicPath>>(_loop, new(memcg, memcg.Folios, new ClassicPath(_classic!)));
        Serve(memcg, loop);
        return loop;
    }

    /// <summary>Says who does for a memcg what it cannot do itself.</summary>
    private static void Serve(MemoryCgroup memcg, AccessLoop loop)
    {
        memcg.WaitForWriteback = loop.WaitForWriteback;
        memcg.WakeFlushers = loop.WakeFlushers;
        memcg.Clock = () => loop.ReclaimNs;
        memcg.KillForLimit = loop.KillForLimit;
    }

    private IReadOnlyList<SwapAreaPlan> SwapAreas() => Plan.SwapAreas.Count > 0 || Plan.SwapPages == 0 ? Plan.SwapAreas
        : [new SwapAreaPlan { Pages = Plan.SwapPages, Device = Plan.SwapDevice!, InNs = Plan.Costs.SwapInNs, OutNs = Plan.Costs.SwapOutNs }];

    private AccessLoop<ReferenceCache> UnderReference(Job[] jobs, ReferencePolicy policy)
    {
        Policy = policy;
        return new(Plan, jobs, null, new ReferenceCache(policy));
    }

    /// <summary>The policy that knows the future is built when the whole of it is here: once the traces are fed, at the first run.</summary>
    private AccessLoop<ReferenceCache> Foreseeing(Job[] jobs)
    {
        _whenFed = () =>
        {
            var (trace, order) = Foresight.Record(Plan, [.. FileBase]);
            Policy = ReferencePolicies.Create(ReferencePolicies.Opt, Pages, ReferenceCapacity, trace);
            var replay = Plan.Jobs.Select((job, i) => new Job(job with { Streams = order[i] }, [.. FileBase])).ToArray();
            return new AccessLoop<ReferenceCache>(Plan with { Turns = true }, replay, null, new ReferenceCache(Policy));
        };
        return UnderReference(jobs, ReferencePolicies.Create("lru", Pages, ReferenceCapacity));
    }
}
