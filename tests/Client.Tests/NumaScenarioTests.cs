using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Several nodes in a scenario, and what a run says of them.</summary>
public sealed class NumaScenarioTests : IDisposable
{
    private const string Two = """
        schema: reclaim/1
        name: two
        host:
          nodes: [ { memory: 12M, cpus: none }, { memory: 12M, used: 2M }, { memory: 16M } ]
          distance: [[10, 14, 21], [14, 10, 21], [21, 21, 10]]
          devices: { disk: { type: nvme } }
          cgroups:
            pods:
              cpuset.mems: 2
              cgroups:
                a: { memory.max: 4M, workloads: [ { pattern: { pattern: zipf, theta: 0.9, n: 2048, acc: 20000 } } ] }
                b: { memory.max: 4M, cpuset.mems: "2", workloads: [ { pattern: { pattern: zipf, theta: 0.9, n: 2048, acc: 20000 } } ] }
            far: { memory.max: 4M, cpuset.mems: "0", workloads: [ { pattern: { pattern: zipf, theta: 0.9, n: 2048, acc: 20000 } } ] }
            free: { memory.max: 4M, workloads: [ { pattern: { pattern: zipf, theta: 0.9, n: 2048, acc: 20000 } } ] }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("numa").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Each_cgroup_has_its_pages_on_its_own_node_or_that_of_the_one_above_or_the_first_with_CPUs()
    {
        var host = JsonSerializer.Deserialize<RunResults>(await Run(Two, "--json"), ResultDigest.Json)!.Hosts[0];

        Assert.Equal([3072, 3072, 4096], host.Nodes.Select(node => node.MemTotalPages));
        Assert.Equal([Held("/far"), Held("/free"), Held("/pods/a") + Held("/pods/b")], host.Nodes.Select(node => node.MemTotalPages - node.FreePages));
        Assert.Contains("node     2", host.Cgroups["/pods/b"].LruGenFull, StringComparison.Ordinal);
        Assert.Equal([("/far", 0), ("/free", 1), ("/pods/a", 2), ("/pods/b", 2)], host.ReclaimMatrix.Select(entry => (entry.Victim, entry.Node)).Order());
        Assert.True(host.Cgroups["/far"].Workloads[0].LatencyUs.P50 > host.Cgroups["/free"].Workloads[0].LatencyUs.P50, "memory without CPUs is farther");

        long Held(string cgroup) => host.Cgroups[cgroup].MemoryCurrent / 4096;
    }

    [Fact]
    public async Task Where_a_node_is_short_it_is_so_for_those_alone_that_have_their_pages_there()
    {
        var said = await Run(Two, "--json", "--set", "host.nodes[0].memory=2M", "--set", "host.min_free_kbytes=512");
        var host = JsonSerializer.Deserialize<RunResults>(said, ResultDigest.Json)!.Hosts[0];

        Assert.True(host.Nodes[0].Reclaim!.Pageoutrun > 0);
        Assert.Equal([0, 0], host.Nodes.Skip(1).Select(node => node.Reclaim!.Pageoutrun));
        Assert.Equal(host.Vmstat["pageoutrun"], host.Nodes.Sum(node => node.Reclaim!.Pageoutrun));
        Assert.Equal(host.Vmstat["nr_free_pages"], host.Nodes.Sum(node => node.FreePages));
        Assert.All(host.ReclaimMatrix.Where(entry => entry.Kind is "kswapd" or "direct"), entry => Assert.Equal(("/far", 0), (entry.Victim, entry.Node)));
    }

    [Fact]
    public async Task Tables_and_validation_name_the_nodes()
    {
        var said = await Run(Two);

        Assert.Contains("kswapd rounds", said, StringComparison.Ordinal);
        Assert.Contains("node 1: 12M (3,072 pages), of which 2M are used, distances 14 10 21", await Say("validate", Two), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpuset.mems: \"2\"", "cpuset.mems: 1", "s.yaml:12: host.cgroups.pods.cgroups.b.cpuset.mems: is 1, but a cgroup above it has node 2 only")]
    [InlineData("cpuset.mems: \"0\"", "cpuset.mems: 3", "s.yaml:13: host.cgroups.far.cpuset.mems: no node 3: the host has nodes 0 to 2")]
    [InlineData("cpuset.mems: \"0\"", "cpuset.mems: \"0,3\"", "s.yaml:13: host.cgroups.far.cpuset.mems: no node 3: the host has nodes 0 to 2")]
    [InlineData("cpuset.mems: \"0\"", "cpuset.mems: \"2-1\"", "s.yaml:13: host.cgroups.far.cpuset.mems: '2-1' is no list of nodes: for example \"0\", \"0,2\" or \"0-1\"")]
    [InlineData("cpuset.mems: \"2\"", "cpuset.mems: \"1-2\"", "s.yaml:12: host.cgroups.pods.cgroups.b.cpuset.mems: is 1-2, but a cgroup above it has node 2 only")]
    [InlineData("cpuset.mems: \"0\"", "cpu_node: 0", "s.yaml:13: host.cgroups.far.cpu_node: node 0 has no CPUs")]
    [InlineData("cpuset.mems: \"0\"", "cpu_node: 3", "s.yaml:13: host.cgroups.far.cpu_node: no node 3: the host has nodes 0 to 2")]
    [InlineData("cpuset.mems: \"0\"", "numa_mempolicy: interleave", "s.yaml:13: host.cgroups.far.numa_mempolicy: names no nodes: for example interleave:0-1")]
    [InlineData("cpuset.mems: \"0\"", "numa_mempolicy: interleaf:0", "s.yaml:13: host.cgroups.far.numa_mempolicy: no memory policy 'interleaf'; did you mean 'interleave'?")]
    [InlineData("cpuset.mems: \"0\"", "numa_mempolicy: preferred:0-1", "s.yaml:13: host.cgroups.far.numa_mempolicy: preferred names one node")]
    [InlineData("cpuset.mems: \"2\"", "numa_mempolicy: bind:1", "s.yaml:12: host.cgroups.pods.cgroups.b.numa_mempolicy: is bind:1, but cpuset.mems has node 2 only")]
    [InlineData("distance:", "weighted_interleave: [1, 2]\n  distance:", "s.yaml:5: host.weighted_interleave: must be 3 numbers from 1 to 255, one for each node")]
    [InlineData("[10, 14, 21]", "[11, 14, 21]", "s.yaml:5: host.distance: node 0 is 10 from itself")]
    [InlineData("[10, 14, 21], ", "", "s.yaml:5: host.distance: must be 3 lists of 3 numbers, as numactl -H prints it: [[10, 21], [21, 10]] for two nodes")]
    public void What_is_wrong_is_said_with_its_key(string correct, string wrong, string said)
    {
        Assert.Contains(correct, Two, StringComparison.Ordinal);
        Assert.Contains(Scenarios.Problems(Two.Replace(correct, wrong, StringComparison.Ordinal)), problem => problem == said);
    }

    [Theory]
    [InlineData("distance:", "numa_balancing: 1\n  distance:", "s.yaml:5: host.numa_balancing: 1 is not in this version: 0, or 2, which brings pages back from nodes without CPUs")]
    [InlineData("distance:", "numa_balancing: 4\n  distance:", "s.yaml:5: host.numa_balancing: 4 is too large (at most 3)")]
    [InlineData("distance:", "demotion_enable: yes\n  distance:", "s.yaml:5: host.demotion_enable: unknown key; did you mean 'demotion_enabled'?")]
    [InlineData("distance:", "numa_balancing: 2\n  numa_balancing_hot_threshold_ms: 0\n  distance:", "s.yaml:6: host.numa_balancing_hot_threshold_ms: 0 is too small (at least 1)")]
    public void What_is_wrong_with_tiers_is_said_with_its_key(string correct, string wrong, string said)
    {
        var problems = Scenarios.Problems(Two.Replace(correct, wrong, StringComparison.Ordinal)).ToList();
        Assert.True(problems.Contains(said), string.Join('\n', problems));
    }

    [Theory]
    [InlineData("", "host.demotion_enabled: has no effect: there is no node with 'cpus: none' for pages to go to")]
    [InlineData("", "host.numa_balancing: has no effect: there is no node with 'cpus: none' for pages to go to")]
    [InlineData("  numa_balancing_promote_rate_limit_MBps: 5", "host.numa_balancing_promote_rate_limit_MBps: has no effect without 'numa_balancing: 2'")]
    public async Task What_has_no_effect_is_warned_of(string more, string said)
    {
        var balancing = more.Length == 0 ? "  demotion_enabled: yes\n  numa_balancing: 2" : more;
        var error = await Complaints(Two.Replace(", cpus: none", "", StringComparison.Ordinal).Replace("  distance:", balancing + "\n  distance:", StringComparison.Ordinal));

        Assert.Contains($"warning: {said}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_that_is_no_kernel_knows_no_tiers() => Assert.Contains(
        "warning: host.demotion_enabled: has no effect: policy sieve knows no nodes",
        await Complaints(Two, "--set", "kernel.policy=sieve", "--set", "host.demotion_enabled=yes"), StringComparison.Ordinal);

    [Fact]
    public async Task Validation_says_what_tiers_are_for()
    {
        var said = await Say("validate", Two.Replace("  distance:", "  demotion_enabled: yes\n  numa_balancing: 2\n  distance:", StringComparison.Ordinal));

        Assert.Contains("pages that would be evicted go to nodes without CPUs first; mapped ones that are used within 1000 ms come back, 65536 MiB a second at most", said, StringComparison.Ordinal);
        Assert.Contains("node 0: 12M (3,072 pages), no CPUs", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_of_its_own_demotes_what_it_would_evict_though_no_node_is_short()
    {
        const string Demotes = "host.demotion_enabled=yes";
        var (off, on) = (Host(await Run(Two, "--json")), Host(await Run(Two, "--json", "--set", Demotes)));

        // The pods' tasks may take pages from node 2 only, and far has its own on slower memory already.
        Assert.True(Stat(on.Cgroups["/free"], "pgdemote_direct") > 0);
        Assert.All((string[])["/far", "/pods/a", "/pods/b"], cgroup => Assert.Equal(0, Stat(on.Cgroups[cgroup], "pgdemote_direct")));
        Assert.Equal(on.Vmstat["pgdemote_direct"], Stat(on.Cgroups["/free"], "pgdemote_direct"));
        Assert.InRange(on.Cgroups["/free"].MemoryCurrent, 0, 4 << 20);
        Assert.True(on.Nodes[0].FreePages < off.Nodes[0].FreePages);
        Assert.DoesNotContain(off.Cgroups["/free"].MemoryStat, counter => counter.Name.StartsWith("pgdemote", StringComparison.Ordinal));

        static HostResult Host(string said) => JsonSerializer.Deserialize<RunResults>(said, ResultDigest.Json)!.Hosts[0];

        static long Stat(CgroupResult cgroup, string name) => cgroup.MemoryStat.Where(counter => counter.Name == name).Sum(counter => counter.Value);
    }

    private async Task<string> Complaints(string text, params string[] options)
    {
        var path = Path.Combine(_folder, "s.yaml");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        var error = new StringWriter();
        await Cli.InvokeAsync(["validate", path, .. options], new StringWriter(), error);
        return error.ToString();
    }

    private Task<string> Run(string text, params string[] options) => Say("run", text, ["--silos", "0", .. options]);

    private async Task<string> Say(string verb, string text, params string[] options)
    {
        var path = Path.Combine(_folder, "s.yaml");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.True(await Cli.InvokeAsync([verb, path, .. options], output, error) == 0, error.ToString());
        return output.ToString();
    }
}
