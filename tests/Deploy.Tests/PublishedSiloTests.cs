using System.Text.RegularExpressions;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;
using Reclaim.Silo.Remote;
using Reclaim.Storage.Tests;
using Reclaim.Storage.Tests.Servers;

namespace Reclaim.Deploy.Tests;

/// <summary>The silos of compose.yaml, published and started as their image would be, with servers that are started here.</summary>
[Collection("environment of this process")]
public sealed partial class PublishedSiloTests(PublishedSiloTests.Published published) : IClassFixture<PublishedSiloTests.Published>
{
    private const int Hosts = 9;
    private const long Accesses = Hosts * 700_000L;

    /// <summary>Hosts enough for every silo to have some, each with a memcg that reclaims a lot.</summary>
    private static readonly RunSpec Fleet = new()
    {
        Scenario = "fleet",
        Hosts =
        [
            .. Enumerable.Range(0, Hosts).Select(host => new HostSpec
            {
                Name = $"host{host}",
                Nodes = [new NodeSpec(1L << 30)],
                Devices = [new DeviceSpec { Name = "ram0", Type = "brd" }],
                Cgroups =
                [
                    new CgroupSpec
                    {
                        Path = "/bench",
                        MemoryMax = 16 << 20,
                        Workloads = [new PatternSpec { Name = "reads", Device = "ram0", Pattern = "zipf", Theta = 0.5, N = 16384, Acc = Accesses / Hosts, Seed = (ulong)host + 1 }],
                    },
                ],
            }),
        ],
    };

    /// <summary>The digest that it comes to.</summary>
    private static readonly Lazy<Task<string>> Reference = new(ReferenceAsync);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_silos_of_compose_find_each_other_in_Redis_and_a_run_outlives_one_of_them()
    {
        await using var redis = new RedisServer();
        await redis.StartAsync();

        await OutliveAsync(ComposeTests.SiloEnvironments.Select(environment => OnThisMachine(environment, "redis", redis.Connection)), RedisServer.Password);
    }

    [Fact]
    public async Task The_same_silos_find_each_other_in_PostgreSQL_and_a_run_outlives_one_of_them()
    {
        await using var postgres = new PostgresServer();
        await postgres.StartAsync();

        await OutliveAsync(ComposeTests.SiloEnvironments.Select(environment => OnThisMachine(environment, "postgresql", postgres.Connection)), PostgresServer.Password);
    }

    [Fact]
    public async Task A_silo_whose_store_is_away_is_not_ready_until_it_is_back()
    {
        await using var redis = new RedisServer();
        await redis.StartAsync();
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_111_111);
        var environment = new Dictionary<string, string>
        {
            ["Reclaim__Listen__Address"] = Network + "20",
            ["Reclaim__Membership__Folder"] = folder.Path,
            ["Reclaim__Storage__Kind"] = "redis",
            ["Reclaim__Storage__Connection"] = redis.Connection,
        };
        using var silo = new PublishedSilo(published.Folder, environment);
        await silo.StartedAsync(Cancellation);
        Assert.True(await silo.IsHealthyAsync(Cancellation), silo.Said);

        await redis.KillAsync();
        Assert.False(await silo.IsHealthyAsync(Cancellation));
        await redis.StartAsync();
        while (!await silo.IsHealthyAsync(Cancellation))
        {
            Cancellation.ThrowIfCancellationRequested();
        }

        Assert.Equal(0, await silo.TerminateAsync(Cancellation));
    }

    [Theory]
    [InlineData("Reclaim__Storage__Connection", "127.0.0.1:1,password=hunter2-secret", "Reclaim:Storage:Connection: no Redis server answers at 127.0.0.1:1", 1)]
    [InlineData("Reclaim__Storage__Connection", "127.0.0.1:1,passwrod=hunter2-secret", "Reclaim:Storage:Connection: not what StackExchange.Redis takes", 2)]
    [InlineData("Reclaim__Storage__Conection", "hunter2-secret", "Reclaim:Storage:Conection: no such key", 2)]
    public async Task A_silo_that_cannot_start_says_why_in_a_line(string variable, string value, string why, int status)
    {
        var environment = new Dictionary<string, string> { ["Reclaim__Storage__Kind"] = "redis", ["Reclaim__Storage__Connection"] = "127.0.0.1:1", [variable] = value };
        using var silo = new PublishedSilo(published.Folder, environment);

        Assert.Equal(status, await silo.EndedAsync(Cancellation));

        Assert.Contains(why, silo.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2-secret", silo.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", silo.Said, StringComparison.Ordinal);
    }

    /// <summary>Silos become ready and know each other; a run comes to its digest although one of them is killed; the others end in order.</summary>
    private async Task OutliveAsync(IEnumerable<Dictionary<string, string>> settings, string password)
    {
        var environments = settings.ToArray();
        var addresses = environments.Select(environment => environment["Reclaim__Listen__Address"]).ToArray();
        var silos = environments.Select(environment => new PublishedSilo(published.Folder, environment)).ToArray();
        try
        {
            await Task.WhenAll(silos.Select(silo => silo.StartedAsync(Cancellation)));
            foreach (var silo in silos)
            {
                Assert.True(await silo.IsHealthyAsync(Cancellation), silo.Said);
                Assert.DoesNotContain(password, silo.Said, StringComparison.Ordinal);
            }

            await AllKnownAsync(addresses);
            var digest = await RunAsync(addresses, kill: silos[1]);
            Assert.Equal(await Reference.Value, digest);

            PublishedSilo[] left = [silos[0], silos[2]];
            Assert.All(await Task.WhenAll(left.Select(silo => silo.TerminateAsync(Cancellation))), status => Assert.Equal(0, status));
            Assert.False(await left[0].IsHealthyAsync(Cancellation));
        }
        finally
        {
            Array.ForEach(silos, silo => silo.Dispose());
        }
    }

    private static async Task AllKnownAsync(string[] addresses)
    {
        using var http = new HttpClient();
        foreach (var address in addresses)
        {
            var ready = new Uri($"http://{address}:{Dockerfile.Parse().Environment["Reclaim__Listen__HttpPort"]}/health/ready");
            for (string known; (known = await http.GetStringAsync(ready, Cancellation)) != $"ready, silos: {addresses.Length}\n";)
            {
                Assert.StartsWith("ready, silos: ", known, StringComparison.Ordinal);
                await Task.Delay(50, Cancellation);
            }
        }
    }

    /// <summary>Runs the fleet there, and kills a silo on the way.</summary>
    /// <returns>The digest.</returns>
    private static async Task<string> RunAsync(string[] addresses, PublishedSilo kill)
    {
        var port = Dockerfile.Parse().Environment["Reclaim__Listen__GatewayPort"];
        Assert.Null(ClusterAddress.TryParse(string.Join(',', addresses.Select(address => $"{address}:{port}")), out var address));
        await using var cluster = await RemoteCluster.ConnectAsync(address!, cancellation: Cancellation);
        await using var run = await cluster.CreateAsync(Fleet, Cancellation);
        await run.StartAsync();
        while ((await run.ProgressAsync()).Accesses < Accesses / 10)
        {
            await Task.Delay(20, Cancellation);
        }

        kill.Kill();
        Assert.Equal(RunPhase.Running, (await run.ProgressAsync()).Phase);
        await run.WaitAsync(Cancellation);
        var results = await run.ResultsAsync();
        Assert.True(results.Complete);
        return results.Digest;
    }

    private static async Task<string> ReferenceAsync()
    {
        await using var place = RunHosts.Sequential();
        await using var run = await place.CreateAsync(Fleet);
        await run.StartAsync();
        await run.WaitAsync();
        return (await run.ResultsAsync()).Digest;
    }

    /// <summary>Addresses of the loopback interface that no other test has, on which the image's ports are free.</summary>
    private string Network { get; } = $"127.{Random.Shared.Next(1, 255)}.{Random.Shared.Next(1, 255)}.";

    /// <summary>The addresses of compose's network as ones of the loopback interface, and the server where it is.</summary>
    private Dictionary<string, string> OnThisMachine(IReadOnlyDictionary<string, string> environment, string kind, string connection) => environment.ToDictionary(
        variable => variable.Key,
        variable => variable.Key.EndsWith("Kind", StringComparison.Ordinal) ? kind
            : variable.Key.EndsWith("Connection", StringComparison.Ordinal) ? connection
            : DefaultOfVariable().Replace(variable.Value, "$1").Replace("172.30.55.", Network, StringComparison.Ordinal));

    /// <summary>What compose puts for a variable that nobody has set.</summary>
    [GeneratedRegex(@"\$\{\w+:-([^}]*)\}")]
    private static partial Regex DefaultOfVariable();

    /// <summary>The silo, published as the Dockerfile does it (it is built already).</summary>
    public sealed class Published : IAsyncLifetime
    {
        private readonly TemporaryFolder folder = new();

        public string Folder => folder.Path;

        public async ValueTask InitializeAsync()
        {
            var arguments = Dockerfile.Parse().Publish.Select(argument => argument == "/app" ? Folder : argument);
            var (status, output) = await Repository.RunAsync("dotnet", [.. arguments, "--no-build"]);
            Assert.True(status == 0, output);

            // For the user of the image.
            File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        }

        public ValueTask DisposeAsync()
        {
            folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
