using System.Collections.Immutable;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
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

    private static int Charged(Container container) => (int)container.Memcg!.Shared!.Figures(0).Charged;

    private static (Container Payer, Container User) Run(string policy, string variant, AccessPath path)
    {
        var kernel = new KernelChoice { Policy = policy, Variant = variant };
        var device = new Device(DeviceType.Of("brd"));
        uint[] library = [.. Enumerable.Range(0, Library).Select(page => (uint)page)];
        var plan = Plans.Of(Payer, Library) with { Kernel = kernel, Turns = true, FilePages = [Library, 4000], SharedFiles = [new SharedFilePlan(0, 0)] };
        ImmutableArray<Container> containers =
        [
            new Container(plan with
            {
                // The library first, all of it, then the scan.
                Jobs = [new JobPlan { Workload = 0, Turn = Library, Streams = [Stream(library), Stream([.. Enumerable.Range(0, 4000).Select(page => (uint)page)]) with { File = 1 }] }],
            }),
            new Container(plan with
            {
                Number = 1, MaxPages = 10_000,
                Jobs = [new JobPlan { Workload = 0, Turn = Library, Streams = [Stream([.. Enumerable.Repeat(library, 80).SelectMany(pages => pages)]) with { Path = path }] }],
            }),
        ];
        var tree = new MemcgTree();
        tree.Add("/", -1, new MemcgLimits(long.MaxValue, 0, 0));
        tree.Add("/payer", 0, new MemcgLimits(Payer, 0, 0), 0);
        tree.Add("/user", 0, new MemcgLimits(10_000, 0, 0), 1);
        var domain = new SharedDomain(tree, [0, 1], kernel, turns: true, quantumNs: 50_000, long.MaxValue)
        {
            Files = [new SharedFileUsers(0, [0, 1])],
            Own = [.. containers.Select(container => (container.PagesHeld, container.PagesLimit))],
        };
        var steps = new HostSteps(containers, ["/payer", "/user"], new NodeMemory(100_000), null, [domain]);
        while (!steps.Coordinator.Done)
        {
            steps.Step(1000);
        }

        return (containers[0], containers[1]);

        StreamPlan Stream(uint[] pages) => new() { Source = new ListedSource(pages), File = 0, Device = device, Rotation = pages.Length };
    }
}
