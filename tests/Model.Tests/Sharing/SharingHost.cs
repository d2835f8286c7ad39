using System.Collections.Immutable;
using CsCheck;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Readahead;
using Reclaim.Model.Sharing;
using Reclaim.Model.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;

namespace Reclaim.Model.Tests.Sharing;

/// <summary>Cgroups with limits of their own that use one file, and perhaps one of their own each.</summary>
internal sealed record SharingHost
{
    private const ushort File = 3;

    public static readonly (string Policy, string Variant)[] Kernels =
        [("mglru", "v6.1.192"), ("mglru", "v6.8"), ("mglru", "v6.12.117"), ("mglru", "v6.19"), ("classic", "v6.1.192"), ("classic", "v6.8"), ("classic", "v6.12.117")];

    private static readonly string[] _patterns = ["zipf", "scan", "uniform"];

    public required int Kernel { get; init; }

    public required bool Turns { get; init; }

    /// <summary>Pages of the file.</summary>
    public required int Pages { get; init; }

    public required ImmutableArray<Member> Members { get; init; }

    public long QuantumNs { get; init; } = 50_000;

    public static Gen<SharingHost> Any { get; } =
        from kernel in Gen.Int[0, Kernels.Length - 1]
        from turns in Gen.Bool
        from pages in Gen.Int[70, 6000]
        from members in Member.Any.Array[2, 5]
        select new SharingHost { Kernel = kernel, Turns = turns, Pages = pages, Members = [.. members] };

    /// <summary>A member reads the file in a pattern, by read(2), with readahead or by loads, and has a process exit at the end or not.</summary>
    /// <param name="Max">memory.max, pages.</param>
    /// <param name="Pattern">How it goes through the file.</param>
    /// <param name="Accesses">How often.</param>
    /// <param name="Path">0: read(2); 1: read(2) with readahead; 2: mapped; 3: mapped, with read-around; 4: not at all.</param>
    /// <param name="Own">Pages of a file of its own that it scans.</param>
    /// <param name="Seed">Of the pattern.</param>
    internal sealed record Member(int Max, int Pattern, int Accesses, int Path, int Own, ulong Seed)
    {
        public static Gen<Member> Any { get; } = Gen.Select(Gen.Int[100, 1500], Gen.Int[0, 2], Gen.Int[100, 5000], Gen.Int[0, 4], Gen.Int[0, 800], Gen.ULong,
            (max, pattern, accesses, path, own, seed) => new Member(max, pattern, accesses, path, own, seed));
    }

    /// <summary>The page of the file that is the container's page <paramref name="index"/>: the file is its first.</summary>
    public static byte StateOf(Container container, int index) => container.Memcg!.Folios.State[container.FileBase[0] + (uint)index];

    /// <summary>Whether a page is in memory and charged to a container.</summary>
    public static bool IsCharged(Container container, int index) => StateOf(container, index) is not (0 or SharedPages.Foreign);

    /// <summary>The host before the first step.</summary>
    public (HostSteps Steps, ImmutableArray<Container> Containers) Build()
    {
        var kernel = new KernelChoice { Policy = Kernels[Kernel].Policy, Variant = Kernels[Kernel].Variant };
        ImmutableArray<Container> containers = [.. Members.Select((_, i) => new Container(PlanOf(i)))];
        var tree = new MemcgTree();
        tree.Add("/", -1, new MemcgLimits(long.MaxValue, 0, 0));
        for (var i = 0; i < Members.Length; i++)
        {
            tree.Charge(tree.Add($"/{i}", 0, new MemcgLimits(Members[i].Max, 0, 0), i), containers[i].PagesHeld);
        }

        var domain = new SharedDomain(tree, Enumerable.Range(0, Members.Length), kernel, Turns, QuantumNs, long.MaxValue)
        {
            Files = [new SharedFileUsers(File, [.. Enumerable.Range(0, Members.Length)])],
            Own = [.. containers.Select(container => (container.PagesHeld, container.PagesLimit))],
        };
        return (new HostSteps(containers, [.. Members.Select((_, i) => $"/{i}")], new NodeMemory(100_000), null, [domain]), containers);
    }

    /// <summary>What a member's container is built from.</summary>
    public ContainerPlan PlanOf(int member)
    {
        var of = Members[member];
        var device = new Device(DeviceType.Of("brd"));
        var jobs = new List<JobPlan>();
        if (of.Path != 4)
        {
            jobs.Add(new JobPlan
            {
                Workload = 0,
                Exits = of.Path >= 2 && of.Seed % 2 == 0,
                Streams =
                [
                    new StreamPlan
                    {
                        Source = Patterns.Create(_patterns[of.Pattern], Pages, of.Accesses, of.Seed, theta: 0.9), File = 0, Device = device,
                        Path = of.Path >= 2 ? AccessPath.Mapped : AccessPath.Descriptor,
                        ReadAheadPages = of.Path is 1 or 3 ? 32 : 0,
                        Advice = of.Path is 1 or 3 ? ReadaheadAdvice.Normal : ReadaheadAdvice.Random,
                    },
                ],
            });
        }

        if (of.Own != 0 || jobs.Count == 0)
        {
            jobs.Add(new JobPlan
            {
                Workload = jobs.Count,
                Streams = [new StreamPlan { Source = Patterns.Create("scan", of.Own + 1, of.Accesses, of.Seed), File = 1, Device = device }],
            });
        }

        return new ContainerPlan
        {
            Kernel = new KernelChoice { Policy = Kernels[Kernel].Policy, Variant = Kernels[Kernel].Variant },
            MaxPages = of.Max,
            FilePages = [Pages, of.Own + 1],
            Number = (ushort)member,
            SharedFiles = [new SharedFilePlan(0, File, Members.Where((other, i) => i != member && other.Path is 2 or 3).Any())],
            Jobs = jobs,
            Turns = Turns,
        };
    }

    /// <summary>What a test that fails says of it.</summary>
    public override string ToString() => $"{Kernels[Kernel]} turns {Turns}, {Pages} pages\n{string.Join('\n', Members)}";
}
