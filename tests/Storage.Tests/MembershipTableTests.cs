using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Reclaim.Silo.Membership;
using Reclaim.Storage.Tests.Servers;

namespace Reclaim.Storage.Tests;

/// <summary>What the membership protocol needs of its table, held for the statements of <c>OrleansTables</c>.</summary>
public sealed class MembershipTableTests(MembershipTableTests.Database database) : IClassFixture<MembershipTableTests.Database>, IDisposable
{
    private static readonly DateTime Start = new(2026, 1, 31, 12, 30, 15, 250, DateTimeKind.Utc);

    private readonly List<IHost> hosts = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_that_is_entered_is_read_as_it_was()
    {
        var table = await TableAsync();
        Assert.True(await table.InsertRowAsync(Silo(1), Next(await table.ReadAllAsync(Cancellation)), Cancellation));

        var all = await table.ReadAllAsync(Cancellation);
        var row = await table.ReadRowAsync(Silo(1).SiloAddress, Cancellation);

        Assert.Equal(1, all.Version.Version);
        foreach (var read in new[] { Assert.Single(all.Members).Item1, Assert.Single(row.Members).Item1 })
        {
            Assert.Equal(Silo(1).SiloAddress, read.SiloAddress);
            Assert.Equal((SiloStatus.Joining, 30_001, "silo-1", "host"), (read.Status, read.ProxyPort, read.SiloName, read.HostName));
            Assert.Equal((Start, Start), (read.StartTime, read.IAmAliveTime));
        }
    }

    [Fact]
    public async Task Without_silos_there_is_a_version()
    {
        var table = await TableAsync();

        Assert.Empty((await table.ReadAllAsync(Cancellation)).Members);
        Assert.Empty((await table.ReadRowAsync(Silo(1).SiloAddress, Cancellation)).Members);
        Assert.Equal(0, (await table.ReadRowAsync(Silo(1).SiloAddress, Cancellation)).Version.Version);
    }

    [Fact]
    public async Task Whoever_read_an_older_version_changes_nothing()
    {
        var table = await TableAsync();
        var old = await table.ReadAllAsync(Cancellation);
        Assert.True(await table.InsertRowAsync(Silo(1), Next(old), Cancellation));

        Assert.False(await table.InsertRowAsync(Silo(2), Next(old), Cancellation));
        Assert.False(await ChangeAsync(table, Silo(1, SiloStatus.Dead), old));

        var now = await table.ReadAllAsync(Cancellation);
        Assert.Equal(1, now.Version.Version);
        Assert.Equal(SiloStatus.Joining, Assert.Single(now.Members).Item1.Status);
    }

    [Fact]
    public async Task A_silo_is_entered_once_and_changed_only_if_it_is_there()
    {
        var table = await TableAsync();
        Assert.True(await table.InsertRowAsync(Silo(1), Next(await table.ReadAllAsync(Cancellation)), Cancellation));

        Assert.False(await table.InsertRowAsync(Silo(1), Next(await table.ReadAllAsync(Cancellation)), Cancellation));
        Assert.False(await ChangeAsync(table, Silo(2), await table.ReadAllAsync(Cancellation)));

        Assert.Equal(1, (await table.ReadAllAsync(Cancellation)).Version.Version);
    }

    [Fact]
    public async Task A_change_carries_suspicions()
    {
        var table = await TableAsync();
        Assert.True(await table.InsertRowAsync(Silo(1), Next(await table.ReadAllAsync(Cancellation)), Cancellation));
        var suspected = Silo(1, SiloStatus.Active);
        suspected.SuspectTimes = [Tuple.Create(Silo(2).SiloAddress, Start)];

        Assert.True(await ChangeAsync(table, suspected, await table.ReadAllAsync(Cancellation)));

        var read = Assert.Single((await table.ReadAllAsync(Cancellation)).Members).Item1;
        Assert.Equal(SiloStatus.Active, read.Status);
        Assert.Equal(Tuple.Create(Silo(2).SiloAddress, Start), Assert.Single(read.SuspectTimes!));
    }

    [Fact]
    public async Task Being_alive_turns_no_version()
    {
        var table = await TableAsync();
        Assert.True(await table.InsertRowAsync(Silo(1), Next(await table.ReadAllAsync(Cancellation)), Cancellation));
        var alive = Silo(1);
        alive.IAmAliveTime = Start.AddSeconds(5);

        await table.UpdateIAmAliveAsync(alive, Cancellation);

        var now = await table.ReadAllAsync(Cancellation);
        Assert.Equal(Start.AddSeconds(5), Assert.Single(now.Members).Item1.IAmAliveTime);
        Assert.Equal(1, now.Version.Version);
    }

    [Fact]
    public async Task Only_dead_silos_are_forgotten_and_only_after_their_time()
    {
        var table = await TableAsync();
        foreach (var silo in new[] { Silo(1, SiloStatus.Dead), Silo(2, SiloStatus.Active), Silo(3, SiloStatus.Joining) })
        {
            Assert.True(await table.InsertRowAsync(silo, Next(await table.ReadAllAsync(Cancellation)), Cancellation));
        }

        await table.CleanupDefunctSiloEntriesAsync(Start, Cancellation);
        Assert.Equal(3, (await table.ReadAllAsync(Cancellation)).Members.Count);
        await table.CleanupDefunctSiloEntriesAsync(Start.AddSeconds(1), Cancellation);

        Assert.Equal([2, 3], (await table.ReadAllAsync(Cancellation)).Members.Select(member => member.Item1.SiloAddress.Generation).Order());
    }

    [Fact]
    public async Task Of_silos_that_come_at_once_each_turns_its_own_version()
    {
        var table = await TableAsync();

        await Task.WhenAll(Enumerable.Range(1, 8).Select(EnterAsync));

        var all = await table.ReadAllAsync(Cancellation);
        Assert.Equal(8, all.Version.Version);
        Assert.Equal(8, all.Members.Count);

        async Task EnterAsync(int number)
        {
            while (!await table.InsertRowAsync(Silo(number), Next(await table.ReadAllAsync(Cancellation)), Cancellation))
            {
                Cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    [Fact]
    public async Task Clusters_of_one_database_do_not_see_each_other()
    {
        var table = await TableAsync();
        var other = $"cluster-{Guid.NewGuid():N}";
        var others = await TableAsync(other);
        Assert.True(await table.InsertRowAsync(Silo(1), Next(await table.ReadAllAsync(Cancellation)), Cancellation));

        Assert.Empty((await others.ReadAllAsync(Cancellation)).Members);
        await others.DeleteMembershipTableEntriesAsync(other, Cancellation);

        Assert.Single((await table.ReadAllAsync(Cancellation)).Members);
    }

    public void Dispose() => hosts.ForEach(host => host.Dispose());

    private Task<IMembershipTable> TableAsync() => TableAsync($"cluster-{Guid.NewGuid():N}");

    private async Task<IMembershipTable> TableAsync(string cluster)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
        {
            silo.UseServerMembership(ServerMembership.PostgreSql, database.Connection);
            silo.Configure<ClusterOptions>(names => (names.ClusterId, names.ServiceId) = (cluster, "reclaim"));
        });
        hosts.Add(builder.Build());
        var table = hosts[^1].Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(true, Cancellation);
        return table;
    }

    private static Task<bool> ChangeAsync(IMembershipTable table, MembershipEntry silo, MembershipTableData read) =>
        table.UpdateRowAsync(silo, read.Version.VersionEtag, Next(read), Cancellation);

    private static TableVersion Next(MembershipTableData read) => read.Version.Next();

    private static MembershipEntry Silo(int number, SiloStatus status = SiloStatus.Joining) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, 11_000 + number, number),
        Status = status,
        SiloName = $"silo-{number}",
        HostName = "host",
        ProxyPort = 30_000 + number,
        StartTime = Start,
        IAmAliveTime = Start,
    };

    /// <summary>A database with the tables.</summary>
    public sealed class Database : IAsyncLifetime
    {
        private readonly PostgresServer server = new();

        /// <summary>Far from Greenwich: times come back as they went.</summary>
        public string Connection => server.Connection + ";Timezone=Asia/Tokyo";

        public async ValueTask InitializeAsync()
        {
            await server.StartAsync();
            await ServerMembership.PrepareAsync(ServerMembership.PostgreSql, Connection);
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
