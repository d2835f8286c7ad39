using System.Text.Json;
using Reclaim.Cluster.Tests;

[assembly: AssemblyFixture(typeof(Fleet))]

namespace Reclaim.Cluster.Tests;

/// <summary>What runs meanwhile: four machines with two containers each, for some seconds.</summary>
public sealed class Fleet : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("reclaim-fleet-").FullName;

    /// <summary>Hosts of the fleet.</summary>
    public const int Hosts = 4;

    /// <summary>Path of the scenario.</summary>
    public string Scenario { get; private set; } = "";

    /// <summary>The digest that it comes to in one thread, without silos.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>Options with which it does not end by itself while a test lasts.</summary>
    public static IReadOnlyList<string> Long { get; } =
    [
        "--set", "hosts[0].cgroups.web.workloads[0].pattern.acc=4000000000", "--set", "hosts[0].cgroups.db.workloads[0].pattern.acc=4000000000",
    ];

    public async ValueTask InitializeAsync()
    {
        Scenario = Path.Combine(folder, "fleet.yaml");
        await File.WriteAllTextAsync(Scenario, $$"""
            schema: reclaim/1
            name: fleet
            kernel: { variant: v6.12.117 }
            hosts:
              - count: {{Hosts}}
                name: node
                nodes: [ { memory: 64M } ]
                devices: { disk: { type: nvme } }
                cgroups:
                  web: { memory.max: 16M, workloads: [ { pattern: { pattern: zipf, n: 12000, theta: 0.9, acc: 4000000, device: disk } } ] }
                  db: { memory.max: 8M, workloads: [ { pattern: { pattern: zipf, n: 6000, theta: 0.7, acc: 3000000, device: disk } } ] }
            """);
        using var results = JsonDocument.Parse(await new ReclaimProgram(folder).RunAsync("run", Scenario, "--silos", "0", "--json", "--quiet"));
        Digest = results.RootElement.GetProperty("digest").GetString()!;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
