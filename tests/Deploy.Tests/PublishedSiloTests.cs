using Reclaim.Storage.Tests;
using Reclaim.Storage.Tests.Servers;

namespace Reclaim.Deploy.Tests;

/// <summary>The silos of compose.yaml, published and started as their image would be, with a Redis that is started here.</summary>
[Collection("environment of this process")]
public sealed class PublishedSiloTests(PublishedSiloTests.Published published) : IClassFixture<PublishedSiloTests.Published>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_silos_of_compose_become_ready_find_each_other_and_end_in_order()
    {
        await using var redis = new RedisServer();
        await redis.StartAsync();
        using var http = new HttpClient();
        var environments = ComposeTests.SiloEnvironments.Select(environment => OnThisMachine(environment, redis)).ToArray();
        var silos = environments.Select(environment => new PublishedSilo(published.Folder, environment)).ToArray();
        try
        {
            await Task.WhenAll(silos.Select(silo => silo.StartedAsync(Cancellation)));
            foreach (var silo in silos)
            {
                Assert.True(await silo.IsHealthyAsync(Cancellation), silo.Said);
                Assert.DoesNotContain(RedisServer.Password, silo.Said, StringComparison.Ordinal);
                Assert.Contains("membership: redis", silo.Said, StringComparison.Ordinal);
                Assert.Contains("storage: redis", silo.Said, StringComparison.Ordinal);
            }

            var ready = new Uri($"http://{environments[0]["Reclaim__Listen__Address"]}:{Dockerfile.Parse().Environment["Reclaim__Listen__HttpPort"]}/health/ready");
            string known;
            while ((known = await http.GetStringAsync(ready, Cancellation)) != "ready, silos: 3\n")
            {
                Assert.StartsWith("ready, silos: ", known, StringComparison.Ordinal);
                await Task.Delay(50, Cancellation);
            }

            Assert.All(await Task.WhenAll(silos.Select(silo => silo.TerminateAsync(Cancellation))), status => Assert.Equal(0, status));
            Assert.False(await silos[0].IsHealthyAsync(Cancellation));
        }
        finally
        {
            Array.ForEach(silos, silo => silo.Dispose());
        }
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
            ["Reclaim__Listen__Address"] = "127.30.55.20",
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

    /// <summary>The addresses of compose's network as ones of the loopback interface, and Redis where it is.</summary>
    private static Dictionary<string, string> OnThisMachine(IReadOnlyDictionary<string, string> environment, RedisServer redis) => environment.ToDictionary(
        variable => variable.Key,
        variable => variable.Value.StartsWith("redis:", StringComparison.Ordinal) ? redis.Connection
            : variable.Value.StartsWith("172.", StringComparison.Ordinal) ? "127." + variable.Value[4..]
            : variable.Value);

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
