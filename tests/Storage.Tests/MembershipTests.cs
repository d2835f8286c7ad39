using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Reclaim.Silo.Hosting;
using Reclaim.Silo.Membership;
using Reclaim.Silo.Storage;
using Reclaim.Storage.Tests.Servers;

namespace Reclaim.Storage.Tests;

/// <summary>Silos find each other, and clients find silos, through a server.</summary>
public class MembershipTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silos_and_clients_meet_in_Redis()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        await MeetAsync(ServerMembership.Redis, server.Connection);
    }

    [Fact]
    public async Task Silos_and_clients_meet_in_PostgreSQL()
    {
        await using var server = new PostgresServer();
        await server.StartAsync();
        await MeetAsync(ServerMembership.PostgreSql, server.Connection);
    }

    [Theory]
    [InlineData(ServerMembership.Redis, "127.0.0.1:1,password=hunter2-secret")]
    [InlineData(ServerMembership.PostgreSql, "Host=127.0.0.1;Port=1;Password=hunter2-secret")]
    public async Task A_server_that_does_not_answer_is_told_before_a_silo_starts(string kind, string connection)
    {
        var refused = await Assert.ThrowsAsync<StoreUnreachableException>(() => ServerMembership.PrepareAsync(kind, connection, Cancellation));

        Assert.Contains("Reclaim:Membership:Connection", refused.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2-secret", refused.ToString(), StringComparison.Ordinal);
    }

    private static async Task MeetAsync(string kind, string connection)
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ServerMembership.PrepareAsync(kind, connection, Cancellation)));
        using var ports = ReservedPorts.Take(IPAddress.Loopback, 0, 0, 0, 0);
        using var first = Silo(kind, connection, ports.Numbers[0], ports.Numbers[1]);
        using var second = Silo(kind, connection, ports.Numbers[2], ports.Numbers[3]);
        using var client = Client(kind, connection);
        await Task.WhenAll(first.StartAsync(Cancellation), second.StartAsync(Cancellation));
        await client.StartAsync(Cancellation);
        var cluster = client.Services.GetRequiredService<IClusterClient>().GetGrain<IManagementGrain>(0);

        Assert.Equal(2, (await cluster.GetHosts(onlyActive: true)).Count);

        await first.StopAsync(Cancellation);
        Assert.Single(await cluster.GetHosts(onlyActive: true));
        await client.StopAsync(Cancellation);
        await second.StopAsync(Cancellation);
    }

    private static IHost Silo(string kind, string connection, int port, int gateway) => Host(builder => builder.UseOrleans(silo =>
    {
        silo.UseServerMembership(kind, connection);
        silo.Configure<ClusterOptions>(Names);
        silo.Configure<EndpointOptions>(endpoint => (endpoint.AdvertisedIPAddress, endpoint.SiloPort, endpoint.GatewayPort) = (IPAddress.Loopback, port, gateway));
    }));

    private static IHost Client(string kind, string connection) => Host(builder => builder.UseOrleansClient(client =>
    {
        client.UseServerMembership(kind, connection);
        client.Configure<ClusterOptions>(Names);
    }));

    private static void Names(ClusterOptions cluster) => (cluster.ClusterId, cluster.ServiceId) = ("test", "reclaim");

    private static IHost Host(Action<HostApplicationBuilder> configure)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        configure(builder);
        return builder.Build();
    }
}
