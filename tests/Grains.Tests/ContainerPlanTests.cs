using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Mappings;
using Reclaim.Model.Steps;
using Reclaim.Model.Workloads;
using Reclaim.Model.Writeback;

namespace Reclaim.Grains.Tests;

/// <summary>What the model is built from follows from how the specification says that pages are touched.</summary>
public sealed class ContainerPlanTests
{
    private static PatternSpec Scan(string name, AccessKind kind, long pages = 100) =>
        new() { Name = name, Device = kind is AccessKind.AnonRead or AccessKind.AnonWrite ? "" : "ram0", Kind = kind, Pattern = "scan", N = pages, Acc = 10, Seed = 1 };

    private static RunSpec Spec(params ImmutableArray<WorkloadSpec> workloads) => new()
    {
        Scenario = "plan",
        Hosts =
        [
            new HostSpec
            {
                Devices = [new DeviceSpec { Name = "ram0", Type = "brd" }, new DeviceSpec { Name = "disk", Type = "ssd" }],
                Cgroups = [new CgroupSpec { Path = "/a", MemoryMax = 1 << 20, Workloads = workloads }],
            },
        ],
    };

    private static RunSpec Swapping(RunSpec spec, string type, long bytes, long? max = null)
    {
        var host = spec.Hosts[0];
        return spec with { Hosts = [host with { Swap = [new SwapSpec(type, bytes)], Cgroups = [host.Cgroups[0] with { SwapMax = max }] }] };
    }

    [Theory]
    [InlineData(AccessKind.Read, AccessPath.Descriptor, false, false)]
    [InlineData(AccessKind.Write, AccessPath.Descriptor, true, true)]
    [InlineData(AccessKind.MmapRead, AccessPath.Mapped, false, false)]
    [InlineData(AccessKind.MmapWrite, AccessPath.Mapped, true, true)]
    [InlineData(AccessKind.AnonRead, AccessPath.Anonymous, false, false)]
    [InlineData(AccessKind.AnonWrite, AccessPath.Anonymous, true, false)]
    public void Only_writes_to_files_make_file_pages_dirty(AccessKind kind, AccessPath path, bool marked, bool writes)
    {
        var stream = ContainerFactory.Plan(Spec(Scan("x", kind)), 0, 0).Jobs[0].Streams[0];
        var numbers = new uint[1];
        stream.Source.Fill(numbers);

        Assert.Equal((path, writes, marked), (stream.Path, stream.Writes, (numbers[0] & AccessSource.WriteBit) != 0));
    }

    [Fact]
    public void Threads_that_name_the_same_heap_have_it_in_common_and_it_is_as_large_as_the_largest_needs()
    {
        WorkloadSpec Of(string name, long pages, string? process, string? heap) => Scan(name, AccessKind.AnonRead, pages) with { Process = process, Heap = heap };

        var plan = ContainerFactory.Plan(Spec(Of("a", 20, "p", "h"), Of("b", 50, "p", "h"), Of("c", 30, "q", "h"), Of("d", 40, "p", null)), 0, 0);

        Assert.Equal([50, 30, 40], plan.HeapPages);
        Assert.Equal([0, 0, 1, 2], plan.Jobs.Select(job => job.Streams[0].File));
        Assert.Equal([0, 0, 1, 0], plan.Jobs.Select(job => job.Process));
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData(null, true, true)]
    [InlineData(5L, null, true)]
    [InlineData(5L, false, false)]
    public void A_process_exits_if_it_is_stopped_or_says_so(long? stop, bool? exit, bool exits)
    {
        var job = ContainerFactory.Plan(Spec(Scan("x", AccessKind.AnonRead) with { StartNs = 2, StopNs = stop, Exit = exit }), 0, 0).Jobs[0];

        Assert.Equal((2L, stop, exits), (job.StartNs, job.EndNs, job.Exits));
    }

    [Fact]
    public void Each_workload_and_part_of_a_mix_has_anonymous_memory_of_its_own()
    {
        var mix = new MixSpec { Name = "mix", Device = "", Parts = [new MixPart(Scan("x", AccessKind.AnonWrite, 20), 1), new MixPart(Scan("y", AccessKind.Read, 30), 1)] };

        var plan = ContainerFactory.Plan(Spec(Scan("x", AccessKind.AnonRead, 10), mix, Scan("x", AccessKind.AnonRead, 10)), 0, 0);

        Assert.Equal([10, 20, 10], plan.HeapPages);
        Assert.Equal([30], plan.FilePages);
        Assert.Equal([0, 1, 0, 2], plan.Jobs.SelectMany(job => job.Streams).Select(stream => stream.File));
    }

    [Theory]
    [InlineData("v6.8", AccessKind.Read, AccessAdvice.Random, Recency.Full)]
    [InlineData("v6.8", AccessKind.MmapRead, AccessAdvice.Unspecified, Recency.Full)]
    [InlineData("v6.8", AccessKind.MmapRead, AccessAdvice.Normal, Recency.Full)]
    [InlineData("v6.8", AccessKind.MmapRead, AccessAdvice.Random, Recency.None)]
    [InlineData("v6.8", AccessKind.MmapRead, AccessAdvice.Sequential, Recency.None)]
    [InlineData("v6.8", AccessKind.MmapWrite, AccessAdvice.NoReuse, Recency.None)]
    [InlineData("v6.1.192", AccessKind.MmapRead, AccessAdvice.Random, Recency.AtEviction)]
    [InlineData("v6.1.192", AccessKind.MmapRead, AccessAdvice.Sequential, Recency.None)]
    [InlineData("v6.1.192", AccessKind.MmapWrite, AccessAdvice.NoReuse, Recency.Full)]
    public void Advice_takes_recency_from_a_mapping_but_not_from_a_descriptor(string variant, AccessKind kind, AccessAdvice advice, Recency recency)
    {
        var spec = Spec(Scan("x", kind) with { Advice = advice });

        Assert.Equal(recency, ContainerFactory.Plan(spec with { Kernel = spec.Kernel with { Variant = variant } }, 0, 0).Jobs[0].Streams[0].Recency);
    }

    [Theory]
    [InlineData(FioRw.RandRead, AccessAdvice.Unspecified, Recency.None, 0)]
    [InlineData(FioRw.Write, AccessAdvice.Unspecified, Recency.None, 32)]
    [InlineData(FioRw.RandRw, AccessAdvice.Normal, Recency.Full, 32)]
    [InlineData(FioRw.Read, AccessAdvice.Random, Recency.None, 0)]
    public void A_job_of_fio_that_maps_its_file_is_a_process_that_gives_advice(FioRw rw, AccessAdvice hint, Recency recency, int ahead)
    {
        var job = ContainerFactory.Plan(Spec(new FioSpec { Name = "x", Device = "ram0", Rw = rw, SizeBytes = 1 << 20, Mmap = true, Advice = hint }), 0, 0).Jobs[0];

        Assert.Equal((AccessPath.Mapped, recency, ahead), (job.Streams[0].Path, job.Streams[0].Recency, job.Streams[0].ReadAheadPages));
        Assert.True(job.Exits);
    }

    [Theory]
    [InlineData(null, 2048L, 60)]
    [InlineData(1L << 20, 256L, 60)]
    [InlineData(1L << 30, 2048L, 60)]
    [InlineData(0L, 0L, 0)]
    public void Swap_is_what_the_host_has_up_to_the_cgroups_limit_and_swappiness_goes_with_it(long? max, long pages, int swappiness)
    {
        var plan = ContainerFactory.Plan(Swapping(Spec(Scan("x", AccessKind.AnonRead)), "zram", 8 << 20, max), 0, 0);

        Assert.Equal((pages, swappiness), (plan.SwapPages, plan.Kernel.Swappiness));
        Assert.Equal(pages > 0, plan.SwapAreas.Any(area => area.Device.IsMemory));
    }

    [Fact]
    public void Swap_on_a_device_shares_it_with_the_files_there()
    {
        var plan = ContainerFactory.Plan(Swapping(Spec(Scan("x", AccessKind.Read) with { Device = "disk" }), "disk", 8 << 20), 0, 0);

        var area = Assert.Single(plan.SwapAreas);
        Assert.Same(plan.Jobs[0].Streams[0].Device, area.Device);
        Assert.False(area.Device.IsMemory);
    }

    [Fact]
    public void Areas_without_a_priority_come_after_the_others_in_their_order()
    {
        var spec = Spec(Scan("x", AccessKind.AnonRead));
        ImmutableArray<SwapSpec> swap = [new("brd", 1 << 20), new("zram", 1 << 20) { Priority = 0 }, new("disk", 1 << 20)];
        var plan = ContainerFactory.Plan(spec with { Hosts = [spec.Hosts[0] with { Swap = swap }] }, 0, 0);

        Assert.Equal([-2, 0, -3], plan.SwapAreas.Select(area => area.Priority));
        Assert.Equal([0, 2.63, 0], plan.SwapAreas.Select(area => area.Ratio));
    }

    [Theory]
    [InlineData(null, null, 1700, 3000)]
    [InlineData("lz4", null, 1700, 3000)]
    [InlineData("zstd", null, 5700, 10_000)]
    [InlineData("zstd", "swap_in", 42, 10_000)]
    [InlineData("zstd", "swap_out", 5700, 42)]
    [InlineData(null, "swap_out", 1700, 42)]
    public void A_compressor_has_its_price_unless_the_scenario_says_another(string? compressor, string? cost, long inNs, long outNs)
    {
        var spec = Swapping(Spec(Scan("x", AccessKind.AnonRead)), "zram", 8 << 20);
        var host = spec.Hosts[0] with
        {
            Swap = [new SwapSpec("zram", 8 << 20) { Compressor = compressor }],
            Zswap = new ZswapSpec { Compressor = compressor },
            Costs = cost is null ? [] : [new CostOverride(cost, 42)],
        };
        var plan = ContainerFactory.Plan(spec with { Hosts = [host] }, 0, 0);

        Assert.Equal((inNs, outNs), (plan.SwapAreas[0].InNs, plan.SwapAreas[0].OutNs));
        Assert.Equal((inNs, outNs), (plan.Zswap!.InNs, plan.Zswap.OutNs));
    }

    [Fact]
    public void The_pool_of_zswap_is_a_share_of_the_hosts_memory()
    {
        var spec = Swapping(Spec(Scan("x", AccessKind.AnonRead)), "disk", 8 << 20);
        var host = spec.Hosts[0] with { Nodes = [new NodeSpec(10 << 20)], Zswap = new ZswapSpec { MaxPoolPercent = 30 } };
        host = host with { Cgroups = [host.Cgroups[0] with { ZswapMax = 1 << 20, ZswapWriteback = false }] };
        var zswap = ContainerFactory.Plan(spec with { Hosts = [host] }, 0, 0).Zswap!;

        Assert.Equal((768, 256, false), (zswap.MaxPoolPages, zswap.MaxPages, zswap.Writeback));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(-4096, true)]
    public void Memory_may_be_short_when_the_node_does_not_hold_what_is_swapped_to_zram_beside_every_memory_max(long more, bool short_)
    {
        // 1 MiB of memory.max, and 240 pages of heap that come to 92 pages at a ratio of 2.63.
        var spec = Swapping(Spec(Scan("x", AccessKind.AnonRead, 240)), "zram", 8 << 20);

        // The marks of a node of this size: min 32 pages, and 8 between one and the next.
        var host = spec.Hosts[0] with { Nodes = [new NodeSpec(1_425_408 + (48 * 4096) + more)], MinFreeKbytes = 128 };

        Assert.Equal(short_, HostPressure.IsPossible(spec, host));
        Assert.Empty(SpecCheck.Problems(spec with { Hosts = [host] }));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 10)]
    [InlineData(2, 14)]
    public void An_access_costs_more_the_farther_the_node_is_from_the_nearest_CPUs(int node, int distance)
    {
        var spec = Spec(Scan("x", AccessKind.Read));
        var host = spec.Hosts[0] with
        {
            Nodes = [new NodeSpec(1L << 30), new NodeSpec(1L << 30), new NodeSpec(1L << 30) { IsMemoryOnly = true }],
            Distance = [[10, 21, 24], [21, 10, 14], [24, 14, 10]],
            Costs = [new CostOverride("remote", 1000)],
            Cgroups = [spec.Hosts[0].Cgroups[0] with { Node = node }],
        };

        var (near, plan) = (ContainerFactory.Plan(spec, 0, 0), ContainerFactory.Plan(spec with { Hosts = [host] }, 0, 0));

        Assert.Empty(SpecCheck.Problems(spec with { Hosts = [host] }));
        Assert.Equal(node, plan.Node);
        var more = 1000 * (distance - 10) / 10;
        Assert.Equal(
            (near.Costs.HitNs + more, near.Costs.WriteNs + more, near.Costs.LoadNs + more, near.Costs.MissNs),
            (plan.Costs.HitNs, plan.Costs.WriteNs, plan.Costs.LoadNs, plan.Costs.MissNs));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Memory_is_short_where_a_node_does_not_hold_what_is_bound_to_it(int node, bool isShort)
    {
        var spec = Spec(Scan("x", AccessKind.Read));
        var max = spec.Hosts[0].Cgroups[0].MemoryMax!.Value;
        var host = spec.Hosts[0] with
        {
            Nodes = [new NodeSpec(max), new NodeSpec(4 * max)],
            MinFreeKbytes = 128,
            Cgroups = [spec.Hosts[0].Cgroups[0] with { Node = node }],
        };

        Assert.Equal(isShort, HostPressure.IsPossible(spec, host));
        Assert.Equal(isShort, SharedLimits.Domains(spec with { Hosts = [host] }, 0, [ContainerFactory.Build(spec with { Hosts = [host] }, 0, 0).Terms("/a")]).Length == 1);
    }

    [Fact]
    public void Problems_of_nodes_name_their_key()
    {
        var spec = Spec(Scan("x", AccessKind.Read));

        Assert.Equal("host.distance", Problem(host => host with { Nodes = [new NodeSpec(1L << 30), new NodeSpec(1L << 30)], Distance = [[10, 20]] }));
        Assert.Equal("host.distance", Problem(host => host with { Nodes = [new NodeSpec(1L << 30), new NodeSpec(1L << 30)], Distance = [[10, 9], [9, 10]] }));
        Assert.Equal("host.nodes", Problem(host => host with { Nodes = [new NodeSpec(1L << 30) { IsMemoryOnly = true }] }));
        Assert.EndsWith("cpuset.mems", Problem(host => host with { Nodes = [new NodeSpec(1L << 30)], Cgroups = [host.Cgroups[0] with { Node = 1 }] }), StringComparison.Ordinal);

        // Used up by others: its containers could never run.
        Assert.Equal("host.nodes[0]", Problem(host => host with { Nodes = [new NodeSpec(1L << 20) { UsedBytes = 1 << 20 }, new NodeSpec(1L << 30)] }));

        string Problem(Func<HostSpec, HostSpec> change) => SpecCheck.Problems(spec with { Hosts = [change(spec.Hosts[0])] }).First(problem => !problem.IsWarning).Key;
    }

    [Fact]
    public void Without_swap_swappiness_has_no_effect()
    {
        var plan = ContainerFactory.Plan(Spec(Scan("x", AccessKind.AnonRead)), 0, 0);

        Assert.Equal((0L, 0, 0), (plan.SwapPages, plan.SwapAreas.Count, plan.Kernel.Swappiness));
    }

    [Theory]
    [InlineData("floppy", 2048, "host.swap[0].type")]
    [InlineData("zram", 1000, "host.tlb_entries")]
    public void What_a_host_cannot_be_is_said_with_its_key(string swap, int entries, string key)
    {
        var spec = Swapping(Spec(Scan("x", AccessKind.AnonRead)), swap, 8 << 20);

        Assert.Equal(key, Assert.Single(SpecCheck.Problems(spec with { Hosts = [spec.Hosts[0] with { TlbEntries = entries }] })).Key);
    }

    [Fact]
    public void What_may_be_dirty_is_checked_and_comes_to_the_model()
    {
        var spec = Spec(Scan("x", AccessKind.Write));
        RunSpec With(DirtySpec dirty) => spec with { Hosts = [spec.Hosts[0] with { Nodes = [new NodeSpec(1L << 30)], Dirty = dirty }] };

        Assert.Equal("host.vm.dirty_ratio", Assert.Single(SpecCheck.Problems(With(new DirtySpec { Ratio = 101 }))).Key);
        Assert.Equal("host.vm.dirty_writeback_centisecs", Assert.Single(SpecCheck.Problems(With(new DirtySpec { WritebackCentisecs = -1 }))).Key);
        var plan = ContainerFactory.Plan(With(new DirtySpec { Ratio = 1, BackgroundRatio = 2, Bytes = 3, BackgroundBytes = 4, ExpireCentisecs = 5, WritebackCentisecs = 6 }), 0, 0);
        Assert.Equal(new DirtySysctls { Ratio = 1, BackgroundRatio = 2, Bytes = 3, BackgroundBytes = 4, ExpireCentisecs = 5, WritebackCentisecs = 6 }, plan.Dirty);
        Assert.Equal(1 << 18, plan.HostPages);
    }
}
