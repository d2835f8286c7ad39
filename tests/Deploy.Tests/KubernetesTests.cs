using k8s;
using k8s.Models;

namespace Reclaim.Deploy.Tests;

/// <summary>The manifests are what Kubernetes takes, and fit each other.</summary>
public class KubernetesTests
{
    private static readonly object[] Objects =
    [
        .. Directory.GetFiles(Repository.Path("deploy", "kubernetes"), "*.yaml").Order(StringComparer.Ordinal)
            .Where(file => Path.GetFileName(file) != "kustomization.yaml")
            .SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file), strict: true)),
    ];

    private static V1Deployment Silos => One<V1Deployment>();

    private static V1Container Silo => Assert.Single(Silos.Spec.Template.Spec.Containers);

    /// <summary>Reading is strict: a key that Kubernetes does not know is an error.</summary>
    [Fact]
    public void Every_object_is_of_a_kind_that_Kubernetes_knows_and_has_a_name() =>
        Assert.All(Objects, made => Assert.NotEmpty(Assert.IsAssignableFrom<IKubernetesObject<V1ObjectMeta>>(made).Metadata.Name));

    [Fact]
    public void Kustomize_takes_every_file_in_the_folder()
    {
        var files = Directory.GetFiles(Repository.Path("deploy", "kubernetes")).Select(Path.GetFileName).Where(name => name != "kustomization.yaml");
        var lines = Repository.Read("deploy", "kubernetes", "kustomization.yaml").Split('\n').Select(line => line.Trim());

        Assert.All(files, file => Assert.Contains($"- {file}", lines));
    }

    [Fact]
    public async Task Kubectl_builds_them()
    {
        Assert.SkipUnless(Repository.Has("kubectl"), "needs kubectl: apt-get install kubernetes-client, or from kubernetes.io");

        var (status, output) = await Repository.RunAsync("kubectl", "kustomize", Repository.Path("deploy", "kubernetes"));

        Assert.True(status == 0, output);
        Assert.All(KubernetesYaml.LoadAllFromString(output, strict: true).OfType<IKubernetesObject<V1ObjectMeta>>(), made =>
            Assert.True(made is V1Namespace || made.Metadata.NamespaceProperty == "reclaim", made.Metadata.Name));
    }

    [Fact]
    public void Whatever_selects_pods_selects_the_silos()
    {
        var labels = Silos.Spec.Template.Metadata.Labels;
        IDictionary<string, string>[] selectors =
        [
            Silos.Spec.Selector.MatchLabels, One<V1Service>().Spec.Selector, One<V1PodDisruptionBudget>().Spec.Selector.MatchLabels,
            One<V1NetworkPolicy>().Spec.PodSelector.MatchLabels, Assert.Single(Silos.Spec.Template.Spec.TopologySpreadConstraints).LabelSelector.MatchLabels,
        ];

        Assert.All(selectors, selector => Assert.All(selector, label => Assert.Contains(label, labels)));
    }

    [Fact]
    public void Ports_are_called_by_names_that_the_silo_has()
    {
        var names = Silo.Ports.Select(port => port.Name).ToHashSet();
        string[] used =
        [
            .. One<V1Service>().Spec.Ports.Select(port => port.TargetPort.Value),
            .. One<V1NetworkPolicy>().Spec.Ingress.SelectMany(rule => rule.Ports).Select(port => port.Port.Value),
            Silo.LivenessProbe.HttpGet.Port.Value, Silo.ReadinessProbe.HttpGet.Port.Value, Silo.StartupProbe.HttpGet.Port.Value,
        ];

        Assert.All(used, name => Assert.Contains(name, names));
    }

    [Fact]
    public void The_silo_may_do_what_its_role_says_and_nothing_else()
    {
        var rule = Assert.Single(One<V1Role>().Rules);
        var binding = One<V1RoleBinding>();

        Assert.Equal(["pods"], rule.Resources);
        Assert.Equal(["get", "list", "patch", "watch"], rule.Verbs.Order(StringComparer.Ordinal));
        Assert.Equal(One<V1Role>().Metadata.Name, binding.RoleRef.Name);
        Assert.Equal(One<V1ServiceAccount>().Metadata.Name, Assert.Single(binding.Subjects).Name);
        Assert.Equal(One<V1ServiceAccount>().Metadata.Name, Silos.Spec.Template.Spec.ServiceAccountName);
    }

    [Fact]
    public void A_pod_is_as_confined_as_its_namespace_demands()
    {
        Assert.Equal("restricted", One<V1Namespace>().Metadata.Labels["pod-security.kubernetes.io/enforce"]);
        var pod = Silos.Spec.Template.Spec.SecurityContext;
        Assert.True(pod.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", pod.SeccompProfile.Type);
        Assert.False(Silo.SecurityContext.AllowPrivilegeEscalation);
        Assert.True(Silo.SecurityContext.ReadOnlyRootFilesystem);
        Assert.Equal(["ALL"], Silo.SecurityContext.Capabilities.Drop);
        Assert.True(Silo.Resources.Limits.ContainsKey("memory"));
    }

    [Fact]
    public void What_may_hold_a_password_comes_from_the_secret() => Assert.All(
        Silo.Env.Where(variable => variable.Name.EndsWith("Connection", StringComparison.Ordinal) || variable.Name.EndsWith("Secret", StringComparison.Ordinal)),
        variable => Assert.Equal("reclaim-connections", variable.ValueFrom.SecretKeyRef.Name));

    private static T One<T>() => Assert.Single(Objects.OfType<T>());
}
