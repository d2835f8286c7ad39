using System.Text.Json;

namespace Reclaim.Cluster.Tests;

/// <summary>Silos and clients that show each other certificates of one authority, and what happens to those that cannot.</summary>
public sealed class TlsTests(Fleet fleet)
{
    private static readonly string[] SiloUse = [Certificates.ServerUse, Certificates.ClientUse];

    [Fact]
    public async Task Silos_and_clients_whom_the_authority_has_signed_work_together_and_others_are_refused()
    {
        using var certificates = new Certificates();
        using var others = new Certificates();
        certificates.Write("silo", SiloUse, between: true);
        certificates.Write("client", [Certificates.ClientUse]);
        others.Write("stranger", SiloUse);
        await using var cluster = new ClusterFolder();
        var reclaim = cluster.Program;
        certificates.Set(reclaim.Environment, "silo");
        await reclaim.RunAsync("silo", "up", "--silos", "2");

        certificates.Set(reclaim.Environment, "client");
        using var results = JsonDocument.Parse(await reclaim.RunAsync("run", fleet.Scenario, "--cluster", "local", "--json", "--quiet"));
        Assert.Equal(fleet.Digest, results.RootElement.GetProperty("digest").GetString());

        // One who believes the silos, and whom they do not believe.
        others.Set(reclaim.Environment, "stranger");
        await File.AppendAllTextAsync(others.Authority, await File.ReadAllTextAsync(certificates.Authority, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        await RefusedAsync(reclaim, 1, "does not believe the certificate of this client (CN=stranger, until ");

        // One who does not believe them.
        using var alone = new Certificates();
        alone.Write("client", [Certificates.ClientUse]);
        alone.Set(reclaim.Environment, "client");
        await RefusedAsync(reclaim, 1, "the certificate of the silo at ");

        foreach (var variable in reclaim.Environment.Keys.Where(variable => variable.StartsWith("RECLAIM_TLS", StringComparison.Ordinal)).ToList())
        {
            reclaim.Environment.Remove(variable);
        }

        await RefusedAsync(reclaim, 1, "the cluster at local encrypts its connections: clients need RECLAIM_TLS_CERTIFICATE, RECLAIM_TLS_KEY, RECLAIM_TLS_AUTHORITY");
    }

    [Theory]
    [InlineData("missing", "Certificate", "missing.pem: no such file")]
    [InlineData("empty", "Certificate", "empty.pem: has no certificate (PEM)")]
    [InlineData("unlike", "Key", "unlike.key: not the private key of ")]
    [InlineData("expired", "Certificate", "expired.pem: has expired on ")]
    [InlineData("early", "Certificate", "early.pem: is not valid before ")]
    [InlineData("stranger", "Certificate", "stranger.pem: is not signed by ")]
    [InlineData("client", "Certificate", "client.pem: must be for server authentication (extended key usage)")]
    public async Task A_silo_does_not_start_with_what_nobody_would_believe(string name, string key, string why)
    {
        using var certificates = new Certificates();
        using var others = new Certificates();
        await WriteAllAsync(certificates, others);
        await using var cluster = new ClusterFolder();
        certificates.Set(cluster.Program.Environment, name);

        using var silo = cluster.Program.StartSilo();
        var said = await ReclaimProgram.EndAsync(silo);

        Assert.StartsWith($"Reclaim:Tls:{key}: ", said.Error, StringComparison.Ordinal);
        Assert.Contains(why, said.Error, StringComparison.Ordinal);
        Assert.Single(said.Error.TrimEnd('\n').Split('\n'));
        Assert.Equal(2, said.Status);
    }

    [Fact]
    public async Task A_client_is_told_by_the_variable_what_is_wrong_with_its_certificate()
    {
        using var certificates = new Certificates();
        certificates.Write("expired", [Certificates.ClientUse], (-5, -1));
        await using var cluster = new ClusterFolder();
        certificates.Set(cluster.Program.Environment, "expired");

        await RefusedAsync(cluster.Program, 2, $"RECLAIM_TLS_CERTIFICATE: {certificates.PathOf("expired.pem")}: has expired on ");
    }

    private static async Task RefusedAsync(ReclaimProgram reclaim, int status, string why)
    {
        var said = await reclaim.SayAsync("status");
        Assert.Contains(why, said.Error, StringComparison.Ordinal);
        Assert.Equal(status, said.Status);
        Assert.Single(said.Error.TrimEnd('\n').Split('\n'));
    }

    private static async Task WriteAllAsync(Certificates certificates, Certificates others)
    {
        foreach (var (name, usages, days) in ((string, string[], (int, int)?)[])[("unlike", SiloUse, null), ("expired", SiloUse, (-5, -1)), ("early", SiloUse, (1, 5)), ("client", [Certificates.ClientUse], null), ("empty", SiloUse, null)])
        {
            certificates.Write(name, usages, days);
        }

        others.Write("stranger", SiloUse);
        foreach (var file in (string[])["stranger.pem", "stranger.key"])
        {
            File.Copy(others.PathOf(file), certificates.PathOf(file));
        }

        File.Copy(others.PathOf("stranger.key"), certificates.PathOf("unlike.key"), overwrite: true);
        await File.WriteAllTextAsync(certificates.PathOf("empty.pem"), "nothing", TestContext.Current.CancellationToken);
    }
}
