using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>What docs/scenarios.md says that each of its scenarios teaches is so; where it is large, in a smaller one.</summary>
public sealed class LessonTests
{
    private static readonly string _folder = Path.Combine(AppContext.BaseDirectory, "scenarios");

    /// <summary>An eighth of the node and of its pods.</summary>
    private static readonly string[] _smallNode =
    [
        "host.nodes[0].memory=486M", "host.nodes[0].used=75M", "host.swap[0].size=256M", "templates.pod.memory.max=150M",
        "templates.pod.workloads[0].mix[0].pattern.n=19200", "templates.pod.workloads[0].mix[0].pattern.acc=300000",
        "templates.pod.workloads[0].mix[1].pattern.n=16384", "templates.pod.workloads[0].mix[1].pattern.acc=150000",
    ];

    /// <summary>A fifth of the hundred.</summary>
    private static readonly string[] _twenty =
    [
        "duration=1500ms", "host.nodes[0].memory=410M", "host.nodes[0].used=51M",
        "host.cgroups.cache.count=8", "host.cgroups.server.count=6", "host.cgroups.batch.count=4", "host.cgroups.database.count=2",
    ];

    public static TheoryData<string> Lessons =>
        ["noisy-neighbour", "memory-high-vs-proactive-reclaim", "swappiness-200-small-node", "request-equals-limit-cache-jitter", "hundred-containers", "numa-imbalance", "tiering", "shared-image"];

    private static async Task<HostResult> Run(string scenario, params string[] set)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var status = await Cli.InvokeAsync(
            ["run", Path.Combine(_folder, scenario + ".yaml"), "--silos", "0", "--json", .. set.SelectMany(assignment => new[] { "--set", assignment })], output, error);

        Assert.True(status == 0, error.ToString());
        return JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!.Hosts[0];
    }

    [Fact]
    public async Task Memory_low_keeps_a_noisy_neighbour_away_under_classic_and_memory_min_under_both()
    {
        async Task<double> Misses(string policy, string protection)
        {
            var tables = (await Run("noisy-neighbour", "duration=8s", $"kernel.policy={policy}", $"host.cgroups.database.{protection}")).Cgroups["/database"].Workloads[0];
            return (double)tables.DeviceReads / tables.Accesses;
        }

        var (none, low, min) = (await Misses("mglru", "memory.low=0"), await Misses("mglru", "memory.low=160M"), await Misses("mglru", "memory.min=160M"));
        var (classicNone, classicLow) = (await Misses("classic", "memory.low=0"), await Misses("classic", "memory.low=160M"));

        Assert.True(classicLow < 0.9 * classicNone, $"classic: {classicLow} {classicNone}");
        Assert.True(min < 0.9 * none, $"mglru: {min} {none}");
        Assert.True(Math.Abs(low - none) < (none - min) / 3, $"mglru: {low} {none} {min}");
    }

    [Fact]
    public async Task Memory_high_stalls_a_heap_that_cannot_be_swapped_and_proactive_reclaim_does_not()
    {
        var cgroups = (await Run("memory-high-vs-proactive-reclaim")).Cgroups;
        var (limit, high, proactive) = (cgroups["/limit"].Workloads[0], cgroups["/high"].Workloads[0], cgroups["/proactive"].Workloads[0]);

        Assert.True(high.Iops < limit.Iops / 2 && proactive.Iops > limit.Iops * 0.8, $"{limit.Iops} {high.Iops} {proactive.Iops}");
        Assert.True(high.CpuSeconds["high_throttle"] > 1 && proactive.CpuSeconds["high_throttle"] == 0);
        Assert.True(cgroups["/high"].MemoryCurrent < 50 << 20, "far below memory.max");
    }

    [Fact]
    public async Task Swappiness_200_keeps_page_cache_under_classic_and_hardly_under_mglru()
    {
        async Task<double> Refaults(string policy, int swappiness) => (await Run("swappiness-200-small-node", [.. _smallNode, $"kernel.policy={policy}", $"kernel.swappiness={swappiness}"]))
            .Vmstat["workingset_refault_file"];

        var classic = await Refaults("classic", 200) / await Refaults("classic", 60);
        var mglru = await Refaults("mglru", 200) / await Refaults("mglru", 60);

        Assert.True(classic < 0.6 && mglru > classic + 0.2, $"{classic} {mglru}");
    }

    [Fact]
    public async Task A_limit_without_room_for_page_cache_costs_a_pod_its_throughput_on_a_node_that_is_half_free()
    {
        var host = await Run("request-equals-limit-cache-jitter");
        var (tight, roomy) = (host.Cgroups["/tight"].Workloads[0], host.Cgroups["/roomy"].Workloads[0]);

        Assert.True(tight.Iops < 0.8 * roomy.Iops && tight.DeviceReads > 2 * roomy.DeviceReads, $"{tight.Iops} {roomy.Iops} {tight.DeviceReads} {roomy.DeviceReads}");
        Assert.True(host.Nodes[0].FreePages > host.Nodes[0].MemTotalPages / 2);
    }

    [Fact]
    public async Task Among_many_containers_memory_min_holds_and_memory_low_does_not()
    {
        var low = (await Run("hundred-containers", _twenty)).Cgroups;
        var min = (await Run("hundred-containers", [.. _twenty, "templates.database.memory.min=64M"])).Cgroups;

        Assert.Equal(20, low.Count);
        Assert.True(low["/database-1"].MemoryCurrent < 48 << 20, $"{low["/database-1"].MemoryCurrent}");
        Assert.True(min["/database-1"].MemoryCurrent > 56 << 20, $"{min["/database-1"].MemoryCurrent}");
        Assert.True(Caches(min) < Caches(low), "others pay");

        static long Caches(IReadOnlyDictionary<string, CgroupResult> cgroups) => cgroups.Where(cgroup => cgroup.Key.StartsWith("/cache", StringComparison.Ordinal)).Sum(cgroup => cgroup.Value.MemoryCurrent);
    }

    [Fact]
    public async Task A_node_reclaims_while_the_other_is_free_until_a_container_moves_there()
    {
        const string Moved = "host.cgroups.reports.cpuset.mems=1";
        var (bound, moved, far) = (await Run("numa-imbalance"), await Run("numa-imbalance", Moved), await Run("numa-imbalance", Moved, "host.nodes[1].cpus=none"));

        Assert.True(bound.Nodes[0].Reclaim!.Pageoutrun > 100 && bound.Nodes[1].Reclaim!.Pageoutrun == 0);
        Assert.True(bound.Nodes[1].FreePages > bound.Nodes[1].MemTotalPages / 2);
        Assert.All(moved.Nodes, node => Assert.Equal(0, node.Reclaim!.Pageoutrun));
        Assert.True(Iops(moved, "/database") > 2 * Iops(bound, "/database"));
        Assert.InRange(Iops(far, "/reports"), 0.9 * Iops(moved, "/reports"), 0.99 * Iops(moved, "/reports"));
        Assert.Equal(Iops(moved, "/database"), Iops(far, "/database"), 0.01 * Iops(moved, "/database"));

        static double Iops(HostResult host, string cgroup) => host.Cgroups[cgroup].Workloads[0].Iops;
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public async Task An_image_is_paid_for_by_who_reads_it_first_as_far_as_its_limit_goes_and_after_its_end(string policy)
    {
        var (three, small, ended) = (await Run("shared-image", $"kernel.policy={policy}", "duration=3s"), await Run("shared-image", $"kernel.policy={policy}", "duration=3s", "host.cgroups.first.memory.max=40M"),
            await Run("shared-image", $"kernel.policy={policy}", "duration=3s", "host.cgroups.first.workloads[0].stop=2s"));
        var pages = three.SharedFiles.Single().Pages;

        // Once in memory, whoever reads it; most of it is the first one's, who began a second before.
        Assert.InRange(three.SharedFiles.Single().Resident, 0.9 * pages, pages);
        Assert.True(Use(three, "/first").Charged > 3 * (Use(three, "/second").Charged + Use(three, "/third").Charged) / 2);
        Assert.True(three.Cgroups["/first"].MemoryCurrent > 4 * three.Cgroups["/second"].MemoryCurrent);

        // What it cannot hold goes over to the others.
        Assert.True(small.Cgroups["/first"].MemoryCurrent <= 40 << 20);
        Assert.All(["/second", "/third"], path => Assert.True(Use(small, path).Charged > Use(three, path).Charged && Use(small, path).LostByOthers > 500));

        // Nobody takes over what is in memory.
        Assert.Equal(ended.Cgroups["/first"].MemoryStat.Single(counter => counter.Name == "file").Value, 4096 * Use(ended, "/first").Charged);
        Assert.Equal(Use(three, "/first").Charged, Use(ended, "/first").Charged, 0.05 * pages);

        static SharedFileUse Use(HostResult host, string cgroup) => host.SharedFiles.Single().Cgroups[cgroup];
    }

    [Fact]
    public async Task Only_demotion_and_promotion_together_bring_hot_pages_near()
    {
        const string NoPromotion = "host.numa_balancing=0";
        const string NoDemotion = "host.demotion_enabled=no";
        var (both, demotion, promotion, neither) = (await Run("tiering"), await Run("tiering", NoPromotion), await Run("tiering", NoDemotion), await Run("tiering", NoPromotion, NoDemotion));

        Assert.True(Iops(both) > 1.15 * Iops(neither), $"{Iops(both)} {Iops(neither)}");
        Assert.Equal(Iops(neither), Iops(demotion), 1e-9);
        Assert.InRange(Iops(promotion), 0.95 * Iops(neither), 0.999 * Iops(neither));
        Assert.Equal([0, 0, 0], new[] { demotion, promotion, neither }.Select(host => host.Vmstat.GetValueOrDefault("pgdemote_kswapd") + host.Vmstat.GetValueOrDefault("pgpromote_success")));
        Assert.True(both.Vmstat["pgdemote_kswapd"] >= 12_800 && both.Vmstat["pgpromote_success"] >= 12_800);
        Assert.Equal(16, promotion.Nodes[0].Reclaim!.Pageoutrun);
        Assert.True(Near(both, "/batch") == 0 && Near(both, "/database") > 5 * Near(neither, "/database"));

        static double Iops(HostResult host) => host.Cgroups["/database"].Workloads[0].Iops;

        static long Near(HostResult host, string cgroup) => host.Cgroups[cgroup].MemoryNumaStat.Single(line => line.Name == "anon").Nodes[0];
    }

    [Fact]
    public async Task Memory_min_written_on_the_way_protects_from_then_on()
    {
        async Task<double> Misses(string minimum)
        {
            var tables = (await Run("noisy-neighbour", "duration=8s", $"host.cgroups.database.events=[ {{ at: 1s, memory.min: {minimum} }} ]")).Cgroups["/database"].Workloads[0];
            return (double)tables.DeviceReads / tables.Accesses;
        }

        Assert.True(await Misses("160M") < 0.9 * await Misses("0"));
    }

    [Theory]
    [MemberData(nameof(Lessons))]
    public void The_page_about_them_shows_what_the_first_command_prints(string scenario)
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "scenarios.md"));
        var commands = File.ReadLines(Path.Combine(_folder, scenario + ".yaml")).Where(line => line.StartsWith("#   reclaim ", StringComparison.Ordinal)).Select(line => line["#   ".Length..]);

        Assert.All(commands, command => Assert.Contains($"\n$ {command}", page, StringComparison.Ordinal));
        Assert.Contains($"\n## {scenario}\n", page, StringComparison.Ordinal);
    }
}
