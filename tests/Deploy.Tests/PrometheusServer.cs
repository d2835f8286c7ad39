using System.Text.Json;
using Reclaim.Storage.Tests.Servers;

namespace Reclaim.Deploy.Tests;

/// <summary>Prometheus with the configuration of compose.yaml's, which scrapes one silo, and sooner.</summary>
/// <param name="target">Address and HTTP port of the silo.</param>
internal sealed class PrometheusServer(string target) : LocalServer
{
    private const string Silos = "[ \"172.30.55.11:8080\", \"172.30.55.12:8080\", \"172.30.55.13:8080\" ]";

    public override string Connection => $"http://127.0.0.1:{Port}";

    protected override string Package => "prometheus";

    protected override string Ready => "Server is ready to receive web requests";

    protected override string? Find() => OnPath("prometheus");

    /// <summary>Asks.</summary>
    /// <returns>How many series the answer has.</returns>
    public async Task<int> CountAsync(HttpClient http, string query, CancellationToken cancellation)
    {
        var answer = await http.GetStringAsync(new Uri($"{Connection}/api/v1/query?query={Uri.EscapeDataString(query)}"), cancellation);
        using var json = JsonDocument.Parse(answer);
        return json.RootElement.GetProperty("data").GetProperty("result").GetArrayLength();
    }

    protected override async Task<string[]> CommandAsync()
    {
        var configuration = Repository.Read("deploy", "prometheus", "prometheus.yml");
        Assert.Contains(Silos, configuration, StringComparison.Ordinal);
        var file = Path.Combine(Folder, "prometheus.yml");
        await File.WriteAllTextAsync(
            file,
            configuration.Replace(Silos, $"[ \"{target}\" ]", StringComparison.Ordinal)
                .Replace("_interval: 5s", "_interval: 1s", StringComparison.Ordinal)
                .Replace("rules.yml", Repository.Path("deploy", "prometheus", "rules.yml"), StringComparison.Ordinal));
        return [Find()!, $"--config.file={file}", $"--storage.tsdb.path={Path.Combine(Folder, "data")}", $"--web.listen-address=127.0.0.1:{Port}"];
    }
}
