using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Spec;
using Xunit;

namespace Reclaim.Client.Tests.Compose;

/// <summary>A compose.yaml is a scenario once its services say what they do.</summary>
public sealed class ComposeTests
{
    private const string Text = """
        name: shop
        x-reclaim:
          seed: 3
          kernel: { variant: v6.7-rc4 }
          host:
            nodes: [ { memory: 1G } ]
            devices: { ram0: { type: brd } }
            swap: [ { type: zram, size: 64M } ]
        services:
          web:
            image: nginx
            mem_limit: 64m
            x-workload:
              - pattern: { pattern: uniform, n: 1000, acc: 5000 }
          idle:
            image: nginx
        """;

    private static Scenario Read(string text, params string[] set) =>
        ScenarioFile.Parse("compose.yaml", text, new ScenarioSettings(Names.Known) { Set = set });

    private static CgroupSpec[] Cgroups(string text, params string[] set) => [.. Read(text, set).Spec.Hosts[0].Cgroups];

    private static string[] Problems(string text, params string[] set) => Assert.Throws<InputException>(() => Read(text, set)).Message.Split('\n');

    private static string[] Warnings(string text) => [.. Read(text).Warnings.Select(warning => warning.ToString())];

    [Fact]
    public void A_service_that_does_something_is_a_cgroup_on_the_machine_of_x_reclaim()
    {
        var scenario = Read(Text);

        Assert.Equal(("shop", 3UL, "v6.7-rc4", 1L << 30), (scenario.Spec.Scenario, scenario.Spec.Seed, scenario.Spec.Kernel.Variant, scenario.Spec.Hosts[0].Nodes[0].MemoryBytes));
        var web = Assert.Single(scenario.Spec.Hosts[0].Cgroups);
        Assert.Equal(("/web", 64L << 20, "uniform"), (web.Path, web.MemoryMax, ((PatternSpec)Assert.Single(web.Workloads)).Pattern));
        Assert.Equal(["compose.yaml:16: warning: services.idle.x-workload: missing: what the service does to its memory; it is left out"], Warnings(Text));
    }

    [Theory]
    [InlineData("mem_limit: 64m", "mem_limit: 1.5gb", 1536L << 20)]
    [InlineData("mem_limit: 64m", "mem_limit: '64 MiB'", 64L << 20)]
    [InlineData("mem_limit: 64m", "mem_limit: 1000000b", 1000000)]
    [InlineData("mem_limit: 64m", "mem_limit: 1048576", 1 << 20)]
    [InlineData("mem_limit: 64m", "mem_limit: ${LIMIT:-32m}", 32L << 20)]
    [InlineData("mem_limit: 64m", "deploy: { resources: { limits: { memory: 32M } } }", 32L << 20)]
    [InlineData("mem_limit: 64m", "mem_limit: 32m\n    deploy: { resources: { limits: { memory: 32M, pids: 100 } } }", 32L << 20)]
    public void Its_limit_is_memory_max(string was, string written, long bytes) =>
        Assert.Equal(bytes, Cgroups(Text.Replace(was, written, StringComparison.Ordinal).Replace("memory: 1G", "memory: 8G", StringComparison.Ordinal))[0].MemoryMax);

    [Theory]
    [InlineData("mem_reservation: 16m")]
    [InlineData("deploy: { resources: { reservations: { memory: 16M, cpus: '0.5' } } }")]
    public void Its_reservation_is_memory_low(string written) =>
        Assert.Equal(16L << 20, Cgroups(Text.Replace("image: nginx\n    mem", $"{written}\n    mem", StringComparison.Ordinal))[0].MemoryLow);

    [Theory]
    [InlineData("image: nginx", 64L << 20)] // as much again as the memory
    [InlineData("memswap_limit: 0", 64L << 20)]
    [InlineData("memswap_limit: 80m", 16L << 20)]
    [InlineData("memswap_limit: 64m", 0L)]
    [InlineData("memswap_limit: -1", null)]
    public void Memory_and_swap_together_less_the_memory_is_memory_swap_max(string written, long? bytes) =>
        Assert.Equal(bytes, Cgroups(Text.Replace("image: nginx\n    mem", $"{written}\n    mem", StringComparison.Ordinal))[0].SwapMax);

    [Theory]
    [InlineData("image: nginx")]
    [InlineData("mem_limit: 0")]
    [InlineData("mem_limit: 0\n    mem_reservation: 16m", 16L << 20)]
    [InlineData("deploy: { resources: { reservations: { memory: 16M } } }", 16L << 20)]
    [InlineData("memswap_limit: -1")]
    public void Without_a_limit_a_service_has_no_memory_max_and_all_the_swap_there_is(string written, long low = 0)
    {
        var web = Cgroups(Text.Replace("image: nginx\n    mem_limit: 64m", written, StringComparison.Ordinal))[0];

        Assert.Equal((null, null, low), (web.MemoryMax, web.SwapMax, web.MemoryLow));
    }

    [Fact]
    public void Without_swap_nothing_is_said_of_it_unless_the_file_does()
    {
        var text = Text.Replace("    swap: [ { type: zram, size: 64M } ]\n", "", StringComparison.Ordinal);

        Assert.Null(Cgroups(text)[0].SwapMax);
        Assert.Single(Warnings(text));
        Assert.Contains("compose.yaml:11: warning: services.web.memswap_limit: has no effect: the host has no swap", Warnings(text.Replace("mem_limit: 64m", "mem_limit: 64m\n    memswap_limit: 80m", StringComparison.Ordinal).Replace("    image: nginx\n    mem", "    mem", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("scale: 3", "/web-1 /web-2 /web-3")]
    [InlineData("deploy: { replicas: 2 }", "/web-1 /web-2")]
    [InlineData("deploy: { mode: global, replicas: 2 }", "/web")]
    [InlineData("scale: 1", "/web")]
    public void Replicas_are_cgroups_of_their_own(string written, string paths) =>
        Assert.Equal(paths, string.Join(' ', Cgroups(Text.Replace("image: nginx\n    mem", $"{written}\n    mem", StringComparison.Ordinal)).Select(cgroup => cgroup.Path)));

    [Fact]
    public void Anchors_merge_keys_and_extends_share_what_services_have_in_common()
    {
        var text = Text.Replace("services:", "x-common: &common { mem_limit: 16m, mem_reservation: 8m }\nservices:", StringComparison.Ordinal).Replace("  idle:\n    image: nginx",
            "  api: { extends: web, mem_limit: 32m }\n  job:\n    <<: *common\n    extends: { service: api }\n    mem_reservation: 4m", StringComparison.Ordinal);
        var cgroups = Cgroups(text);

        Assert.Equal([("/web", 64, 0), ("/api", 32, 0), ("/job", 16, 4)], cgroups.Select(cgroup => (cgroup.Path, cgroup.MemoryMax >> 20, cgroup.MemoryLow >> 20)).Select(c => (c.Path, (int)c.Item2!, (int)c.Item3)));
        Assert.All(cgroups, cgroup => Assert.Equal(5000, ((PatternSpec)Assert.Single(cgroup.Workloads)).Acc));
    }

    [Theory]
    [InlineData("services.web.mem_limit=8m")]
    [InlineData("services.web.deploy.resources.limits.memory=8m", "services.web.mem_limit=~")]
    [InlineData("host.cgroups.web.memory.max=8M")]
    public void Options_change_the_file_or_the_scenario_that_it_is(params string[] set) => Assert.Equal(8L << 20, Cgroups(Text, set)[0].MemoryMax);

    [Fact]
    public void Keys_that_have_no_bearing_on_memory_are_passed_over_in_silence()
    {
        var text = Text.Replace("image: nginx\n    mem", "ports: [ '80:80' ]\n    environment: { A: b }\n    x-anything: 1\n    depends_on: [ idle ]\n    mem", StringComparison.Ordinal) + "\nvolumes: { v: {} }\nnetworks: {}\nx-else: 1";

        Assert.Single(Warnings(text));
    }

    [Theory]
    [InlineData("mem_swappiness: 10", "services.web.mem_swappiness: has no effect: cgroup v2 has no swappiness")]
    [InlineData("cpu_shares: 2", "services.web.cpu_shares: has no effect: not in this version: CPU limits")]
    [InlineData("deploy: { resources: { limits: { memmory: 2m } } }", "services.web.deploy.resources.limits.memmory: unknown key, ignored; did you mean 'memory'?")]
    [InlineData("mem_limits: 2", "services.web.mem_limits: unknown key, ignored; did you mean 'mem_limit'?")]
    [InlineData("profiles: [ debug ]", "services.web.profiles: has no effect: the service runs under every profile")]
    public void Keys_that_would_matter_and_unknown_ones_are_warned_of(string written, string said) =>
        Assert.Contains(Warnings(Text.Replace("image: nginx\n    mem", $"{written}\n    mem", StringComparison.Ordinal)), warning => warning.StartsWith($"compose.yaml:11: warning: {said}", StringComparison.Ordinal));

    [Theory]
    [InlineData("cpus: 1.5", 150_000_000, 100_000_000)]
    [InlineData("deploy: { resources: { limits: { cpus: '0.25' } } }", 25_000_000, 100_000_000)]
    [InlineData("cpus: ${CPUS:-2}", 200_000_000, 100_000_000)]
    [InlineData("cpus: 0.01", 1_000_000, 100_000_000)]
    [InlineData("cpu_quota: 50000", 50_000_000, 100_000_000)]
    [InlineData("cpu_quota: 5000\n    cpu_period: 20000", 5_000_000, 20_000_000)]
    public void Its_CPUs_are_cpu_max(string written, long quotaNs, long periodNs) =>
        Assert.Equal(new CpuMaxSpec(quotaNs, periodNs), Cgroups(Text.Replace("image: nginx\n    mem", $"{written}\n    mem", StringComparison.Ordinal))[0].CpuMax);

    [Theory]
    [InlineData("cpus: 0")]
    [InlineData("cpu_quota: -1")]
    public void None_is_as_many_as_it_wants(string written) => Assert.Null(Cgroups(Text.Replace("image: nginx\n    mem", $"{written}\n    mem", StringComparison.Ordinal))[0].CpuMax);

    [Fact]
    public void A_machine_of_which_nothing_is_said_has_a_disk()
    {
        var text = Text[Text.IndexOf("services:", StringComparison.Ordinal)..];

        Assert.Equal("nvme", Assert.Single(Read(text).Spec.Hosts[0].Devices).Type);
    }

    [Theory]
    [InlineData("mem_limit: 64m", "mem_limit: 64m\n    cpus: 0.001", "compose.yaml:13: services.web.cpus: 0.001 is less than 0.01: Docker refuses that, too")]
    [InlineData("mem_limit: 64m", "mem_limit: 64m\n    cpus: some", "compose.yaml:13: services.web.cpus: 'some' is not a number of CPUs")]
    [InlineData("mem_limit: 64m", "mem_limit: 64m\n    cpus: 2\n    cpu_quota: 50000", "compose.yaml:14: services.web.cpu_quota: stands beside cpus: Docker refuses that, too")]
    [InlineData("mem_limit: 64m", "mem_limit: 64m\n    cpus: 2\n    deploy: { resources: { limits: { cpus: '3' } } }", "compose.yaml:13: services.web.cpus: 2 is not what deploy.resources.limits.cpus says, 3")]
    [InlineData("mem_limit: 64m", "mem_limit: lots", "compose.yaml:12: services.web.mem_limit: 'lots' is not a size (512m, 1.5gb, or plain bytes)")]
    [InlineData("mem_limit: 64m", "mem_limit: ${LIMIT}", "compose.yaml:12: services.web.mem_limit: '${LIMIT}' depends on the environment, which is not looked at; write a default, ${NAME:-512m}, or give the value with --set")]
    [InlineData("mem_limit: 64m", "mem_limit: 64k", "compose.yaml:12: services.web.mem_limit: 64k is smaller than one round of reclaim, 64 pages (256k)")]
    [InlineData("mem_limit: 64m", "mem_limit: 64m\n    memswap_limit: 32m", "compose.yaml:13: services.web.memswap_limit: 32M of memory and swap together is less than the memory alone, 64M")]
    [InlineData("mem_limit: 64m", "memswap_limit: 64m", "compose.yaml:12: services.web.memswap_limit: stands without mem_limit: how much of it is memory? Docker refuses that, too")]
    [InlineData("mem_limit: 64m", "mem_limit: 64m\n    mem_reservation: 65m", "compose.yaml:13: services.web.mem_reservation: 65M is more than the limit, 64M")]
    [InlineData("mem_limit: 64m", "mem_limit: 64m\n    deploy: { resources: { limits: { memory: 1m } } }", "compose.yaml:12: services.web.mem_limit: 64M is not what deploy.resources.limits.memory says, 1M")]
    [InlineData("mem_limit: 64m", "mem_limit: 64m\n    scale: 20000", "compose.yaml:13: services.web.scale: 20000 is too large (at most 10000)")]
    [InlineData("mem_limit: 64m", "mem_limit: 64m\n    scale: 2\n    deploy: { replicas: 3 }", "compose.yaml:13: services.web.scale: 2 is not what deploy.replicas says, 3")]
    [InlineData("mem_limit: 64m", "mem_limit: 64m\n    scale: two", "compose.yaml:13: services.web.scale: 'two' is not a number of containers")]
    [InlineData("acc: 5000", "acc: 0", "compose.yaml:14: services.web.x-workload[0].pattern.acc: 0 is too small (at least 1)")]
    [InlineData("type: brd", "type: brt", "compose.yaml:7: x-reclaim.host.devices.ram0.type: no device type 'brt'; did you mean 'brd'?")]
    [InlineData("seed: 3", "sede: 3", "compose.yaml:3: x-reclaim.sede: unknown key; did you mean 'seed'?")]
    [InlineData("seed: 3", "hosts: []", "compose.yaml:3: x-reclaim.hosts: not in this version: containers of such a file run on one host")]
    [InlineData("    nodes:", "    cgroups: {}\n    nodes:", "compose.yaml:6: x-reclaim.host.cgroups: the cgroups are the containers of this file")]
    [InlineData("    image: nginx\n    mem", "    extends: wob\n    mem", "compose.yaml:11: services.web.extends: no service 'wob'; did you mean 'web'?")]
    [InlineData("    image: nginx\n    mem", "    extends: web\n    mem", "compose.yaml:11: services.web.extends: a service that extends itself: web → web")]
    [InlineData("    image: nginx\n    mem", "    extends: { file: o.yaml, service: w }\n    mem", "compose.yaml:11: services.web.extends.file: not in this version: a service of another file")]
    [InlineData("    image: nginx\n    mem", "    3\n    mem", "compose.yaml:12: not valid YAML")]
    public void What_is_wrong_names_the_line_and_the_key_of_the_compose_file(string right, string wrong, string said)
    {
        Assert.Contains(right, Text, StringComparison.Ordinal);

        Assert.Contains(Problems(Text.Replace(right, wrong, StringComparison.Ordinal)), line => line.StartsWith(said, StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_model_says_of_a_replica_is_said_of_its_service()
    {
        var scenario = Read(Text.Replace("mem_limit: 64m", "mem_limit: 64m\n    scale: 3", StringComparison.Ordinal));

        Assert.Equal((new Origin("compose.yaml", 12), "services.web.mem_limit"), scenario.Locate("hosts[0].cgroups./web-2.memory.max"));
        Assert.Equal((new Origin("compose.yaml", 15), "services.web.x-workload[0].pattern.n"), scenario.Locate("host.cgroups./web-2.workloads[0].pattern.n"));
    }
}
