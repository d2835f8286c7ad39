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
