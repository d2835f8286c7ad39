using System.Net;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting.Kubernetes;
using Reclaim.Silo.Hosting;
using Reclaim.Silo.Membership;

namespace Reclaim.Deploy.Tests;

/// <summary>Two silos as pods of the deployment, and a Kubernetes that consists of these two pods.</summary>
[Collection("environment of this process")]
public sealed class KubernetesPodsTests : IAsyncLifetime
{
    private static readonly V1Deployment Deployment = KubernetesYaml.LoadAllFromString(Repository.Read("deploy", "kubernetes", "silos.yaml")).OfType<V1Deployment>().Single();

    private static readonly V1Role Role = KubernetesYaml.LoadAllFromString(Repository.Read("deploy", "kubernetes", "access.yaml")).OfType<V1Role>().Single();

    private readonly PodsOnly kubernetes = new(["pod-a", "pod-b"], Deployment.Spec.Template.Metadata.Labels);
    private readonly ReservedPorts ports = ReservedPorts.Take(IPAddress.Loopback, 0, 0);
    private IHost? first;
    private IHost? second;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        first = await StartAsync("pod-a", ports.Numbers[0]);
        second = await StartAsync("pod-b", ports.Numbers[1]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in new[] { second, first })
        {
            await (silo?.StopAsync(new CancellationToken(canceled: true)) ?? Task.CompletedTask);
            silo?.Dispose();
        }

        BePod(null);
        ports.Dispose();
        kubernetes.Dispose();
    }

    [Fact]
    public async Task A_silo_whose_pod_is_deleted_is_dead_and_the_role_allows_all_that_it_takes()
    {
        var members = first!.Services.GetRequiredService<IClusterMembershipService>();
        Assert.Equal(["pod-a", "pod-b"], members.CurrentSnapshot.Members.Values.Select(member => member.Name).Order(StringComparer.Ordinal));
        await kubernetes.Watched.WaitAsync(Cancellation);

        kubernetes.Delete("pod-b");

        await foreach (var update in members.MembershipUpdates.WithCancellation(Cancellation))
        {
            if (update.Members.Values.Single(member => member.Name == "pod-b").Status == SiloStatus.Dead)
            {
                break;
            }
        }

        Assert.Equal(["get", "list", "watch"], kubernetes.Verbs.Order(StringComparer.Ordinal));
        Assert.All(kubernetes.Verbs, verb => Assert.Contains(verb, Role.Rules.Single().Verbs));
    }

    /// <summary>What a pod of the deployment finds in its environment; null takes it away.</summary>
    private static void BePod(string? name)
    {
        Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_HOST", name is null ? null : "127.0.0.1");
        Environment.SetEnvironmentVariable("POD_NAMESPACE", name is null ? null : "reclaim");
        Environment.SetEnvironmentVariable("POD_NAME", name);
    }

    private async Task<IHost> StartAsync(string pod, int port)
    {
        BePod(pod);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleans(silo =>
        {
            silo.UseDevelopmentClustering(new IPEndPoint(IPAddress.Loopback, ports.Numbers[0]));
            silo.UseKubernetesPods();
            silo.Services.Configure<KubernetesHostingOptions>(options =>
                options.GetClientConfiguration = () => new KubernetesClientConfiguration { Host = kubernetes.Address });
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) =
                (Deployment.Spec.Template.Metadata.Labels["orleans/clusterId"], Deployment.Spec.Template.Metadata.Labels["orleans/serviceId"]));
            silo.Configure<EndpointOptions>(endpoint =>
                (endpoint.AdvertisedIPAddress, endpoint.SiloPort, endpoint.GatewayPort) = (IPAddress.Loopback, port, 0));
        });
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }
}
