using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Reclaim.Silo;
using Reclaim.Silo.Hosting;

namespace Reclaim.Deploy.Tests;

/// <summary>What the files set is what a silo takes.</summary>
public partial class SettingsTests
{
    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Repository.Path("deploy"), "*", SearchOption.AllDirectories).Where(file => Variable().IsMatch(File.ReadAllText(file))).Select(file => Path.GetRelativePath(Repository.Root, file))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_variable_is_a_setting(string file) => Assert.All(
        Variable().Matches(Repository.Read(file)).Select(match => match.Groups[1].Value.Replace("__", ":", StringComparison.Ordinal)),
        key => Assert.Contains(key, SettingKeys.All.Select(setting => setting.Key)));

    [Fact]
    public void All_kinds_of_deployment_are_among_them() => Assert.Superset(
        new HashSet<string> { "deploy/Dockerfile", "deploy/compose.yaml", "deploy/kubernetes/silos.yaml", "deploy/systemd/reclaim-silo.service" },
        Files.Select(row => row.Data).ToHashSet());

    /// <summary>By these labels a silo finds the pods of its cluster.</summary>
    [Fact]
    public void A_pod_is_labelled_as_its_silo_is_named()
    {
        var pod = KubernetesYaml.LoadAllFromString(Repository.Read("deploy", "kubernetes", "silos.yaml")).OfType<V1Deployment>().Single().Spec.Template;

        Assert.Equal(ReclaimSilo.Service, pod.Metadata.Labels["orleans/serviceId"]);
        Assert.Equal(pod.Spec.Containers.Single().Env.Single(variable => variable.Name == "Reclaim__ClusterId").Value, pod.Metadata.Labels["orleans/clusterId"]);
    }

    [Fact]
    public void Ports_are_those_of_the_image()
    {
        var image = Dockerfile.Parse().Environment;
        var ports = KubernetesYaml.LoadAllFromString(Repository.Read("deploy", "kubernetes", "silos.yaml")).OfType<V1Deployment>().Single()
            .Spec.Template.Spec.Containers.Single().Ports.ToDictionary(port => port.Name, port => $"{port.ContainerPort}");

        Assert.Equal(image["Reclaim__Listen__SiloPort"], ports["silo"]);
        Assert.Equal(image["Reclaim__Listen__GatewayPort"], ports["gateway"]);
        Assert.Equal(image["Reclaim__Listen__HttpPort"], ports["http"]);
    }

    [GeneratedRegex(@"\bReclaim__(\w+)\b")]
    private static partial Regex Variable();
}
