using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Whatever is wrong in a scenario is said in one line: file, line, key, what.</summary>
public sealed class BadScenarioTests
{
    [Theory]
    [InlineData("cpus: 2", "cpu: 2", "s.yaml:6: host.cpu: unknown key; did you mean 'cpus'?")]
    [InlineData("policy: mglru", "polciy: mglru", "s.yaml:4: kernel.polciy: unknown key; did you mean 'policy'?")]
    [InlineData("variant: v6.8", "variant: v6.9", "s.yaml:4: kernel.variant: no variant 'v6.9'; did you mean 'v6.8'?")]
    [InlineData("variant: v6.8", "rules: { protect.saturatd: no }", "s.yaml:4: kernel.rules.protect.saturatd: no rule 'protect.saturatd'; did you mean 'protect.saturated'?")]
    [InlineData("variant: v6.8", "rules: { protect.saturated: nope }", "s.yaml:4: kernel.rules.protect.saturated: no value 'nope'; did you mean 'no'?")]
    [InlineData("variant: v6.8", "swappiness: 300", "s.yaml:4: kernel.swappiness: 300 is too large (at most 200)")]
    [InlineData("schema: reclaim/1", "schema: reclaim/2", "s.yaml:1: schema: 'reclaim/2' is not read by this version, 'reclaim/1' is")]
    [InlineData("seed: 7", "seed: -7", "s.yaml:3: seed: '-7' is not a seed (a whole number from 0 to 2^64 - 1)")]
    [InlineData("seed: 7", "duration: 5", "s.yaml:3: duration: '5' has no unit: write 5s, 5ms, 5us or 5ns")]
    [InlineData("memory: 1G", "memory: 1Q", "s.yaml:7: host.nodes[0].memory: '1Q' is not a size (4G, 512M, 4k, or plain bytes)")]
    [InlineData("memory: 1G", "memory: 32M, used: 12M, unmovable_free: 20M", "s.yaml:7: host.nodes[0].unmovable_free: 20M is all of the node's free memory, or more: some of it must be in blocks of movable pages")]
    [InlineData("memory: 1G", "memory: 32M, used: 32M", "s.yaml:7: host.nodes[0].used: 32M leaves nothing of the node's memory")]
    [InlineData("memory.max: 64M", "memory.max: -1", "s.yaml:12: host.cgroups.bench.memory.max: -1 is negative")]
    [InlineData("memory.max: 64M", "memory.max: 252k", "s.yaml:12: host.cgroups.bench.memory.max: 252k is smaller than one round of reclaim, 64 pages (256k)")]
    [InlineData("memory.max: 64M", "memory.max: 64M\n      memory.low: lots", "s.yaml:13: host.cgroups.bench.memory.low: 'lots' is not a size (4G, 512M, 4k, or plain bytes)")]
    [InlineData("memory.max: 64M", "memory.max: 64M\n      cpuset.mems: 1", "s.yaml:13: host.cgroups.bench.cpuset.mems: no node 1: the host has node 0 only")]
    [InlineData("memory.max: 64M", "memory.max: 64M\n      cpuset.mems: \"0-1\"", "s.yaml:13: host.cgroups.bench.cpuset.mems: no node 1: the host has node 0 only")]
    [InlineData("memory.max: 64M", "memory.max: 64M\n      cpuset.mems: all", "s.yaml:13: host.cgroups.bench.cpuset.mems: 'all' is no list of nodes: for example \"0\", \"0,2\" or \"0-1\"")]
    [InlineData("cpus: 2", "distance: [[10, 20], [20, 10]]", "s.yaml:6: host.distance: must be 1 lists of 1 numbers, as numactl -H prints it: [[10, 21], [21, 10]] for two nodes")]
    [InlineData("{ memory: 1G }", "{ memory: 1G }, { memory: 1G, cpus: 8 }", "s.yaml:7: host.nodes[1].cpus: no word for a node's CPUs '8'; known: none")]
    [InlineData("{ memory: 1G }", "{ memory: 1G, cpus: none }", "s.yaml:7: host.nodes: no node has CPUs: at least one comes without 'cpus: none'")]
    [InlineData("{ memory: 1G } ]", "{ memory: 1G }, { memory: 1G } ]\n  distance: [[10, 9], [9, 10]]", "s.yaml:8: host.distance: from node 0 to node 1 it is 11 to 255")]
    [InlineData("cpus: 2", "files: { image: { } }", "s.yaml:6: host.files.image.size: missing: the file's size, for example 512M")]
    [InlineData("cpus: 2", "files: { image: { sise: 64M } }", "s.yaml:6: host.files.image.sise: unknown key; did you mean 'size'?")]
    [InlineData("cpus: 2", "swap: 8G", "s.yaml:6: host.swap: '8G' is neither 'none' nor a list of areas, for example [ { type: zram, size: 8G } ]")]
    [InlineData("cpus: 2", "swap: [ { type: zram, size: 8G, priority: -1 } ]", "s.yaml:6: host.swap[0].priority: -1 is negative")]
    [InlineData("cpus: 2", "swap: [ { type: zram, size: 8G, compressor: zst } ]", "s.yaml:6: host.swap[0].compressor: no compressor 'zst'; did you mean 'zstd'?")]
    [InlineData("cpus: 2", "swap: [ { type: zram, size: 8G }, { type: brd, size: 1G, ratio: 2 } ]", "s.yaml:6: host.swap[1].ratio: goes with zram only: what is written to brd is not compressed")]
    [InlineData("cpus: 2", "zswap: { max_pool_percent: 101 }", "s.yaml:6: host.zswap.max_pool_percent: 101 is too large (at most 100)")]
    [InlineData("cpus: 2", "zswap: { compresor: zstd }", "s.yaml:6: host.zswap.compresor: unknown key; did you mean 'compressor'?")]
    [InlineData("variant: v6.8", "page_cluster: 6", "s.yaml:4: kernel.page_cluster: 6 is too large (at most 5)")]
    [InlineData("cpus: 2", "swap: [ { type: zrom, size: 8G } ]", "s.yaml:6: host.swap[0].type: no swap type or device 'zrom'; did you mean 'zram'?")]
    [InlineData("cpus: 2", "swap: [ { size: 8G } ]", "s.yaml:6: host.swap[0].type: missing: what is swapped to: zram, brd, ram0")]
    [InlineData("cpus: 2", "swap: [ { type: ram0 } ]", "s.yaml:6: host.swap[0].size: missing: the area's size, for example 8G")]
    [InlineData("cpus: 2", "swap: [ { type: ram0, size: 1k } ]", "s.yaml:6: host.swap[0].size: 1k is too small (at least 4096)")]
    [InlineData("cpus: 2", "tlb_entries: 1000", "s.yaml:6: host.tlb_entries: 1000 is not a power of two (or 0)")]
    [InlineData("cpus: 2", "tlb_entries: 131072", "s.yaml:6: host.tlb_entries: 131072 is too large (at most 65536)")]
    [InlineData("cpus: 2", "vm.dirty_ratio: 101", "s.yaml:6: host.vm.dirty_ratio: 101 is too large (at most 100)")]
    [InlineData("cpus: 2", "vm.dirty_background_ratio: -1", "s.yaml:6: host.vm.dirty_background_ratio: -1 is negative")]
    [InlineData("cpus: 2", "vm.dirty_bytes: 4k", "s.yaml:6: host.vm.dirty_bytes: 4k is too small (at least 8192)")]
    [InlineData("cpus: 2", "vm.dirty_bytes: 1M\n  vm.dirty_ratio: 20", "s.yaml:6: host.vm.dirty_bytes: stands beside 'vm.dirty_ratio'; the kernel goes by one or the other")]
    [InlineData("cpus: 2", "vm.dirty_expire_centisecs: 30s", "s.yaml:6: host.vm.dirty_expire_centisecs: '30s' is not a whole number")]
    [InlineData("cpus: 2", "vm.dirty_writeback_centisec: 1", "s.yaml:6: host.vm.dirty_writeback_centisec: unknown key; did you mean 'vm.dirty_writeback_centisecs'?")]
    [InlineData("memory.max: 64M", "memory.max: 64M\n      memory.swap.max: -1", "s.yaml:13: host.cgroups.bench.memory.swap.max: -1 is negative")]
    [InlineData("memory.max: 64M", "memory.max: 64M\n      events: [ { memory.max: 1M } ]", "s.yaml:13: host.cgroups.bench.events[0].at: missing: the virtual time of the event, for example 30s")]
    [InlineData("memory.max: 64M", "memory.max: 64M\n      events: [ { at: 1s, read: memory.peak } ]", "s.yaml:13: host.cgroups.bench.events[0].read: no file to read 'memory.peak'; did you mean 'memory.max'?")]
    [InlineData("memory.max: 64M", "memory.max: 64M\n      events: [ { at: 1s, vm.swappiness: 60, memory.max: 4M } ]", "s.yaml:13: host.cgroups.bench.events[0].at: an event is one of memory.max, memory.high, memory.low, memory.min, memory.reclaim, memory.swap.max, vm.swappiness, lru_gen.enabled, lru_gen, vm.drop_caches, posix_fadvise, read, start or stop")]
    [InlineData("memory.max: 64M", "memory.max: 64M\n      events: [ { at: 1s, stop: pattren } ]", "s.yaml:13: host.cgroups.bench.events[0].stop: no workload of this cgroup 'pattren'; did you mean 'pattern'?")]
    [InlineData("memory.max: 64M", "memory.max: 64M\n      events: [ { at: 2s, start: pattern }, { at: 1s, stop: pattern } ]", "s.yaml:13: host.cgroups.bench.events[1].stop: 'pattern' would stop before it starts")]
    [InlineData("file: f0", "device: ram1", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.device: no device 'ram1' on this host; did you mean 'ram0'?")]
    [InlineData("acc: 300000", "acc: 0", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.acc: 0 is too small (at least 1)")]
    [InlineData("nf: 12", "nf: 13", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.nf: 13 parts do not divide 49152 pages")]
    [InlineData("pattern: zipf", "kind: mmap-red, pattern: zipf", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.kind: no kind of access 'mmap-red'; did you mean 'mmap-read'?")]
    [InlineData("pattern: zipf", "advice: noreuse, pattern: zipf", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.advice: 'noreuse' says something of mappings only: through a descriptor advice is normal, random or sequential")]
    [InlineData("pattern: zipf", "kind: mmap-read, advice: rendom, pattern: zipf", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.advice: no advice 'rendom'; did you mean 'random'?")]
    [InlineData("pattern: zipf", "kind: anon-read, advice: random, pattern: zipf", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.advice: not in this version: advice on anonymous memory")]
    [InlineData("pattern: zipf", "kind: anon-read, pattern: zipf", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.file: anonymous memory has no file: each workload has memory of its own")]
    [InlineData("file: f0", "kind: anon-read, device: ram0", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.device: anonymous memory has no device: what it is swapped to is said by the host's 'swap'")]
    [InlineData("file: f0", "wr: 256", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.wr: a share of stores goes with kind anon-read only")]
    [InlineData("file: f0", "kind: anon-write, wr: 256", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.wr: every access of kind anon-write is a store already: 'wr' goes with kind anon-read")]
    [InlineData("file: f0", "kind: anon-read, wr: 1025", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.wr: 1025 is too large (at most 1024)")]
    [InlineData("file: f0", "kind: mmap-read, prefill: yes", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.prefill: goes with kinds anon-read and anon-write only: a file has its pages before the run")]
    [InlineData("cpus: 2", "fault_around_bytes: 20k", "s.yaml:6: host.fault_around_bytes: 20k is not a power of two from 4096 to 2097152")]
    [InlineData("cpus: 2", "fault_around_bytes: 2k", "s.yaml:6: host.fault_around_bytes: 2k is too small (at least 4096)")]
    [InlineData("file: f0", "kind: mmap-write, exec: yes", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.exec: goes with kind mmap-read only: what is executed is mapped and not written")]
    [InlineData("pattern: zipf", "pattern: gc, w: 10, p: 10", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.pattern: gc gives memory back: it goes with kinds anon-read and anon-write only")]
    [InlineData("pattern: zipf", "kind: anon-read, pattern: grow, p: 1000, free: 25", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.free: p and free are 1025 together, more than 1024")]
    [InlineData("pattern: zipf", "kind: anon-read, pattern: gc, w: 50000, p: 0", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.w: 50000 pages between collections are more than the heap has, 49152")]
    [InlineData("pattern: zipf", "pattern: app-launch, w: 4097, stay: 1", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.w: the start-up set, 4097 pages, is larger than an app, 4096 pages")]
    [InlineData("pattern: zipf", "pattern: app-launch, w: 1", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.stay: missing: the pattern app-launch needs it")]
    [InlineData("- pattern:", "- start: 10\n          pattern:", "s.yaml:14: host.cgroups.bench.workloads[0].start: '10' has no unit: write 10s, 10ms, 10us or 10ns")]
    [InlineData("- pattern:", "- { start: 5s, stop: 2s }\n        - pattern:", "s.yaml:14: host.cgroups.bench.workloads[0].stop: 2s is not after the start at 5s")]
    [InlineData("file: f0", "kind: anon-read, heap: h", "s.yaml:14: host.cgroups.bench.workloads[0].process: missing: heap 'h' is shared by threads of one process, which must have a name")]
    [InlineData("file: f0", "heap: h", "s.yaml:14: host.cgroups.bench.workloads[0].pattern.heap: goes with kinds anon-read and anon-write only: workloads that name the same 'file' share that")]
    [InlineData("- pattern:", "- mix: [ { accesses: 1, process: p, pattern: { pattern: scan, n: 10, acc: 10 } } ]\n        - pattern:", "s.yaml:14: host.cgroups.bench.workloads[0].mix[0].process: stands with the mix, not with a part of it")]
    [InlineData("type: brd", "type: floppy", "s.yaml:9: host.devices.ram0.type: no device type 'floppy'; known: brd, nvme, ssd, hdd, custom")]
    [InlineData("type: brd", "type: custom, latency: 5us, bandwidth: 1G", "s.yaml:9: host.devices.ram0.queue_depth: missing: a custom device says its latency, bandwidth and queue_depth")]
    [InlineData("- pattern:", "- patern:", "s.yaml:14: host.cgroups.bench.workloads[0].patern: unknown key; did you mean 'pattern'?")]
    [InlineData("  cpus: 2", "  cpus: 2\n  cpus: 3", "s.yaml:7: cpus: given twice (first in line 6)")]
    [InlineData("name: small", "name: small\nhosts: []", "s.yaml:3: hosts: stands beside 'host'; a scenario has one or the other")]
    [InlineData("name: small", "compare: [v6.8, v9.9]", "s.yaml:2: compare[1]: no variant or policy 'v9.9'; did you mean 'v6.8'?")]
    public void A_wrong_key_or_value_is_named_with_its_line(string right, string wrong, string said)
    {
        Assert.Contains(right, Scenarios.Small, StringComparison.Ordinal);

        Assert.Contains(said, Scenarios.Problems(Scenarios.Small.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void All_problems_are_said_at_once()
    {
        var said = Scenarios.Problems(Scenarios.Small.Replace("cpus: 2", "cpu: 2").Replace("acc: 300000", "acc: 0").Replace("v6.8", "v6"));

        Assert.Equal(3, said.Length);
    }

    [Theory]
    [InlineData("", "s.yaml:1: a scenario is a mapping")]
    [InlineData("- 1", "s.yaml:1: a scenario is a mapping")]
    [InlineData("schema: [", "s.yaml:1: not valid YAML:")]
    [InlineData("schema: reclaim/1\n\tname: x", "s.yaml:2: not valid YAML:")]
    [InlineData("a: *b", "s.yaml:1: *b: no anchor of this name stands before it")]
    [InlineData("a: 1\n---\nb: 1", "s.yaml:2: a second YAML document")]
    [InlineData("? [1]\n: 2", "s.yaml:1: a key must be a single value")]
    public void What_is_not_a_scenario_at_all_is_said_with_its_line(string text, string begins)
    {
        var said = Assert.Single(Scenarios.Problems(text));

        Assert.StartsWith(begins, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_and_exploding_aliases_are_refused_instead_of_exhausting_the_machine()
    {
        Assert.Contains("nested deeper", Scenarios.Problems("a: " + new string('[', 5000))[0], StringComparison.Ordinal);
        var bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + string.Concat(Enumerable.Range(1, 9).Select(i =>
            $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Assert.Contains("more than", Scenarios.Problems(bomb)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_a_folder_and_a_forbidden_file_are_each_one_clear_line()
    {
        var settings = new Reclaim.Client.ScenarioFormat.ScenarioSettings(Names.Known);
        var folder = Path.GetTempPath();

        Assert.Equal("/nowhere/s.yaml: no such file", Assert.Throws<InputException>(() => Reclaim.Client.ScenarioFormat.ScenarioFile.Load("/nowhere/s.yaml", settings)).Message);
        Assert.Equal($"{folder}: is a directory, not a file", Assert.Throws<InputException>(() => Reclaim.Client.ScenarioFormat.ScenarioFile.Load(folder, settings)).Message);
    }

    [Theory]
    [InlineData("memory.zswap.max: 1M", "s.yaml:7: host.cgroups.pods.memory.zswap.max: not in this version: shared by the cgroups below it")]
    [InlineData("events: [ { at: 1s, start: web } ]", "s.yaml:7: host.cgroups.pods.events[0].start: no workload of this cgroup 'web'")]
    [InlineData("memory.maks: 1M", "s.yaml:7: host.cgroups.pods.memory.maks: unknown key; did you mean 'memory.max'?")]
    public void What_a_cgroup_with_others_below_it_cannot_have_is_named(string wrong, string said) => Assert.Contains(said, Scenarios.Problems($$"""
        schema: reclaim/1
        name: pods
        host:
          devices: { disk: { type: nvme } }
          cgroups:
            pods:
              {{wrong}}
              cgroups:
                a: { memory.max: 8M, workloads: [ { pattern: { pattern: scan, n: 4096, acc: 10 } } ] }
        """));

    [Fact]
    public void An_event_without_a_value_is_named() => Assert.Contains(
        "s.yaml:13: host.cgroups.bench.events[0].memory.max: has no value",
        Scenarios.Problems(Scenarios.Small.Replace("memory.max: 64M", "memory.max: 64M\n      events: [ { at: 1s, memory.max: } ]", StringComparison.Ordinal)));
}
