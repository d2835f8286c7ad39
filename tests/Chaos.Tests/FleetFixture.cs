using System.Text.Json;
using Reclaim.Chaos.Tests;

[assembly: AssemblyFixture(typeof(FleetFixture))]

namespace Reclaim.Chaos.Tests;

/// <summary>The scenario that all tests run, and the digest that it comes to in one thread.</summary>
public sealed class FleetFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reclaim-fleet-").FullName;

    /// <summary>Path of the scenario.</summary>
    public string Scenario { get; private set; } = "";

    /// <summary>Its digest.</summary>
    public string Digest { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Scenario = Fleet.Write(_folder);
        using var results = JsonDocument.Parse(await new ReclaimProgram(_folder).RunAsync("run", Scenario, "--silos", "0", "--json", "--quiet"));
        Digest = results.RootElement.GetProperty("digest").GetString()!;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
