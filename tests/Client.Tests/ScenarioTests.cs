using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Spec;
using Xunit;

namespace Reclaim.Client.Tests;

public sealed class ScenarioTests
{
    [Fact]
    public void A_scenario_becomes_a_specification_in_bytes_and_nanoseconds()
    {
        var spec = Scenarios.Read(Scenarios.Small.Replace("seed: 7", "seed: 7\nduration: 1.5s")).Spec;

        Assert.Equal(("small", 7UL, 1_500_000_000L), (spec.Scenario, spec.Seed, spec.DurationNs));
        var host = Assert.Single(spec.Hosts);
        Assert.Equal((2, 1L << 30, "brd"), (host.Cpus, host.Nodes[0].MemoryBytes, host.Devices[0].Type));
        var cgroup = Assert.Single(host.Cgroups);
        Assert.Equal(("/bench", (long?)(64 << 20)), (cgroup.Path, cgroup.MemoryMax));
        var pattern = Assert.IsType<PatternSpec>(Assert.Single(cgroup.Workloads));
        Assert.Equal(new PatternSpec { Name = "pattern", Device = "ram0", File = "f0", Pattern = "zipf", N = 49152, Acc = 300000, Seed = 1, Theta = 0.5, Nf = 12 }, pattern);
    }

    [Fact]
    public void The_fio_example_of_the_contract_is_read_with_fios_own_units()
    {
        var scenario = Scenarios.Read("""
            schema: reclaim/1
            host:
              cpus: 16
              nodes: [ { memory: 32G } ]
              devices: { ram0: { type: brd } }
              swap: none
              cgroups:
                bench:
                  memory.max: 4G
                  workloads:
                    - fio: { rw: randread, bs: 4k, size: 1024m, numjobs: 12, iodepth: 128, random_distribution: "zipf:0.5",
                             norandommap: 1, time_based: 1, ramp_time: 5m, runtime: 5m, filename: ram0 }
            """);

        var fio = Assert.IsType<FioSpec>(scenario.Spec.Hosts[0].Cgroups[0].Workloads[0]);
        Assert.Equal((FioRw.RandRead, 4096, 1L << 30, 12, 128), (fio.Rw, fio.BsBytes, fio.SizeBytes, fio.NumJobs, fio.IoDepth));
        Assert.Equal((true, true, 300_000_000_000L, 300_000_000_000L), (fio.NoRandomMap, fio.TimeBased, fio.RampTimeNs, fio.RuntimeNs));
        Assert.Equal(("zipf", 0.5), (fio.Distribution.Kind, fio.Distribution.Value));
        Assert.Equal(("ram0", false, null), (fio.Device, fio.SharedFile, fio.File));
        Assert.Empty(scenario.Warnings);
    }

    [Fact]
    public void Rule_values_are_text_whatever_YAML_would_make_of_them()
    {
        var spec = Scenarios.Read(Scenarios.Small.Replace("variant: v6.8", "variant: v6.8, rules: { protect.saturated: no, insert.coldFile: oldest }")).Spec;

        Assert.Equal([new RuleOverride("protect.saturated", "no"), new RuleOverride("insert.coldFile", "oldest")], spec.Kernel.Rules);
    }

    [Fact]
    public void What_may_be_dirty_is_the_kernel_s_usual_unless_the_host_says_otherwise()
    {
        Assert.Equal(new DirtySpec { Ratio = 20, BackgroundRatio = 10, ExpireCentisecs = 3000, WritebackCentisecs = 500 }, Read("cpus: 2"));
        Assert.Equal(
            new DirtySpec { Ratio = 40, BackgroundBytes = 16 << 20, ExpireCentisecs = 100, WritebackCentisecs = 0 },
            Read("vm.dirty_ratio: 40\n  vm.dirty_background_bytes: 16M\n  vm.dirty_expire_centisecs: 100\n  vm.dirty_writeback_centisecs: 0"));
        Assert.Equal(new DirtySpec { Bytes = 1 << 30, BackgroundRatio = 5 }, Read("vm.dirty_bytes: 1G\n  vm.dirty_background_ratio: 5"));

        static DirtySpec Read(string keys) => Scenarios.Read(Scenarios.Small.Replace("cpus: 2", keys)).Spec.Hosts[0].Dirty;
    }

    [Fact]
    public void Nested_cgroups_come_flat_with_their_paths_without_those_that_only_group_others()
    {
        var cgroups = Scenarios.Read(Scenarios.Small.Replace("    bench:\n      memory.max: 64M", "    db:\n      cgroups:\n        a: { memory.max: 1M }\n    bench:\n      process_memory: { anon: 4k, kernel: 8k }\n      memory.max: 64M")).Spec.Hosts[0].Cgroups;

        Assert.Equal(["/db/a", "/bench"], cgroups.Select(cgroup => cgroup.Path));
        Assert.Equal((4096L, 8192L), (cgroups[1].ProcessAnonBytes, cgroups[1].ProcessKernelBytes));
    }

    [Fact]
    public void Hosts_with_a_count_become_so_many_hosts()
    {
        var text = Scenarios.Small.Replace("\nhost:", "\nhosts:\n  - name: web\n    count: 3").Replace("\n  ", "\n    ").Replace("    - name: web\n      count", "  - name: web\n    count");
        var hosts = Scenarios.Read(text.Replace("    - name", "  - name")).Spec.Hosts;

        Assert.Equal(["web-1", "web-2", "web-3"], hosts.Select(host => host.Name));
    }

    [Fact]
    public void A_mix_keeps_its_rotation_and_each_part_its_name()
    {
        var text = Scenarios.Small + """

                - mix:
                    - { accesses: 3, name: hot, pattern: { pattern: uniform, n: 100, acc: 900 } }
                    - { accesses: 1, name: cold, pattern: { pattern: scan, n: 1000, acc: 300, kind: write } }
            """.Replace("\n    ", "\n        ");
        var mix = Assert.IsType<MixSpec>(Scenarios.Read(text).Spec.Hosts[0].Cgroups[0].Workloads[1]);

        Assert.Equal([("hot", 3), ("cold", 1)], mix.Parts.Select(part => (part.Workload.Name, part.Accesses)));
        Assert.Equal(AccessKind.Write, Assert.IsType<PatternSpec>(mix.Parts[1].Workload).Kind);
    }

    [Fact]
    public void Workloads_without_names_are_told_apart_by_number()
    {
        var line = "- pattern: { pattern: uniform, n: 100, acc: 900 }";
        var workloads = Scenarios.Read($"{Scenarios.Small}\n            {line}\n            {line}".Replace("\n            -", "\n        -")).Spec.Hosts[0].Cgroups[0].Workloads;

        Assert.Equal(["pattern", "pattern-2", "pattern-3"], workloads.Select(workload => workload.Name));
        Assert.NotEqual(((PatternSpec)workloads[1]).Seed, ((PatternSpec)workloads[2]).Seed);
    }

    [Fact]
    public void An_anchor_stands_for_a_copy_of_what_it_names()
    {
        var text = Scenarios.Small.Replace("bench:", "bench: &b").Replace("cgroups:", "cgroups:\n    first: { memory.max: 1M }") + "\n    other: *b";
        var cgroups = Scenarios.Read(text, "host.cgroups.other.memory.max=32M").Spec.Hosts[0].Cgroups;

        Assert.Equal([1L << 20, 64L << 20, 32L << 20], cgroups.Select(cgroup => cgroup.MemoryMax!.Value));
    }

    [Fact]
    public void A_merge_key_takes_the_keys_that_a_mapping_has_not_itself_first_those_of_the_earlier()
    {
        var text = "a: &a { memory: 1G }\nb: &b { memory: 2G, x: 3 }\nc: { memory: 5G, <<: *a }\nd: { <<: [ *a, *b ] }\ne:\n  <<: *b\n  x: 4";
        var root = ScenarioYaml.ParseFile("s.yaml", text);

        string Of(string path) => root.Find(path)?.Value is ScenarioMap map ? string.Join(' ', map.Entries.Select(entry => $"{entry.Key}={((ScenarioScalar)entry.Value).Text}@{entry.Origin.Line}")) : "";
        Assert.Equal("memory=5G@3", Of("c"));
        Assert.Equal("memory=1G@1 x=3@2", Of("d"));
        Assert.Equal("x=4@7 memory=2G@2", Of("e"));
        Assert.Equal("s.yaml:1: <<: takes mappings, not a single value", Assert.Throws<InputException>(() => ScenarioYaml.ParseFile("s.yaml", "a: { <<: 1 }")).Message);
    }

    [Fact]
    public void Sides_of_a_comparison_are_variants_policies_or_both_with_a_width()
    {
        var scenario = Scenarios.Read(Scenarios.Small + "\ncompare: [v6.7-rc4, 'v6.8:w1', classic, classic@v6.1.192]");

        Assert.Equal(
            [("mglru", "v6.7-rc4", 2), ("mglru", "v6.8", 1), ("classic", "v6.8", 2), ("classic", "v6.1.192", 2)],
            scenario.Compare.Select(side => scenario.Under(side).Spec.Kernel).Select(kernel => (kernel.Policy, kernel.Variant, kernel.LruRefsWidth)));
    }

    [Fact]
    public void Anonymous_memory_needs_no_device_and_may_be_filled_first()
    {
        var text = Scenarios.Small.Replace("file: f0", "kind: anon-read, wr: 256, prefill: yes").Replace("      devices:\n        ram0: { type: brd }\n", "");
        var pattern = Assert.IsType<PatternSpec>(Scenarios.Read(text).Spec.Hosts[0].Cgroups[0].Workloads[0]);

        Assert.Equal(
            new PatternSpec { Name = "pattern", Device = "", Kind = AccessKind.AnonRead, Pattern = "zipf", N = 49152, Acc = 300000, Seed = 1, Theta = 0.5, Nf = 12, Wr = 256, Prefill = true },
            pattern);
    }

    [Theory]
    [InlineData("kind: mmap-read", AccessKind.MmapRead, AccessAdvice.Unspecified)]
    [InlineData("kind: mmap-write, advice: normal", AccessKind.MmapWrite, AccessAdvice.Normal)]
    [InlineData("kind: mmap-read, advice: random", AccessKind.MmapRead, AccessAdvice.Random)]
    [InlineData("kind: mmap-read, advice: sequential", AccessKind.MmapRead, AccessAdvice.Sequential)]
    [InlineData("kind: mmap-read, advice: noreuse", AccessKind.MmapRead, AccessAdvice.NoReuse)]
    public void A_mapped_file_without_advice_is_read_page_by_page_with_a_warning(string written, AccessKind kind, AccessAdvice advice)
    {
        var scenario = Scenarios.Read(Scenarios.Small.Replace("file: f0", written));

        var pattern = Assert.IsType<PatternSpec>(scenario.Spec.Hosts[0].Cgroups[0].Workloads[0]);
        Assert.Equal((kind, advice, "ram0"), (pattern.Kind, pattern.Advice, pattern.Device));
        Assert.Equal(advice == AccessAdvice.Unspecified ? 1 : 0, scenario.Warnings.Length);
        Assert.All(scenario.Warnings, warning => Assert.Equal(
            "s.yaml:14: warning: host.cgroups.bench.workloads[0].pattern.kind: without advice a mapped file is read page by page, as with read_ahead_kb 0: 'advice: normal' reads around",
            warning.ToString()));
    }

    [Fact]
    public void Random_advice_through_a_descriptor_is_what_it_gets_anyway()
    {
        var scenario = Scenarios.Read(Scenarios.Small.Replace("file: f0", "advice: random"));

        Assert.Equal(AccessAdvice.Random, scenario.Spec.Hosts[0].Cgroups[0].Workloads[0].Advice);
        Assert.Empty(scenario.Warnings);
    }

    [Theory]
    [InlineData("zram")]
    [InlineData("brd")]
    [InlineData("ram0")]
    public void A_swap_area_is_in_memory_or_on_a_device_of_the_host(string type)
    {
        var text = Scenarios.Small.Replace("cpus: 2", $"swap: [ {{ type: {type}, size: 8G }} ]").Replace("memory.max: 64M", "memory.max: 64M\n      memory.swap.max: 32M");
        var scenario = Scenarios.Read(text.Replace("policy: mglru", "swappiness: 100"));

        var host = scenario.Spec.Hosts[0];
        Assert.Equal(new SwapSpec(type, 8L << 30), Assert.Single(host.Swap));
        Assert.Equal((32L << 20, 100), (host.Cgroups[0].SwapMax, scenario.Spec.Kernel.Swappiness));
        Assert.Empty(scenario.Warnings);
    }

    [Fact]
    public void Swap_areas_have_priorities_and_zram_compresses_and_zswap_stands_in_front()
    {
        const string swap = """
            swap:
                - { type: zram, size: 1G, priority: 100, compressor: zstd, ratio: 3 }
                - { type: ram0, size: 8G }
              zswap: { enabled: yes, compressor: lzo-rle, max_pool_percent: 30, accept_threshold_percent: 80 }
            """;
        var text = Scenarios.Small.Replace("cpus: 2", swap).Replace("memory.max: 64M", "memory.max: 64M\n      memory.zswap.max: 8M\n      memory.zswap.writeback: no");
        var scenario = Scenarios.Read(text.Replace("policy: mglru", "page_cluster: 0"));

        var host = scenario.Spec.Hosts[0];
        Assert.Equal([new SwapSpec("zram", 1L << 30) { Priority = 100, Compressor = "zstd", Ratio = 3 }, new SwapSpec("ram0", 8L << 30)], host.Swap);
        Assert.Equal(new ZswapSpec { Compressor = "lzo-rle", MaxPoolPercent = 30, AcceptThresholdPercent = 80 }, host.Zswap);
        Assert.Equal((8L << 20, false, 0), (host.Cgroups[0].ZswapMax, host.Cgroups[0].ZswapWriteback, scenario.Spec.Kernel.PageCluster));
        Assert.Empty(scenario.Warnings);
        Assert.Null(Scenarios.Read(text.Replace("enabled: yes", "enabled: no")).Spec.Hosts[0].Zswap);
    }

    [Fact]
    public void Without_swap_what_only_swap_heeds_is_warned_of()
    {
        var text = Scenarios.Small.Replace("policy: mglru", "swappiness: 100").Replace("memory.max: 64M", "memory.max: 64M\n      memory.swap.max: 32M");

        Assert.Equal(
            [
                "s.yaml:13: warning: host.cgroups.bench.memory.swap.max: has no effect: the host has no swap",
                "s.yaml:4: warning: kernel.swappiness: has no effect: the host has no swap",
            ],
            Scenarios.Read(text).Warnings.Select(warning => warning.ToString()));
    }

    [Theory]
    [InlineData("cpus: 2", 2048)]
    [InlineData("tlb_entries: 0", 0)]
    [InlineData("tlb_entries: 65536", 65536)]
    public void A_CPU_caches_so_many_translations(string written, int entries) =>
        Assert.Equal(entries, Scenarios.Read(Scenarios.Small.Replace("cpus: 2", written)).Spec.Hosts[0].TlbEntries);

    [Fact]
    public void Problems_of_the_model_are_found_again_where_their_key_was_written()
    {
        var scenario = Scenarios.Read(Scenarios.Small);

        Assert.Equal("s.yaml:12", scenario.Locate("host.cgroups.bench.memory.max").Origin.ToString());
        Assert.Equal((new Origin("s.yaml", 12), "host.cgroups.bench.memory.max"), scenario.Locate("hosts[0].cgroups./bench.memory.max"));
        Assert.Equal("s.yaml:14", scenario.Locate("host.cgroups.bench.workloads[0].pattern.nf").Origin.ToString());
        Assert.Equal("s.yaml:4", scenario.Locate("kernel.rules.protect.saturated").Origin.ToString());
    }
}
