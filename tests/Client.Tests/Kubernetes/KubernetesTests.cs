using Reclaim.Client.Kubernetes;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Spec;
using Xunit;

namespace Reclaim.Client.Tests.Kubernetes;

/// <summary>Manifests are a scenario once annotations say what their containers do.</summary>
public sealed class KubernetesTests
{
    private const string Machine = """
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: reclaim }
        data:
          scenario: |
            name: shop
            seed: 3
            host:
              nodes: [ { memory: 1G } ]
              devices: { ram0: { type: brd } }
              swap: [ { type: zram, size: 512M } ]
        ---

        """;

    private const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
          annotations:
            reclaim.dev/workloads: |
              - pattern: { pattern: uniform, n: 1000, acc: 5000 }
        spec:
          containers:
            - name: app
              image: nginx
              resources: { requests: { memory: 16Mi }, limits: { memory: 64Mi } }
        """;

    private const string Two = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web }
        spec:
          replicas: 2
          template:
            metadata:
              annotations:
                reclaim.dev/workloads: |
                  app:
                    - pattern: { pattern: uniform, n: 1000, acc: 5000 }

                  log:
                    - pattern: { pattern: scan, n: 1000, acc: 5000 }
            spec:
              containers:
                - { name: app, resources: { limits: { memory: 64Mi } } }
                - { name: log, resources: { limits: { memory: 32M } } }
        """;

    private const string Limited = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmemorySwap: { swapBehavior: LimitedSwap }\n---\n";

    private const string Qos = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfeatureGates: { MemoryQoS: true }\n---\n";

    private static Scenario Read(string text, params string[] set) =>
        ScenarioFile.Parse("pod.yaml", text, new ScenarioSettings(Names.Known) { Set = set });

    private static CgroupSpec[] Cgroups(string text, params string[] set) => [.. Read(text, set).Spec.Hosts[0].Cgroups];

    private static string[] Problems(string text) => Assert.Throws<InputException>(() => Read(text)).Message.Split('\n');

    private static string[] Warnings(string text) => [.. Read(text).Warnings.Select(warning => warning.ToString())];

    private static string With(string was, string written, string text = Machine + Pod)
    {
        Assert.Contains(was, text, StringComparison.Ordinal);
        return text.Replace(was, written, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_whose_annotation_says_what_it_does_is_a_cgroup_on_the_machine_of_the_ConfigMap()
    {
        var scenario = Read(Machine + Pod);

        Assert.Equal(("shop", 3UL, 1L << 30), (scenario.Spec.Scenario, scenario.Spec.Seed, scenario.Spec.Hosts[0].Nodes[0].MemoryBytes));
        var app = Assert.Single(scenario.Spec.Hosts[0].Cgroups);
        Assert.Equal(("/kubepods/burstable/pod-web/app", 64L << 20, 0L), (app.Path, app.MemoryMax, app.SwapMax));
        Assert.Equal("uniform", ((PatternSpec)Assert.Single(app.Workloads)).Pattern);
        Assert.Empty(scenario.Warnings);
    }

    [Theory]
    [InlineData("{}", QosClass.BestEffort)]
    [InlineData("{ requests: { memory: 0 } }", QosClass.BestEffort)]
    [InlineData("{ requests: { ephemeral-storage: 1Gi } }", QosClass.BestEffort)]
    [InlineData("{ requests: { cpu: 1 } }", QosClass.Burstable)]
    [InlineData("{ limits: { memory: 1Gi } }", QosClass.Burstable)]
    [InlineData("{ limits: { memory: 1Gi, cpu: 1 } }", QosClass.Guaranteed)]
    [InlineData("{ requests: { memory: 1024Mi, cpu: 1000m }, limits: { memory: 1Gi, cpu: 1 } }", QosClass.Guaranteed)]
    [InlineData("{ requests: { memory: 1Gi, cpu: 500m }, limits: { memory: 1Gi, cpu: 1 } }", QosClass.Burstable)]
    [InlineData("{ requests: { memory: 1Gi, cpu: 1 }, limits: { memory: 1Gi } }", QosClass.Burstable)]
    internal void A_container_alone_gives_its_pod_the_class(string resources, QosClass qos) => Assert.Equal(qos, QosRule.Of([Resources(resources)]));

    [Theory]
    [InlineData("{ limits: { memory: 1Gi, cpu: 1 } }", "{ limits: { memory: 2Gi, cpu: 2 } }", QosClass.Guaranteed)]
    [InlineData("{ limits: { memory: 1Gi, cpu: 1 } }", "{}", QosClass.Burstable)]
    [InlineData("{ limits: { memory: 1Gi, cpu: 1 } }", "{ limits: { memory: 1Gi } }", QosClass.Burstable)]
    [InlineData("{}", "{}", QosClass.BestEffort)]
    internal void Containers_of_different_classes_make_a_burstable_pod(string one, string other, QosClass qos) =>
        Assert.Equal(qos, QosRule.Of([Resources(one), Resources(other)]));

    private static ResourceList Resources(string text) => ResourceList.Read(new MapReader(ScenarioYaml.ParseFile("r.yaml", text), "", new ProblemLog()));

    [Fact]
    public void Containers_that_prepare_a_pod_count_for_its_class_and_do_not_run()
    {
        var guaranteed = With("resources: { requests: { memory: 16Mi }, limits: { memory: 64Mi } }", "resources: { limits: { memory: 64Mi, cpu: 1 } }");
        var prepared = With("  containers:", "  initContainers: [ { name: init } ]\n  containers:", guaranteed);
        var beside = With("  containers:", "  initContainers: [ { name: proxy, restartPolicy: Always, resources: { limits: { memory: 1Mi } } } ]\n  containers:",
            With("      - pattern", "      proxy: [ { pattern: { pattern: scan, n: 10, acc: 100 } } ]\n      app:\n      - pattern"));

        Assert.Equal("/kubepods/pod-web/app", Assert.Single(Cgroups(guaranteed)).Path);
        Assert.Equal("/kubepods/burstable/pod-web/app", Assert.Single(Cgroups(prepared)).Path);
        Assert.Equal(["/kubepods/burstable/pod-web/proxy", "/kubepods/burstable/pod-web/app"], Cgroups(beside).Select(cgroup => cgroup.Path));
    }

    [Theory]
    [InlineData("1Mi", 1048576)]
    [InlineData("1M", 1000000)]
    [InlineData("1.5Gi", 1610612736)]
    [InlineData("1e6", 1000000)]
    [InlineData("1E3", 1000)]
    [InlineData("128974848", 128974848)]
    [InlineData("128974848000m", 128974848)]
    [InlineData("1m", 1)]
    [InlineData("100k", 100000)]
    public void Quantities_are_those_of_the_API(string text, long bytes)
    {
        Assert.Null(Quantity.TryParse(text, out var value));
        Assert.Equal(bytes, Quantity.Whole(value));
    }

    [Theory]
    [InlineData("1mi")]
    [InlineData("1 Gi")]
    [InlineData("Mi")]
    [InlineData("1e6Mi")]
    [InlineData("8E6Ei")]
    [InlineData("")]
    public void What_is_no_quantity_is_refused(string text) => Assert.NotNull(Quantity.TryParse(text, out _));

    /// <summary>The table of the kubelet's own test, TestCalcSwapForBurstablePods (Kubernetes v1.34).</summary>
    [Theory]
    [InlineData(1, 80, 4, 53687091)]
    [InlineData(2, 40, 2, 107374182)]
    [InlineData(5, 150, 40, 1431655765)]
    public void A_burstable_container_may_swap_its_requests_share_of_the_nodes_swap(long request, long memory, long swap, long bytes)
    {
        var kubelet = new Kubelet(memory << 30, swap << 30, HasSwap: true).With(new MapReader(ScenarioYaml.ParseFile("k", "memorySwap: { swapBehavior: LimitedSwap }"), "", new ProblemLog()));

        Assert.Equal(bytes, kubelet.SwapMax(request << 30, long.MaxValue, maySwap: true));
    }

    [Fact]
    public void Only_burstable_containers_with_more_limit_than_request_swap_and_only_with_LimitedSwap()
    {
        const string resources = "resources: { requests: { memory: 16Mi }, limits: { memory: 64Mi } }";

        Assert.Equal(0, Cgroups(Machine + Pod)[0].SwapMax);
        Assert.Equal(8 << 20, Cgroups(Machine + Limited + Pod)[0].SwapMax);
        Assert.Equal(16 << 20, Cgroups(Machine + Limited + Pod, "host.nodes[0].memory=512M")[0].SwapMax);
        Assert.Equal(0, Cgroups(With(resources, "resources: { limits: { memory: 64Mi } }", Machine + Limited + Pod))[0].SwapMax);
        Assert.Equal(0, Cgroups(With(resources, "resources: { limits: { memory: 64Mi, cpu: 1 } }", Machine + Limited + Pod))[0].SwapMax);
        Assert.Equal(0, Cgroups(With("  containers:", "  priorityClassName: system-node-critical\n  containers:", Machine + Limited + Pod))[0].SwapMax);
        Assert.Null(Cgroups(With("      swap: [ { type: zram, size: 512M } ]\n", "", Machine + Limited + Pod))[0].SwapMax);
    }

    [Fact]
    public void Memory_QoS_protects_the_request_and_throttles_below_the_limit()
    {
        static (long Min, long? High) Of(string text) => Cgroups(text).Select(cgroup => (cgroup.MemoryMin, cgroup.MemoryHigh)).Single();
        const long high = (16 << 20) + (48 << 20) / 10 * 9; // the request and nine tenths of what lies between

        Assert.Equal((0, null), Of(Machine + Pod));
        Assert.Equal((16 << 20, high / 4096 * 4096), Of(Machine + Qos + Pod));
        Assert.Equal((16 << 20, 40 << 20), Of(With("featureGates", "memoryThrottlingFactor: 0.5\nfeatureGates", Machine + Qos + Pod)));
        Assert.Equal((64 << 20, null), Of(With("requests: { memory: 16Mi }, ", "", Machine + Qos + Pod)));
    }

    [Fact]
    public void Memory_QoS_keeps_for_pods_and_classes_what_it_keeps_for_their_containers()
    {
        static (string, long)[] Of(string text) => [.. Read(text).Spec.Hosts[0].Groups.Select(group => (group.Path, group.MemoryMin))];
        var guaranteed = With("resources: { requests: { memory: 16Mi }, limits: { memory: 64Mi } }", "resources: { limits: { memory: 64Mi, cpu: 1 } }", Pod);
        var beside = With("name: web", "name: other", guaranteed);

        Assert.Equal([("/kubepods", 0), ("/kubepods/burstable", 0), ("/kubepods/burstable/pod-web", 0)], Of(Machine + Pod));
        Assert.Equal([("/kubepods", 16 << 20), ("/kubepods/burstable", 16 << 20), ("/kubepods/burstable/pod-web", 16 << 20)], Of(Machine + Qos + Pod));
        Assert.Equal(
            [("/kubepods", 80 << 20), ("/kubepods/pod-other", 64 << 20), ("/kubepods/burstable", 16 << 20), ("/kubepods/burstable/pod-web", 16 << 20)],
            Of(Machine + Qos + Pod + "\n---\n" + beside));
        var (two, one) = (2 * One, One);
        Assert.Equal(
            [("/kubepods", two), ("/kubepods/burstable", two), ("/kubepods/burstable/pod-web-1", one), ("/kubepods/burstable/pod-web-2", one)],
            Of(Machine + Qos + Two));
        Assert.Equal([0L, 0, 0], Of(With("memory: 16Mi", "cpu: 1", Machine + Qos + With(", limits: { memory: 64Mi }", "", Pod))).Select(group => group.Item2));
    }

    /// <summary>What the containers of <see cref="Two"/> ask for.</summary>
    private const long One = (64L << 20) + 32_000_000;

    [Fact]
    public void What_prepares_a_pod_may_ask_for_more_than_what_runs_in_it()
    {
        var text = With("  containers:", "  initContainers: [ { name: init, resources: { requests: { memory: 48Mi } } } ]\n  containers:", Machine + Qos + Pod);

        Assert.Equal(48L << 20, Read(text).Spec.Hosts[0].Groups.Single(group => group.Path.EndsWith("pod-web", StringComparison.Ordinal)).MemoryMin);
    }

    [Fact]
    public void A_container_without_a_limit_has_no_memory_max_and_the_node_is_shared()
    {
        static CgroupSpec Of(string text) => Cgroups(text)[0];
        var burstable = With(", limits: { memory: 64Mi }", "", Pod);
        var bestEffort = With("resources: { requests: { memory: 16Mi }, limits: { memory: 64Mi } }", "resources: {}", Pod);
        const long allocatable = (1L << 30) - (100 << 20);
        const long high = (16 << 20) + (allocatable - (16 << 20)) / 10 * 9;

        Assert.Equal(("/kubepods/besteffort/pod-web/app", null, 0L, null), (Of(Machine + Qos + bestEffort).Path, Of(Machine + Qos + bestEffort).MemoryMax, Of(Machine + Qos + bestEffort).MemoryMin, Of(Machine + Qos + bestEffort).MemoryHigh));
        Assert.Equal((null, 16L << 20, high / 4096 * 4096), (Of(Machine + Qos + burstable).MemoryMax, Of(Machine + Qos + burstable).MemoryMin, Of(Machine + Qos + burstable).MemoryHigh));
        Assert.Equal(8L << 20, Of(Machine + Limited + burstable).SwapMax);
        Assert.Equal(0, Of(Machine + Limited + bestEffort).SwapMax);
    }

    [Fact]
    public void Resources_of_a_pod_as_a_whole_are_limits_of_its_cgroup()
    {
        var text = With("  containers:", "  resources: { requests: { memory: 24Mi }, limits: { memory: 96Mi } }\n  containers:", Machine + Qos + Pod);
        var pod = Read(text).Spec.Hosts[0].Groups[^1];

        Assert.Equal((96L << 20, 24L << 20), (pod.MemoryMax!.Value, pod.MemoryMin));
    }

    [Theory]
    [InlineData("true", false, true)]
    [InlineData("false", true, false)]
    public void An_annotation_turns_memory_QoS_on_or_off_for_a_pod(string value, bool gate, bool on)
    {
        var text = With("  annotations:\n", $"  annotations:\n    reclaim.dev/memory-qos: \"{value}\"\n", Machine + (gate ? Qos : "") + Pod);

        Assert.Equal(on ? 16 << 20 : 0, Cgroups(text)[0].MemoryMin);
    }

    [Fact]
    public void Replicas_are_pods_of_their_own_each_with_its_containers()
    {
        Assert.Equal(
            [("/kubepods/burstable/pod-web-1/app", 64L << 20), ("/kubepods/burstable/pod-web-1/log", 32000000), ("/kubepods/burstable/pod-web-2/app", 64L << 20), ("/kubepods/burstable/pod-web-2/log", 32000000)],
            Cgroups(Machine + Two).Select(cgroup => (cgroup.Path, cgroup.MemoryMax!.Value)));
    }

    [Theory]
    [InlineData("Deployment", "replicas: 3", 3)]
    [InlineData("StatefulSet", "replicas: 3", 3)]
    [InlineData("StatefulSet", "serviceName: web", 1)]
    [InlineData("DaemonSet", "updateStrategy: {}", 1)]
    [InlineData("Job", "parallelism: 3", 3)]
    [InlineData("Job", "parallelism: 3\n  completions: 2", 2)]
    [InlineData("Job", "completions: 5", 1)]
    public void Each_kind_says_in_its_way_how_many_pods_run_at_once(string kind, string spec, int pods) =>
        Assert.Equal(2 * pods, Cgroups((Machine + Two).Replace("Deployment", kind, StringComparison.Ordinal).Replace("replicas: 2", spec, StringComparison.Ordinal)).Length);

    [Fact]
    public void Lists_and_JSON_are_read_as_they_come_from_kubectl()
    {
        const string json = """
            { "apiVersion": "v1", "kind": "List", "items": [
              { "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "reclaim" }, "data": { "scenario": "host:\n  devices: { ram0: { type: brd } }\n" } },
              { "apiVersion": "batch/v1", "kind": "CronJob", "metadata": { "name": "night" }, "spec": { "jobTemplate": { "spec": { "template": {
                "metadata": { "annotations": { "reclaim.dev/workloads": "- pattern: { pattern: scan, n: 100, acc: 0 }" } },
                "spec": { "containers": [ { "name": "c", "resources": { "limits": { "memory": "1Mi" } } } ] } } } } } } ] }
            """;

        Assert.Equal("/kubepods/burstable/pod-night/c", Assert.Single(Cgroups(With("acc: 0", "acc: 9", json))).Path);
        Assert.Equal(
            ["pod.yaml:4: items[1].spec.jobTemplate.spec.template.metadata.annotations.reclaim.dev/workloads[0].pattern.acc: 0 is too small (at least 1)"],
            Problems(json));
    }

    [Fact]
    public void Objects_without_a_bearing_on_memory_are_passed_over_and_others_warned_of()
    {
        const string service = "\n---\napiVersion: v1\nkind: Service\nmetadata: { name: s }\n---\n";

        Assert.Empty(Warnings(Machine + Pod + service));
        Assert.Equal(
            ["pod.yaml:27: warning: kind: 'VerticalPodAutoscaler' is not read, and what it changes is not modelled"],
            Warnings(With("Service", "VerticalPodAutoscaler", Machine + Pod + service)));
    }

    [Theory]
    [InlineData("500m", 50_000_000)]
    [InlineData("2", 200_000_000)]
    [InlineData("0.0001", 1_000_000)]
    public void A_CPU_limit_is_cpu_max(string cpu, long quotaNs) =>
        Assert.Equal(new CpuMaxSpec(quotaNs, 100_000_000), Assert.Single(Read(With("limits: { ", $"limits: {{ cpu: {cpu}, ")).Spec.Hosts[0].Cgroups).CpuMax);

    [Fact]
    public void A_kubelet_without_cpuCFSQuota_holds_nobody_to_a_CPU_limit() =>
        Assert.Null(Assert.Single(Read(Qos.Replace("featureGates: { MemoryQoS: true }", "cpuCFSQuota: false", StringComparison.Ordinal) + With("limits: { ", "limits: { cpu: 1, ")).Spec.Hosts[0].Cgroups).CpuMax);

    [Fact]
    public void Why_there_is_nothing_to_run_is_said_with_it()
    {
        var said = Assert.Throws<InputException>(() => Read(With("reclaim.dev/workloads", "reclaim.dev/work"))).Message.Split('\n');

        Assert.EndsWith("no workload: there is nothing to run", said[0], StringComparison.Ordinal);
        Assert.Contains(said[1..], line => line.Contains("warning: metadata: no annotation 'reclaim.dev/workloads'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("name: app\n", "name: app\n      resorces: {}\n", "pod.yaml:23: warning: spec.containers[0].resorces: unknown key, ignored; did you mean 'resources'?")]
    [InlineData("limits: { ", "limits: { memmory: 1, ", "pod.yaml:24: warning: spec.containers[0].resources.limits.memmory: unknown resource, ignored")]
    [InlineData("limits: { ", "limits: { hugepages-2Mi: 4Mi, ", "pod.yaml:24: warning: spec.containers[0].resources.limits.hugepages-2Mi: has no effect: not in this version: huge pages")]
    [InlineData("  containers:", "  volumes: [ { name: v, emptyDir: { medium: Memory } } ]\n  containers:", "pod.yaml:21: warning: spec.volumes[0].emptyDir.medium: has no effect: not in this version: shared memory")]
    public void What_would_matter_and_does_nothing_is_warned_of(string was, string written, string said) =>
        Assert.Contains(Warnings(With(was, written)), warning => warning.StartsWith(said, StringComparison.Ordinal));

    [Fact]
    public void A_container_that_does_nothing_is_left_out_with_a_warning()
    {
        var text = With("          log:\n", "", Machine + Two);

        Assert.Equal(["/kubepods/burstable/pod-web-1/app", "/kubepods/burstable/pod-web-2/app"], Cgroups(text).Select(cgroup => cgroup.Path));
        Assert.Equal(["pod.yaml:29: warning: spec.template.spec.containers[1].name: 'log' has no workloads in 'reclaim.dev/workloads': it is left out"], Warnings(text));
    }

    [Theory]
    [InlineData("memory: 64Mi", "memory: 64mi", "pod.yaml:24: spec.containers[0].resources.limits.memory: '64mi' is not a quantity (512Mi, 1.5G, 500m, or a plain number)")]
    [InlineData("memory: 64Mi", "memory: 8Mi", "pod.yaml:24: spec.containers[0].resources.requests.memory: 16M is more than the limit, 8M")]
    [InlineData("memory: 64Mi", "memory: 64Ki", "pod.yaml:24: spec.containers[0].resources.limits.memory: 64k is smaller than one round of reclaim, 64 pages (256k)")]
    [InlineData("acc: 5000", "acc: 0", "pod.yaml:19: metadata.annotations.reclaim.dev/workloads[0].pattern.acc: 0 is too small (at least 1)")]
    [InlineData("acc: 5000", "acc: 5000, acc: 6", "pod.yaml:19: metadata.annotations.reclaim.dev/workloads: acc: given twice (first in line 19)")]
    [InlineData("acc: 5000 }", "acc: 5000", "pod.yaml:19: metadata.annotations.reclaim.dev/workloads: not valid YAML")]
    [InlineData("- pattern:", "ap: [ ]\n      x:", "pod.yaml:19: metadata.annotations.reclaim.dev/workloads.ap: no container 'ap' that runs; did you mean 'app'?")]
    [InlineData("workloads: |\n      - pattern:", "workloads:\n      pattern:", "pod.yaml:18: metadata.annotations.reclaim.dev/workloads: must be text, written as a block: 'reclaim.dev/workloads: |'")]
    [InlineData("  containers:", "  containers:\n    - name: second", "pod.yaml:18: metadata.annotations.reclaim.dev/workloads: a list is for a pod of one container; this one has second, app: write a mapping, a list for each")]
    [InlineData("name: app\n      image: nginx", "image: nginx", "pod.yaml:22: spec.containers[0].name: missing: the container's name")]
    [InlineData("type: brd", "type: brt", "pod.yaml:10: data.scenario.host.devices.ram0.type: no device type 'brt'; did you mean 'brd'?")]
    [InlineData("seed: 3", "sede: 3", "pod.yaml:7: data.scenario.sede: unknown key; did you mean 'seed'?")]
    [InlineData("kind: Pod", "kind: Deployment", "pod.yaml:21: spec.template: missing: the pods are described there")]
    [InlineData("  name: web\n", "", "pod.yaml:15: metadata: metadata.name: missing")]
    [InlineData("scenario: |", "scenari: |", "pod.yaml:5: data.scenario: missing: a scenario without cgroups, as text: 'scenario: |'")]
    [InlineData("      nodes:", "      cgroups: {}\n      nodes:", "pod.yaml:9: data.scenario.host.cgroups: the cgroups are the containers of this file")]
    public void What_is_wrong_names_the_line_and_the_key_of_the_manifest(string right, string wrong, string said) =>
        Assert.Contains(Problems(With(right, wrong)), line => line.StartsWith(said, StringComparison.Ordinal));

    [Fact]
    public void Two_objects_whose_pods_have_one_name_are_refused()
    {
        Assert.Contains("pod.yaml:28: metadata: metadata.name: 'web' is the name of other pods in this file", Problems(Machine + Pod + "\n---\n" + Pod));
    }

    [Fact]
    public void A_file_where_nobody_says_what_pods_do_runs_nothing()
    {
        var text = With("    reclaim.dev/workloads: |\n      - pattern: { pattern: uniform, n: 1000, acc: 5000 }\n", "    a: b\n");

        Assert.Contains(Problems(text), line => line.EndsWith("no workload: there is nothing to run", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_model_says_of_a_replica_is_said_of_its_manifest()
    {
        var scenario = Read(Machine + Two);

        Assert.Equal((new Origin("pod.yaml", 30), "spec.template.spec.containers[1].resources.limits.memory"), scenario.Locate("hosts[0].cgroups./kubepods/burstable/pod-web-2/log.memory.max"));
        Assert.Equal((new Origin("pod.yaml", 26), "spec.template.metadata.annotations.reclaim.dev/workloads.log[0].pattern.n"), scenario.Locate("hosts[0].cgroups./kubepods/burstable/pod-web-2/log.workloads[0].pattern.n"));
    }
}
