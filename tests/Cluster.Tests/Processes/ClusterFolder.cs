namespace Reclaim.Cluster.Tests.Processes;

/// <summary>A folder for one cluster. When it is given up, no process of it is left, whatever happened before.</summary>
internal sealed class ClusterFolder : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reclaim-cluster-").FullName;

    public ClusterFolder() => Program = new ReclaimProgram(_folder);

    /// <summary>A cluster whose silos work.</summary>
    public static async Task<ClusterFolder> UpAsync(int silos)
    {
        var cluster = new ClusterFolder();
        await cluster.Program.RunAsync("silo", "up", "--silos", $"{silos}");
        return cluster;
    }

    /// <summary>The program, for this cluster.</summary>
    public ReclaimProgram Program { get; }

    /// <summary>What its silos said last.</summary>
    public string Logs() => string.Concat(Directory.GetFiles(_folder, "*.log").Order(StringComparer.Ordinal)
        .Select(log => $"\n--- {Path.GetFileName(log)}\n{string.Join('\n', File.ReadLines(log).TakeLast(15))}"));

    public async ValueTask DisposeAsync()
    {
        using var down = Program.Start("silo", "down");
        await down.WaitForExitAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
