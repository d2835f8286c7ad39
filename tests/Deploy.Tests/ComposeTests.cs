using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Reclaim.Deploy.Tests;

/// <summary>compose.yaml fits itself, the Dockerfile, what its services are configured with, and the network it makes.</summary>
public class ComposeTests
{
    private static readonly YamlMappingNode File = Load();

    private static YamlMappingNode Services => Map(File, "services");

    private static IEnumerable<(string Name, YamlMappingNode Service)> Silos =>
        All(Services).Where(service => service.Name.StartsWith("silo-", StringComparison.Ordinal));

    [Fact]
    public void There_are_three_silos() => Assert.Equal(3, Silos.Count());

    [Fact]
    public void What_a_service_names_is_there()
    {
        foreach (var (name, service) in All(Services))
        {
            Assert.All(Keys(service, "depends_on"), needed => Assert.Contains(needed, Names(Services)));
            Assert.All(Keys(service, "networks"), network => Assert.Contains(network, Names(Map(File, "networks"))));
            Assert.All(
                Values(service, "volumes").Select(volume => volume.Split(':')[0]).Where(volume => !volume.StartsWith('.')),
                volume => Assert.Contains(volume, Names(Map(File, "volumes"))));
            Assert.True(service.Children.ContainsKey("image"), name);
        }
    }

    [Fact]
    public void Every_image_built_here_is_a_stage_of_the_Dockerfile()
    {
        var stages = Dockerfile.Parse().Stages;

        Assert.All(All(Services).Where(service => service.Service.Children.ContainsKey("build")), service =>
            Assert.Contains(Text(Map(service.Service, "build"), "target"), stages));
    }

    [Fact]
    public void Each_silo_listens_on_its_own_address_in_the_network()
    {
        var addresses = Silos.Select(silo => Text(Map(silo.Service, "environment"), "Reclaim__Listen__Address")).ToArray();

        Assert.Distinct(addresses);
        Assert.Equal(addresses, Silos.Select(silo => Text(Map(Map(silo.Service, "networks"), "cluster"), "ipv4_address")));
    }

    [Fact]
    public void What_the_collector_hears_from_and_sends_to_is_there()
    {
        var collector = Root(Repository.Read("deploy", "otel", "collector.yaml"));
        var pipelines = All(Map(Map(collector, "service"), "pipelines")).ToList();

        Assert.Equal(["metrics", "traces"], pipelines.Select(pipeline => pipeline.Name).Order());
        foreach (var kind in new[] { "receivers", "processors", "exporters" })
        {
            Assert.Equal(Names(Map(collector, kind)).Order(), pipelines.SelectMany(pipeline => Values(pipeline.Service, kind)).Distinct().Order());
        }

        var jaeger = Text(Map(Map(collector, "exporters"), "otlp/jaeger"), "endpoint");
        Assert.Contains(jaeger.Split(':')[0], Names(Services));
        var scraped = Text(Map(Map(collector, "exporters"), "prometheus"), "endpoint").Split(':')[1];
        Assert.Contains($"\"otel:{scraped}\"", Repository.Read("deploy", "prometheus", "prometheus.yml"), StringComparison.Ordinal);
        Assert.Contains("./otel:/etc/otel:ro", Values(Map(Services, "otel"), "volumes"));
        Assert.Equal(["--config=/etc/otel/collector.yaml"], Values(Map(Services, "otel"), "command"));
    }

    [Fact]
    public void Nothing_is_published() => Assert.DoesNotContain(All(Services), service => service.Service.Children.ContainsKey("ports"));

    [Fact]
    public void There_is_no_password_in_it() => Assert.All(
        All(Services).SelectMany(service => Environment(service.Service)).Where(variable => variable.Value.Contains("password", StringComparison.OrdinalIgnoreCase)),
        variable => Assert.Contains("${RECLAIM_REDIS_PASSWORD:?}", variable.Value, StringComparison.Ordinal));

    [Theory]
    [InlineData("--appendonly yes")]
    [InlineData("--appendfsync always")]
    [InlineData("--maxmemory-policy noeviction")]
    public void Redis_keeps_what_it_acknowledged(string option) => Assert.Contains(option, Text(Map(Services, "redis"), "command"), StringComparison.Ordinal);

    /// <summary>Variables of a service.</summary>
    internal static IEnumerable<(string Key, string Value)> Environment(YamlMappingNode service) => service.Children.ContainsKey("environment")
        ? Map(service, "environment").Children.Select(pair => (((YamlScalarNode)pair.Key).Value!, ((YamlScalarNode)pair.Value).Value!))
        : [];

    /// <summary>Environments of the silos.</summary>
    internal static IEnumerable<IReadOnlyDictionary<string, string>> SiloEnvironments =>
        Silos.Select(silo => Environment(silo.Service).ToDictionary(variable => variable.Key, variable => variable.Value));

    /// <summary>The file with its anchors merged.</summary>
    private static YamlMappingNode Load() => Root(Repository.Read("deploy", "compose.yaml"));

    private static YamlMappingNode Root(string yaml)
    {
        var parser = new MergingParser(new Parser(new StringReader(yaml)));
        var stream = new YamlStream();
        stream.Load(parser);
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }

    private static YamlMappingNode Map(YamlMappingNode node, string key) => (YamlMappingNode)node[key];

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    private static IEnumerable<string> Names(YamlMappingNode node) => node.Children.Keys.Select(key => ((YamlScalarNode)key).Value!);

    private static IEnumerable<(string Name, YamlMappingNode Service)> All(YamlMappingNode node) =>
        node.Children.Select(pair => (((YamlScalarNode)pair.Key).Value!, (YamlMappingNode)pair.Value));

    /// <summary>Keys of a mapping, or entries of a list.</summary>
    private static IEnumerable<string> Keys(YamlMappingNode service, string key) => !service.Children.TryGetValue(key, out var node) ? []
        : node is YamlMappingNode map ? Names(map) : Values(service, key);

    private static IEnumerable<string> Values(YamlMappingNode service, string key) =>
        service.Children.TryGetValue(key, out var node) ? ((YamlSequenceNode)node).Children.Select(child => ((YamlScalarNode)child).Value!) : [];
}
