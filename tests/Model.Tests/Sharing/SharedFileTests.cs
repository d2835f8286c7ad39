using System.Collections.Immutable;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Sharing;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Sharing;

/// <summary>A small cgroup brings in a library and then scans files of its own; a large one uses the library all the time.</summary>
public sealed class SharedFileTests
{
    private const int Library = 128;
    private const int Payer = 400;
    private const int Scan = 4000;

    /// <summary>Pages of a cgroup that lacks nothing.</summary>
    private const int Most = 10_000;

    [Fact]
    public void What_others_read_stays_with_who_pays_for_it()
    {
        var (payer, user) = Run("classic", "v6.8", AccessPath.Descriptor);

        // Read twice by another, a page is active where it is charged.
        Assert.Equal(Library, Charged(payer));
        Assert.Equal(0, Charged(user));
        Assert.Equal(Library * 4096, Plans.Stat(payer, "active_file"));
        Assert.True(Plans.Stat(payer, "pgsteal") > 3 * Payer);
    }

    [Theory]
    [InlineData("classic", "v6.8")]
    [InlineData("mglru", "v6.8")]
    [InlineData("mglru", "v6.19")]
    public void What_others_only_map_is_evicted_as_unused_by_the_limit_of_who_pays(string policy, string variant)
    {
        var (payer, user) = Run(policy, variant, AccessPath.Mapped);

        Assert.Equal((0, Library), (Charged(payer), Charged(user)));
        Assert.Equal(Library, user.Memcg!.Shared!.Figures(0).LostByOthers);
    }

    [Theory]
    [InlineData("classic", "v6.8", Library)]
    [InlineData("mglru", "v6.8", 0)]
    [InlineData("mglru", "v6.19", 0)]
    public void A_page_that_another_cgroup_evicted_is_a_refault_under_classic_alone(string policy, string variant, int refaults)
    {
        var (_, user) = Run(policy, variant, AccessPath.Mapped);

        Assert.Equal(refaults, Plans.Stat(user, "workingset_refault_file"));
        Assert.Equal(0, user.Memcg!.Culprits.Refaults.Sum());
    }

    /// <summary>A page through which all cgroups are short of memory is in use if any process uses it; under a limit only those below that count (folio_referenced).</summary>
    [Theory]
    [MemberData(nameof(Shortages))]
    public void What_others_map_stays_as_long_as_they_are_below_what_is_short(string policy, string variant, Short shortage)
    {
        var (payer, user) = Run(policy, variant, AccessPath.Mapped, shortage);

        Assert.Equal(shortage is Short.Node or Short.AboveBoth ? (Library, 0) : (0, Library), (Charged(payer), Charged(user)));
        Assert.True(Plans.Stat(payer, "pgsteal") > 2 * Payer);
    }

    public static TheoryData<string, string, Short> Shortages()
    {
        var data = new TheoryData<string, string, Short>();
        foreach (var (policy, variant) in SharingHost.Kernels)
        {
            foreach (var shortage in Enum.GetValues<Short>())
            {
                data.Add(policy, variant, shortage);
            }
        }

        return data;
    }

    /// <summary>Who has too little memory.</summary>
    public enum Short
    {
        /// <summary>The cgroup that is charged for the library, by its own memory.max.</summary>
        Own,

        /// <summary>It alone, by that of a cgroup above it.</summary>
        AbovePayer,

        /// <summary>Both, by that of a cgroup above both.</summary>
        AboveBoth,

        /// <summary>The node.</summary>
        Node,
    }

    private static int Charged(Container container) => (int)container.Memcg!.Shared!.Figures(0).Charged;

    private static (Container Payer, Container User) Run(string policy, string variant, AccessPath path, Short shortage = Short.Own)
    {
        var kernel = new KernelChoice { Policy = policy, Variant = variant };
        var device = new Device(DeviceType.Of("brd"));
        uint[] library = [.. Enumerable.Range(0, Library).Select(page => (uint)page)];
        var plan = Plans.Of(Most, Library) with { Kernel = kernel, Turns = true, FilePages = [Library, Scan] };
        ImmutableArray<Container> containers =
        [
            new Container(plan with
            {
                // The library first, all of it, then the scan.
                MaxPages = shortage == Short.Own ? Payer : Most, SharedFiles = [new SharedFilePlan(0, 0, IsMappedElsewhere: path == AccessPath.Mapped)],
                Jobs = [new JobPlan { Workload = 0, Turn = Library, Streams = [Stream(library), Stream([.. Enumerable.Range(0, Scan).Select(page => (uint)page)]) with { File = 1 }] }],
            }),
            new Container(plan with
            {
                Number = 1, SharedFiles = [new SharedFilePlan(0, 0)],
                Jobs = [new JobPlan { Workload = 0, Turn = Library, Streams = [Stream([.. Enumerable.Repeat(library, 80).SelectMany(pages => pages)]) with { Path = path }] }],
            }),
        ];
        var (tree, node) = (new MemcgTree(), new NumaNode(Payer, used: 0, new Watermarks(8, 16, 24, 32), seed: 1));
        tree.Add("/", -1, Limited(Most));
        tree.Add("/pod", 0, Limited(shortage is Short.AbovePayer or Short.AboveBoth ? Payer : Most));
        string[] paths = ["/pod/payer", shortage == Short.AboveBoth ? "/pod/user" : "/user"];
        for (var i = 0; i < containers.Length; i++)
        {
            tree.Charge(tree.Add(paths[i], paths[i].StartsWith("/pod", StringComparison.Ordinal) ? 1 : 0, Limited(containers[i].Plan.MaxPages), i), containers[i].PagesHeld);
            node.Take(containers[i].PagesAllocated);
        }

        var domain = new SharedDomain(tree, [0, 1], kernel, turns: true, quantumNs: 50_000, long.MaxValue, shortage == Short.Node ? node : null)
        {
            Files = [new SharedFileUsers(0, [0, 1])],
            Own = shortage == Short.Own ? [.. containers.Select(container => (container.PagesHeld, container.PagesLimit))] : null,
        };
        var steps = new HostSteps(containers, [.. paths], new NodeMemory(shortage == Short.Node ? Payer : 100_000), null, [domain]);
        while (!steps.Coordinator.Done)
        {
            steps.Step(1000);
        }

        return (containers[0], containers[1]);

        static MemcgLimits Limited(long pages) => new(pages, 0, 0);

        StreamPlan Stream(uint[] pages) => new() { Source = new ListedSource(pages), File = 0, Device = device, Rotation = pages.Length };
    }
}
