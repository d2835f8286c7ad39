namespace Reclaim.Client.ScenarioFormat;

/// <summary>
/// What is around containers that a file of another format describes: a scenario without cgroups, perhaps written in that
/// file. Once the containers are read they are put into it as cgroups, and it is a scenario as any other.
/// </summary>
internal sealed class ScenarioFrame
{
    /// <summary>What a machine reads from of which nothing is said.</summary>
    private const string DefaultDevice = "nvme";

    private readonly ScenarioMap _host;

    /// <param name="written">The scenario without cgroups, or null: all defaults.</param>
    /// <param name="path">Where it stands in the file, for messages.</param>
    /// <param name="file">The file.</param>
    /// <param name="set">Options of the command line; those about the machine apply before the containers are read.</param>
    /// <param name="log">Takes what is wrong.</param>
    public ScenarioFrame(ScenarioMap? written, string path, Origin file, IReadOnlyList<string> set, ProblemLog log)
    {
        Root = new ScenarioMap(written?.Origin ?? file);
        foreach (var entry in written?.Entries ?? [])
        {
            Root.Entries.Add(entry with { WrittenAs = KeyPath.Child(path, entry.Key) });
        }

        if (Root.Find("schema") is null)
        {
            Root.Add("schema", new ScenarioScalar(Root.Origin, ScenarioFile.Schema, quoted: true));
        }

        SetOption.Apply(Root, set.Where(assignment => !assignment.StartsWith(Cgroups, StringComparison.Ordinal)));
        if (Root.Find("hosts") is { } hosts)
        {
            log.Error(hosts.Origin, hosts.WrittenAs ?? "hosts", "not in this version: containers of such a file run on one host");
            Root.Entries.Remove(hosts);
        }

        if (Root.Find("host") is null or { Value: ScenarioScalar { IsNull: true } })
        {
            Root.Entries.RemoveAll(entry => entry.Key == "host");
            Root.Add("host", new ScenarioMap(Root.Origin));
        }

        // One that is no mapping is said by the reader.
        var host = Root.Find("host")!;
        _host = host.Value as ScenarioMap ?? new ScenarioMap(host.Origin);
        if (_host.Find("devices") is null)
        {
            var disk = new ScenarioMap(_host.Origin);
            disk.Add("type", new ScenarioScalar(_host.Origin, DefaultDevice, quoted: false));
            var devices = new ScenarioMap(_host.Origin);
            devices.Add("disk", disk);
            _host.Add("devices", devices);
        }

        if (_host.Find(CgroupTree.Key) is { } cgroups)
        {
            log.Error(cgroups.Origin, KeyPath.Child(host.WrittenAs ?? host.Key, CgroupTree.Key), "the cgroups are the containers of this file");
            _host.Entries.Remove(cgroups);
        }
    }

    /// <summary>The scenario.</summary>
    public ScenarioMap Root { get; }

    /// <summary>Whether the host has swap. A size that is wrong is said by the reader.</summary>
    public bool HasSwap => _host.Find("swap")?.Value is ScenarioList { Items.Count: > 0 };

    /// <summary>Swap of the host, in bytes.</summary>
    public long SwapBytes => Sum("swap", "size");

    /// <summary>Memory of the host, in bytes.</summary>
    public long MemoryBytes => Sum("nodes", "memory") is > 0 and var memory ? memory : HostReader.DefaultMemory;

    private static string Cgroups => $"host.{CgroupTree.Key}";

    /// <summary>Puts the containers in.</summary>
    /// <param name="cgroups">The containers.</param>
    /// <param name="path">Where they stand in the file.</param>
    public ScenarioMap With(ScenarioMap cgroups, string path)
    {
        _host.Entries.Add(new ScenarioEntry(CgroupTree.Key, cgroups.Origin, cgroups) { WrittenAs = path });
        return Root;
    }

    private long Sum(string list, string key) => (_host.Find(list)?.Value as ScenarioList)?.Items
        .Sum(item => item is ScenarioMap map && map.Find(key)?.Value is ScenarioScalar size && Units.TrySize(size.Text, out var bytes) is null ? bytes : 0) ?? 0;
}
