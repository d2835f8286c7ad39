using System.Collections.Immutable;
using CsCheck;
using Reclaim.Model.Control;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Numa;
using Reclaim.Model.Readahead;
using Reclaim.Model.Sharing;
using Reclaim.Model.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>A host whose memory is short: a tree of cgroups up to three deep, some with limits and protection, and what runs in them.</summary>
internal sealed record RandomHost
{
    private const long Max = long.MaxValue;
    private const int PageBytes = 4096;

    private static readonly (string Policy, string Variant)[] _kernels =
        [("mglru", "v6.1.192"), ("mglru", "v6.8"), ("mglru", "v6.12.117"), ("classic", "v6.1.192"), ("classic", "v6.8"), ("classic", "v6.12.117")];

    private static readonly string[] _patterns = ["zipf", "scan", "uniform"];

    /// <summary>Cgroups with others below them.</summary>
    public required ImmutableArray<Group> Groups { get; init; }

    public required ImmutableArray<Leaf> Leaves { get; init; }

    public required int Kernel { get; init; }

    public required bool Turns { get; init; }

    public required int Size { get; init; }

    public required int Used { get; init; }

    public required int QuantumUs { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Accesses in a step.</summary>
    public required int Step { get; init; }

    /// <summary>NUMA nodes. With several, cgroups may have pages on more than one of them.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>Free pages in blocks of others beyond those that it has more for that; 0: it has no such blocks. Only the classic policy cares, and on one node.</summary>
    public int Unmovable { get; init; }

    private const int MoreIfUnmovable = 1500;

    private bool HasUnmovable => Unmovable > 0 && Nodes == 1 && Choice.BoostsWatermarks;

    private KernelChoice Choice => new() { Policy = _kernels[Kernel].Policy, Variant = _kernels[Kernel].Variant };

    /// <summary>numa/demotion_enabled, to the last node, which has no CPUs then.</summary>
    public bool Demotion { get; init; }

    /// <summary>numa_balancing 2.</summary>
    public bool Promotion { get; init; }

    /// <summary>Time between accesses, microseconds: promotion takes seconds to begin.</summary>
    public int ThinkUs { get; init; }

    /// <summary>Slots of swap of a host whose containers may swap.</summary>
    public const int SwapPages = 400;

    /// <summary>Pages that an access may charge before reclaim follows: eight from swap (vm.page_cluster), or, beside its own, two nodes of the page-cache tree or page tables.</summary>
    public const int MostChargedAtOnce = 8;

    public static Gen<RandomHost> Any { get; } =
        from groups in Group.Any.Array[0, 3]
        from leaves in Leaf.Any.Array[1, 8]
        from kernel in Gen.Int[0, _kernels.Length - 1]
        from turns in Gen.Bool
        from size in Gen.Int[600, 2500]
        from used in Gen.Int[0, 150]
        from quantum in Gen.Int[5, 200]
        from seed in Gen.ULong
        from step in Gen.Int[50, 1500]
        from unmovable in Gen.Int[-200, 200]
        select new RandomHost
        {
            Groups = [.. groups],
            Leaves = [.. leaves],
            Kernel = kernel,
            Turns = turns,
            Size = size,
            Used = used,
            QuantumUs = quantum,
            Seed = seed,
            Step = step,
            Unmovable = Math.Max(0, unmovable),
        };

    /// <summary>Whether containers use one file together, in place of the first that each would have had to itself.</summary>
    public bool SharesFile { get; init; }

    /// <summary>What all files and swap lie on, if that is not memory.</summary>
    public DeviceType? Disk { get; init; }

    /// <summary>Containers that wait for one disk, of few channels and little bandwidth; without groups that are above memory.high for as long as it takes.</summary>
    public static Gen<RandomHost> AnyWithDisk { get; } = Gen.Select(Any, Gen.Int[1, 4], Gen.Int[0, 60], Gen.Int[0, 3],
        (host, depth, latencyUs, bandwidth) => host with { Groups = [.. host.Groups.Select(group => group with { High = 0 })], Disk = new DeviceType(latencyUs * 1000L, bandwidth == 0 && latencyUs > 0 ? 0 : 300_000_000L / (bandwidth + 1), depth) });

    /// <summary>With a disk or without.</summary>
    private static readonly Gen<RandomHost> _withDiskOrNot = Gen.OneOf(Any, AnyWithDisk);

    /// <summary>Containers that use a file together; some map it.</summary>
    public static Gen<RandomHost> AnyWithSharedFile { get; } = _withDiskOrNot.Select(host => host with { SharesFile = true, Size = host.Size * 3 / 4 });

    /// <summary>Two or three nodes.</summary>
    public static Gen<RandomHost> AnyWithNodes { get; } = Gen.Select(_withDiskOrNot, Gen.Int[2, 3], Gen.Bool, (host, nodes, demotion) => host with { Nodes = nodes, Demotion = demotion });

    /// <summary>Two or three nodes, the last of which is slower memory, to which pages are demoted and from which they are perhaps promoted.</summary>
    public static Gen<RandomHost> AnyWithTiers { get; } = Gen.Select(_withDiskOrNot, Gen.Int[2, 3], Gen.Bool, Gen.Int[200, 3000], (host, nodes, promotion, think) =>
        host with { Nodes = nodes, Demotion = true, Promotion = promotion, ThinkUs = promotion ? think : 0 });

    /// <summary>min_ttl_ms.</summary>
    public int MinTtlMs { get; init; }

    /// <summary>Containers that meet at the free pages of their node alone: by their clocks, without limits above them and without swap.</summary>
    public static Gen<RandomHost> AnyTogether { get; } = Gen.Select(Any, Leaf.Any.Array[2, 8], Gen.Int[0, 3], (host, leaves, ttl) => host with
    {
        Turns = false,
        Writes = false,
        Groups = [.. host.Groups.Select(group => group with { Max = 0, High = 0, SwapMax = 0 })],
        Leaves = [.. leaves.Select(leaf => leaf with { Swap = 0 })],
        MinTtlMs = ttl == 0 ? 1 : 0,
        ReportsPressure = true,
    });

    /// <summary>Whether some write to files.</summary>
    public bool Writes { get; init; } = true;

    /// <summary>Whether pressure of cgroups with others below them is kept.</summary>
    public bool ReportsPressure { get; init; }

    /// <summary>Reclaims that are written down.</summary>
    public int MostRecords { get; init; }

    /// <summary>The host as it is before the first step.</summary>
    public (HostSteps Steps, ImmutableArray<Container> Containers, SharedDomain Domain) Build(IBatchRunner? runner = null)
    {
        var kernel = Choice with { Swappiness = Demotion || Leaves.Any(leaf => leaf.Swap != 0) ? 100 : 0, MinTtlNs = MinTtlMs * 1_000_000L };
        ImmutableArray<Container> containers = [.. Leaves.Select((_, i) => new Container(PlanOf(i, kernel)))];
        var tree = new MemcgTree();
        var nodes = Enumerable.Range(0, Nodes).Select(id => new NumaNode(SizeOf(id), id == 0 ? Used : 0, MarksOf(id), Seed + (ulong)id)
        {
            Id = id,
            Promotes = Promotion,
            Boost = HasUnmovable ? new WatermarkBoost(MoreIfUnmovable + Unmovable, SizeOf(id), MarksOf(id).High, isHeeded: Choice.FreesForBoosts) : null,
        }).ToList();
        var root = tree.Add("/", -1, new MemcgLimits(Max, 0, 0));
        for (var i = 0; i < Groups.Length; i++)
        {
            tree.Add(PathOf(i), ParentOf(i) + 1, new MemcgLimits(Groups[i].Max == 0 ? Max : Groups[i].Max, Groups[i].Low, Protects(i) ? Sum(i, Guaranteed) : 0)
            {
                High = Groups[i].High == 0 ? Max : Groups[i].High,
                SwapMax = Groups[i].SwapMax == 0 ? Max : Groups[i].SwapMax,
            });
        }

        for (var i = 0; i < Leaves.Length; i++)
        {
            tree.Charge(tree.Add(LeafPath(i), ParentOfLeaf(i) + 1, new MemcgLimits(MaxOf(i), Leaves[i].Low, Guaranteed(i)), i, NumaOf(i)?.First ?? 0, NumaOf(i)), containers[i].PagesHeld);
            nodes[NumaOf(i)?.First ?? 0].Take(containers[i].PagesAllocated);
        }

        List<int> users = [.. Enumerable.Range(0, Leaves.Length).Where(leaf => SharedWork(leaf) >= 0)];
        var domain = new SharedDomain(tree, Enumerable.Range(0, Leaves.Length), kernel, Turns, QuantumUs * 1000L, Max, Topology, nodes)
        {
            Stocks = [.. containers.Select(container => container.PagesHeld - container.PagesAllocated)],
            Files = users.Count == 0 ? [] : [new SharedFileUsers(0, users)],
            MostRecords = MostRecords,
            SharesDirtyLimits = containers.Any(container => container.Plan.Jobs.Any(job => job.Streams.Any(stream => stream.Writes))),
            Devices = Disk is { } disk ? new SharedDevices([disk]) : null,
        };
        return (new HostSteps(containers, [.. Leaves.Select((_, i) => LeafPath(i))], [.. nodes.Select(node => new NodeMemory(node.Size))], null, [domain]) { Runner = runner ?? OneByOne.Runner }, containers, domain);
    }

    /// <summary>Where the pages of a container may be; null on a host with one node.</summary>
    public NumaPlan? NumaOf(int leaf)
    {
        if (Nodes == 1)
        {
            return null;
        }

        // A mask of which one bit at least is a node.
        int[] mems = [.. Enumerable.Range(0, Nodes).Where(node => (Leaves[leaf].Mems % ((1 << Nodes) - 1) + 1 >> node & 1) != 0)];
        var kind = (MempolicyKind)(Leaves[leaf].Policy % 5);
        return new NumaPlan
        {
            Topology = Topology,
            Marks = [.. Enumerable.Range(0, Nodes).Select(MarksOf)],
            Cpu = Leaves[leaf].Policy % Topology.Cpus.Count,
            Mems = mems,
            Policy = new Mempolicy(kind, mems) { Weights = [.. mems.Select(node => kind == MempolicyKind.WeightedInterleave ? node + 1 : 1)] },
            Demotion = Demotion,
            Promotion = Promotion ? new PromotionPlan(RateLimitMBps: 1) : null,
            Sizes = [.. Enumerable.Range(0, Nodes).Select(SizeOf)],
            FarNs = [.. Enumerable.Range(0, Nodes).Select(node => 100L * node)],
        };
    }

    private NumaTopology Topology => Nodes == 1 ? NumaTopology.Single : NumaTopology.Of([.. Enumerable.Range(0, Nodes).Select(node => !Demotion || node < Nodes - 1)]);

    private long SizeOf(int node) => Nodes == 1 ? Size + (HasUnmovable ? MoreIfUnmovable : 0) : (long)Size * (Nodes - node) * 2 / (Nodes * (Nodes + 1)) + 200;

    private Watermarks MarksOf(int node) => new(SizeOf(node) / 40, SizeOf(node) / 30, SizeOf(node) / 20, SizeOf(node) / 15);

    /// <summary>Whether all of a container is below memory.min, and all above it protect as much as those below them ask for.</summary>
    public bool IsProtected(int leaf)
    {
        for (var group = ParentOfLeaf(leaf); group >= 0; group = ParentOf(group))
        {
            if (!Protects(group))
            {
                return false;
            }
        }

        return Leaves[leaf].IsGuaranteed;
    }

    /// <summary>One of the groups with containers below, or if there is none, of all.</summary>
    public int UsedGroup(int any)
    {
        int[] used = [.. Enumerable.Range(0, Groups.Length).Where(group => Enumerable.Range(0, Leaves.Length).Any(leaf => IsBelow(leaf, group)))];
        return used.Length == 0 ? any % Groups.Length : used[any % used.Length];
    }

    /// <summary>Whether a container has no cgroup above it but the root.</summary>
    public bool IsTop(int leaf) => ParentOfLeaf(leaf) < 0;

    /// <summary>What a test that fails says of it.</summary>
    public override string ToString() =>
        $"{_kernels[Kernel]} nodes {Nodes}{(Demotion ? " demotion" : "")}{(Promotion ? $" promotion {ThinkUs}" : "")} turns {Turns}, {Size} pages, {Used} used, {Unmovable} unmovable, {Disk?.ToString() ?? "no disk"}, quantum {QuantumUs} µs, seed {Seed}, steps of {Step}\n"
        + string.Join('\n', Groups.Select((group, i) => $"{PathOf(i)} {group}").Concat(Leaves.Select((leaf, i) =>
            $"{LeafPath(i)} {leaf with { Works = [], Events = [] }} {string.Join(' ', leaf.Works)} {string.Join(' ', leaf.Events)}")));

    private int ParentOf(int group) => group == 0 || Groups[group].Parent % (group + 1) == 0 || (group == 2 && Groups[1].Parent % 2 != 0) ? -1 : 0;

    private int ParentOfLeaf(int leaf) => Leaves[leaf].Parent % (Groups.Length + 1) - 1;

    private bool IsBelow(int leaf, int above)
    {
        var group = ParentOfLeaf(leaf);
        while (group >= 0 && group != above)
        {
            group = ParentOf(group);
        }

        return group == above;
    }

    /// <summary>A group protects nothing or all that those below it ask for; one that is limited to less cannot.</summary>
    private bool Protects(int group) => Groups[group] is { IsProtecting: true, Max: 0 };

    private long Guaranteed(int leaf) => Leaves[leaf].IsGuaranteed ? Leaves[leaf].MostPages : 0;

    private long Sum(int group, Func<int, long> of) => Enumerable.Range(0, Leaves.Length).Where(leaf => IsBelow(leaf, group)).Sum(of);

    private string PathOf(int group) => (ParentOf(group) < 0 ? "" : PathOf(ParentOf(group))) + $"/g{group}";

    private string LeafPath(int leaf) => (ParentOfLeaf(leaf) < 0 ? "" : PathOf(ParentOfLeaf(leaf))) + $"/c{leaf}";

    /// <summary>Under classic a limit below another is refused.</summary>
    private long MaxOf(int leaf) => Leaves[leaf].Max == 0 ? Max : Leaves[leaf].Max;

    /// <summary>Which of a container's works goes through the shared file; −1: none.</summary>
    private int SharedWork(int leaf) => SharesFile ? Leaves[leaf].Works.ToList().FindIndex(work => !work.IsAnonymous) : -1;

    /// <summary>Whether it maps the shared file.</summary>
    private bool Maps(int leaf) => SharedWork(leaf) is >= 0 and var work && Leaves[leaf].Works[work].Seed % 2 == 0;

    private ContainerPlan PlanOf(int leaf, KernelChoice kernel)
    {
        var (files, heaps, jobs) = (new List<int>(), new List<int>(), new List<JobPlan>());
        var disk = new Device(Disk ?? DeviceType.Of("brd"));
        var shared = SharedWork(leaf);
        foreach (var work in Leaves[leaf].Works)
        {
            var isMapped = jobs.Count == shared && Maps(leaf);
            var block = work.IsAnonymous || isMapped ? 1 : work.Block;
            var writes = Writes && work.Writes && !work.IsAnonymous && jobs.Count != shared;
            var pattern = Patterns.Create(_patterns[work.Pattern], work.Pages / block, work.Accesses / block, work.Seed, theta: 0.9, write: writes);
            var stream = new StreamPlan
            {
                Source = work.IsAnonymous ? new AnonymousSource(pattern, work.Pages, wr: 256) : pattern,
                File = work.IsAnonymous ? heaps.Count : files.Count,
                Path = work.IsAnonymous ? AccessPath.Anonymous : isMapped ? AccessPath.Mapped : AccessPath.Descriptor,
                BlockBytes = block * PageBytes,
                Writes = writes,
                ReadAheadPages = work.ReadsAhead && !work.IsAnonymous ? 32 : 0,
                Advice = work.ReadsAhead ? ReadaheadAdvice.Normal : ReadaheadAdvice.Random,
                Device = disk,
            };
            (work.IsAnonymous ? heaps : files).Add(jobs.Count == shared ? Work.MostPages : work.Pages);
            jobs.Add(new JobPlan { Workload = jobs.Count, Streams = [stream], ThinkNs = ThinkUs * 1000L, Exits = work.Seed % 3 == 0 });
        }

        return new ContainerPlan
        {
            Kernel = kernel,
            MaxPages = MaxOf(leaf),
            ProcessAnonPages = Leaves[leaf].Process,
            HostPages = Size,
            FilePages = files,
            Number = (ushort)leaf,
            SharedFiles = shared < 0 ? [] : [new SharedFilePlan(0, 0, Enumerable.Range(0, Leaves.Length).Any(other => other != leaf && Maps(other)))],
            HeapPages = heaps,
            Jobs = jobs,
            LowPages = Leaves[leaf].Low,
            MinPages = Guaranteed(leaf),
            Rmdir = Leaves[leaf].Rmdir,
            SwapPages = Leaves[leaf].Swap,
            SwapDevice = Leaves[leaf].Swap == 0 ? null : disk,
            SharedDevices = Disk is null ? [] : [disk],
            Turns = Turns,
            Cpus = 1 + Leaves[leaf].Mems % 2,
            CpuMax = Leaves[leaf].Policy % 3 == 0 ? new CpuMax(10_000 + 5_000 * Leaves[leaf].Mems, 70_000) : null,
            MostRecords = MostRecords,
            ReportsPressure = ReportsPressure,
            Numa = NumaOf(leaf),
            Node = NumaOf(leaf)?.First ?? 0,
            Controls = [.. Leaves[leaf].Events.Where(item => shared < 0 || item.Kind != Event.DropCaches).OrderBy(item => item.AtUs).Select(item => ControlOf(item, MaxOf(leaf)))],
        };
    }

    private static ControlAccess ControlOf(Event item, long max)
    {
        var size = Math.Min(item.Pages, max) * PageBytes;
        var (file, value) = item.Kind switch
        {
            0 => (ControlFile.MemoryMax, size),
            1 => (ControlFile.MemoryLow, size),
            2 => (ControlFile.MemoryReclaim, size),
            3 => (ControlFile.MemoryHigh, size),
            _ => (ControlFile.DropCaches, 3L),
        };
        return new ControlAccess(item.AtUs * 1000L, file, value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    internal sealed record Group(int Parent, int Max, int High, int SwapMax, int Low, bool IsProtecting)
    {
        public static Gen<Group> Any { get; } = Gen.Select(Gen.Int[0, 5], Limit(300, 1500), Seldom(500, 1500), Limit(10, 200), Limit(100, 800), Gen.Bool, (parent, max, high, swap, low, min) => new Group(parent, max, high, swap, low, min));

        /// <summary>Who is far above memory.high and has nothing to give tries again and again at every charge: that is true, and takes long.</summary>
        private static Gen<int> Seldom(int least, int most) => Gen.Select(Gen.Int[0, 9], Gen.Int[least, most], (chance, limit) => chance == 0 ? limit : 0);
    }

    internal sealed record Leaf(int Parent, int Max, int Low, bool IsGuaranteed, int Process, int Swap, ImmutableArray<Work> Works, ImmutableArray<Event> Events)
    {
        /// <summary>Which nodes it may use, and how, on a host with several.</summary>
        public int Mems { get; init; }

        /// <inheritdoc cref="Mems"/>
        public int Policy { get; init; }

        /// <summary>Whether it is removed when its works are done.</summary>
        public bool Rmdir { get; init; }

        public static Gen<Leaf> Any { get; } =
            from parent in Gen.Int[0, 11]
            from max in Limit(200, 800)
            from low in Limit(50, 500)
            from guaranteed in Gen.Int[0, 3]
            from process in Gen.Int[0, 20]
            from swap in Gen.Int[0, 1]
            from works in Work.Any.Array[1, 2]
            from events in Event.Any.Array[0, 3]
            from mems in Gen.Int[0, 20]
            from policy in Gen.Int[0, 29]
            from rmdir in Gen.Bool
            select new Leaf(parent, max, low, guaranteed == 0, process, SwapPages * swap, [.. works], [.. events]) { Mems = mems, Policy = policy, Rmdir = rmdir };

        /// <summary>More than it can ever have charged: its memory, tree nodes and page tables, and a stock.</summary>
        public long MostPages => Process + Works.Sum(work => work.Pages + work.Pages / 64 + 20) + 128;
    }

    internal sealed record Work(int Pattern, int Pages, int Accesses, ulong Seed, bool IsAnonymous)
    {
        public const int MostPages = 800;

        /// <summary>Pages of a request.</summary>
        public int Block => Seed % 5 == 0 ? 4 : 1;

        /// <summary>Whether it writes to its file, unless others use that.</summary>
        public bool Writes => Seed % 6 == 1;

        /// <summary>Whether the kernel reads ahead of it.</summary>
        public bool ReadsAhead => Seed % 7 == 0;

        public static Gen<Work> Any { get; } = Gen.Select(Gen.Int[0, 2], Gen.Int[50, MostPages], Gen.Int[200, 3000], Gen.ULong, Gen.Int[0, 2], (pattern, pages, accesses, seed, anon) =>
            new Work(pattern, anon == 0 ? pages / 3 + 1 : pages, accesses, seed, anon == 0));
    }

    internal sealed record Event(int AtUs, int Kind, int Pages)
    {
        public const int DropCaches = 4;

        public static Gen<Event> Any { get; } = Gen.Select(Gen.Int[0, 6000], Gen.Int[0, 4], Gen.Int[200, 700], (at, kind, pages) => new Event(at, kind, pages));
    }

    /// <summary>A limit in pages, 0 as often as not.</summary>
    private static Gen<int> Limit(int least, int most) => Gen.Select(Gen.Bool, Gen.Int[least, most], (has, pages) => has ? pages : 0);
}
