using System.Text.Json;
using Reclaim.Contracts.Results;

namespace Reclaim.Silo.Live;

/// <summary>What one page is told of a run, frame after frame: the first has everything, those that follow what has changed since the one before.</summary>
/// <param name="cgroup">The cgroup of which it wants everything; null: none.</param>
/// <param name="options">How JSON is written.</param>
internal sealed class LiveFrames(string? cgroup, JsonSerializerOptions options)
{
    /// <summary>Most entries of a matrix that are shown: with hundreds of cgroups a hundred thousand may not be 0.</summary>
    private const int MostEntries = 4096;

    private readonly Dictionary<int, Told> hosts = [];

    /// <summary>The next frame.</summary>
    public LiveFrame Next(RunView view) => new(
        view.Scenario,
        view.Kernel,
        view.Progress.Phase.ToString().ToLowerInvariant(),
        view.Progress.Speed,
        view.Progress.NowNs,
        view.Progress.EndNs,
        view.Progress.Accesses,
        view.Progress.TotalAccesses,
        view.Progress.Error,
        [.. view.Hosts.Select(Host)]);

    private LiveHost Host(HostView host)
    {
        if (!hosts.TryGetValue(host.Number, out var told) || told.Cgroups.Length != host.Cgroups.Length)
        {
            hosts[host.Number] = told = new Told(host.Cgroups.Length);
        }

        return new LiveHost(
            host.Number,
            host.Figures.Name,
            host.NowNs,
            host.Figures.Nodes,
            told.IsFirst ? [.. host.Cgroups.Select(one => one.Path)] : null,
            Changed(host, told),
            News(Entries(host), ref told.Matrix),
            cgroup is not null && host.Figures.Cgroups.TryGetValue(cgroup, out var detail) ? News(detail, ref told.Detail) : null);
    }

    private List<RawJson> Changed(HostView host, Told told)
    {
        var changed = new List<RawJson>();
        for (var i = 0; i < told.Cgroups.Length; i++)
        {
            if (News(LiveCgroup.Of(i, host.Cgroups[i]), ref told.Cgroups[i]) is { } news)
            {
                changed.Add(news);
            }
        }

        return changed;
    }

    private RawJson? News<T>(T now, ref byte[]? told)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(now, options);
        if (told is not null && text.AsSpan().SequenceEqual(told))
        {
            return null;
        }

        told = text;
        return new RawJson(text);
    }

    private static long[][] Entries(HostView host)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < host.Cgroups.Length; i++)
        {
            numbers[host.Cgroups[i].Path] = i;
        }

        return [.. host.Figures.ReclaimMatrix
            .GroupBy(entry => (numbers[entry.Aggressor], numbers[entry.Victim]))
            .Select(pair => new[] { pair.Key.Item1, pair.Key.Item2, pair.Sum(entry => entry.Reclaimed), pair.Sum(entry => entry.Refaulted) })
            .OrderByDescending(entry => entry[2]).ThenBy(entry => entry[0]).ThenBy(entry => entry[1])
            .Take(MostEntries)];
    }

    /// <summary>What has been told of a host last, as it was written.</summary>
    private sealed class Told(int cgroups)
    {
        public readonly byte[]?[] Cgroups = new byte[]?[cgroups];
        public byte[]? Matrix;
        public byte[]? Detail;

        public bool IsFirst => Matrix is null;
    }
}
