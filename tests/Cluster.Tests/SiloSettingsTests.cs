using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Reclaim.Cluster.Tests;

/// <summary>A silo whose configuration is wrong does not start, and says in one line what is wrong with which key.</summary>
public sealed class SiloSettingsTests
{
    [Theory]
    [InlineData(2, "--Listen:SiloProt: no such key; did you mean 'Reclaim:Listen:SiloPort'?", "--Listen:SiloProt", "1")]
    [InlineData(2, "up: not an option; options are --KEY VALUE or --KEY=VALUE", "up")]
    [InlineData(2, "--Name: has no value", "--Name")]
    [InlineData(2, "Reclaim:Listen:HttpPort: '99999' must be a whole number from 0 to 65535 (a port; 0: any that is free)", "--Listen:HttpPort", "99999")]
    [InlineData(2, "Reclaim:Listen:GatewayPort: 7001 is Reclaim:Listen:SiloPort already", "--Listen:SiloPort", "7001", "--Listen:GatewayPort", "7001")]
    [InlineData(2, "Reclaim:Listen:Address: 'here' is not an IP address", "--Listen:Address", "here")]
    [InlineData(2, "Reclaim:Listen:Advertise: needed with Listen:Address 0.0.0.0: the address at which others reach this silo", "--Listen:Address", "0.0.0.0")]
    [InlineData(2, "Reclaim:Storage:Kind: no kind 'redsi'; did you mean 'redis'?", "--Storage:Kind", "redsi")]
    [InlineData(2, "Reclaim:Storage:Connection: missing; kind 'redis' needs it", "--Storage:Kind", "redis")]
    [InlineData(2, "Reclaim:Membership:Connection: not used by kind 'localhost': remove it", "--Membership:Connection", "127.0.0.1:1")]
    [InlineData(2, "Reclaim:Checkpoint:EverySeconds: 'often' must be a number from 0 to 86400 (seconds; 0: only when a host moves)", "--Checkpoint:EverySeconds", "often")]
    [InlineData(2, "Reclaim:Checkpoint:EveryVirtualSeconds: remove it, or Reclaim:Checkpoint:EverySeconds: ", "--Checkpoint:EverySeconds", "1", "--Checkpoint:EveryVirtualSeconds", "1")]
    [InlineData(2, "Reclaim:Checkpoint:MostPercent: '0' must be a number from 0.01 to 100 (percent)", "--Checkpoint:MostPercent", "0")]
    [InlineData(2, "Reclaim:Telemetry:Prometheus: 'on' must be true or false", "--Telemetry:Prometheus", "on")]
    [InlineData(2, "Reclaim:Telemetry:Otlp: 'collector:4317' is no URL of a collector: http://HOST:PORT or https://…", "--Telemetry:Otlp", "collector:4317")]
    [InlineData(2, "Reclaim:Telemetry:OtlpProtocol: no protocol 'http/json': grpc or http/protobuf", "--Telemetry:Otlp", "http://127.0.0.1:1", "--Telemetry:OtlpProtocol", "http/json")]
    [InlineData(2, "Reclaim:Telemetry:Console: 'on' must be true or false", "--Telemetry:Console", "on")]
    [InlineData(2, "Reclaim:Telemetry:StepsPerSpan: '-1' must be a whole number from 0 to 1000000000 (steps; 0: none is a span)", "--Telemetry:StepsPerSpan", "-1")]
    [InlineData(2, "Reclaim:Tls:Key: missing; needed with Reclaim:Tls:Certificate", "--Tls:Certificate", "silo.pem")]
    [InlineData(1, "Reclaim:Storage:Connection: no Redis server answers at 127.0.0.1:1: ", "--Storage:Kind", "redis", "--Storage:Connection", "127.0.0.1:1,password=not-to-be-seen")]
    [InlineData(1, "Reclaim:Membership:Connection: no PostgreSQL database to be used at 127.0.0.1:1: ", "--Membership:Kind", "postgresql", "--Membership:Connection", "Host=127.0.0.1;Port=1;Password=not-to-be-seen")]
    public async Task What_is_wrong_is_said_with_its_key(int status, string line, params string[] arguments)
    {
        await using var cluster = new ClusterFolder();

        await RefusedAsync(cluster, status, line, arguments);
    }

    [Fact]
    public async Task A_variable_is_told_of_as_the_key_that_it_sets()
    {
        await using var cluster = new ClusterFolder();
        cluster.Program.Environment["Reclaim__Storage__Floder"] = "/tmp";

        await RefusedAsync(cluster, 2, "Reclaim:Storage:Floder: no such key; did you mean 'Reclaim:Storage:Folder'?");
    }

    [Fact]
    public async Task So_is_one_that_all_programs_have_that_send_to_a_collector()
    {
        await using var cluster = new ClusterFolder();
        cluster.Program.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1";
        cluster.Program.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/json";

        await RefusedAsync(cluster, 2, "OTEL_EXPORTER_OTLP_PROTOCOL: no protocol 'http/json': grpc or http/protobuf");
    }

    [Theory]
    [InlineData("Silo")]
    [InlineData("Gateway")]
    [InlineData("Http")]
    public async Task A_port_that_somebody_has_is_named(string port)
    {
        await using var cluster = new ClusterFolder();
        using var somebody = new TcpListener(IPAddress.Loopback, 0);
        somebody.Start();

        await RefusedAsync(
            cluster, 1, $"the silo could not start: somebody listens at {somebody.LocalEndpoint} already",
            $"--Listen:{port}Port", ((IPEndPoint)somebody.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Silos share ports with whoever does not mind, and one that had another's would take its place in the membership.</summary>
    [Fact]
    public async Task A_silo_does_not_take_the_port_of_one_that_works()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 1);
        var first = await cluster.Program.SilosAsync();
        var port = (await File.ReadAllLinesAsync(Directory.GetFiles(cluster.Program.Folder, "silo-*.log").Single(), TestContext.Current.CancellationToken))
            .Select(line => Regex.Match(line, "^silo: silo-1 at 127.0.0.1:([0-9]+),")).Single(match => match.Success).Groups[1].Value;

        await RefusedAsync(cluster, 1, $"the silo could not start: somebody listens at 127.0.0.1:{port} already", "--Listen:SiloPort", port);

        Assert.Equal(first, await cluster.Program.SilosAsync());
    }

    private static async Task RefusedAsync(ClusterFolder cluster, int status, string line, params string[] arguments)
    {
        using var silo = cluster.Program.StartSilo(arguments);
        var said = await ReclaimProgram.EndAsync(silo);

        Assert.StartsWith(line, said.Error, StringComparison.Ordinal);
        Assert.Equal(status, said.Status);
        Assert.Single(said.Error.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("not-to-be-seen", said.Output + said.Error, StringComparison.Ordinal);
    }
}
