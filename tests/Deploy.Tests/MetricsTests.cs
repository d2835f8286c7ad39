using System.Text.Json;
using System.Text.RegularExpressions;
using Reclaim.Contracts.Spec;
using Reclaim.Silo.Remote;
using Reclaim.Storage.Tests;
using YamlDotNet.RepresentationModel;

namespace Reclaim.Deploy.Tests;

/// <summary>What the dashboard and the rules ask for is what a silo tells.</summary>
[Collection("environment of this process")]
public sealed partial class MetricsTests(PublishedSiloTests.Published published) : IClassFixture<PublishedSiloTests.Published>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>It goes on for longer than anybody looks.</summary>
    private static readonly RunSpec Endless = new()
    {
        Scenario = "endless",
        Hosts =
        [
            new HostSpec
            {
                Name = "node",
                Nodes = [new NodeSpec(1L << 30)],
                Devices = [new DeviceSpec { Name = "ram0", Type = "brd" }],
                Cgroups =
                [
                    new CgroupSpec
                    {
                        Path = "/bench",
                        MemoryMax = 16 << 20,
                        Workloads = [new PatternSpec { Name = "reads", Device = "ram0", Pattern = "zipf", Theta = 0.5, N = 16384, Acc = 1L << 40, Seed = 1 }],
                    },
                ],
            },
        ],
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_query_has_an_answer_while_a_run_goes_on()
    {
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_111_111);
        var address = $"127.{Random.Shared.Next(1, 255)}.{Random.Shared.Next(1, 255)}.11";
        var image = Dockerfile.Parse().Environment;
        using var silo = new PublishedSilo(published.Folder, new Dictionary<string, string>
        {
            ["Reclaim__Listen__Address"] = address,
            ["Reclaim__Membership__Folder"] = folder.Path,
            ["Reclaim__Storage__Folder"] = Path.Combine(folder.Path, "runs"),
            ["Reclaim__Checkpoint__EverySeconds"] = "1",
            ["Reclaim__Telemetry__Prometheus"] = "true",
        });
        await silo.StartedAsync(Cancellation);
        await using var prometheus = new PrometheusServer($"{address}:{image["Reclaim__Listen__HttpPort"]}");
        await prometheus.StartAsync();
        Assert.Null(ClusterAddress.TryParse($"{address}:{image["Reclaim__Listen__GatewayPort"]}", out var gateway));
        await using var cluster = await RemoteCluster.ConnectAsync(gateway!, cancellation: Cancellation);
        await using var run = await cluster.CreateAsync(Endless, Cancellation);
        await run.StartAsync();

        using var http = new HttpClient();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        foreach (var query in DashboardQueries().Concat(RuleQueries()))
        {
            while (await prometheus.CountAsync(http, query, Cancellation) == 0)
            {
                Assert.False(patience.IsCancellationRequested, $"no answer: {query}");
                await Task.Delay(200, Cancellation);
            }
        }

        await run.StopAsync();
        Assert.Equal(0, await silo.TerminateAsync(Cancellation));
    }

    [Fact]
    public async Task Rules_are_what_Prometheus_takes()
    {
        Assert.SkipUnless(Repository.Has("promtool") || Environment.GetEnvironmentVariable("CI") == "true", "needs prometheus: apt-get install prometheus");
        var (status, output) = await Repository.RunAsync("promtool", "check", "config", Repository.Path("deploy", "prometheus", "prometheus.yml"));

        Assert.True(status == 0, output);
    }

    private static List<string> DashboardQueries()
    {
        using var dashboard = JsonDocument.Parse(Repository.Read("deploy", "grafana", "dashboards", "reclaim.json"));
        List<string> queries =
        [
            .. dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(panel => panel.TryGetProperty("targets", out _))
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray().Select(target => Variable().Replace(target.GetProperty("expr").GetString()!, ".*"))),
        ];
        Assert.NotEmpty(queries);
        return queries;
    }

    /// <summary>Of rules that compare, what they compare: nothing is wrong just now.</summary>
    private static List<string> RuleQueries()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Repository.Read("deploy", "prometheus", "rules.yml")));
        List<string> queries =
        [
            .. stream.Documents[0].RootNode.AllNodes.OfType<YamlMappingNode>().Where(node => node.Children.ContainsKey("expr"))
                .Select(rule => rule.Children.ContainsKey("alert") ? Comparison().Replace($"{rule["expr"]}", "") : $"{rule["expr"]}"),
        ];
        Assert.NotEmpty(queries);
        return queries;
    }

    [GeneratedRegex(@"\$(run|host|cgroup)\b")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\s(==|>|<)\s.*$")]
    private static partial Regex Comparison();
}
