using System.Globalization;
using Reclaim.Contracts.Results;

namespace Reclaim.Silo.Telemetry;

/// <summary>What a host that goes on is told of while it does: what results have, and its lists.</summary>
internal static class ViewFigures
{
    public const string Lists = "cgroup.lru.pages";

    /// <summary>Figures of a host, with those of its first cgroups.</summary>
    /// <param name="view">The host between two steps.</param>
    /// <param name="run">Name of its run.</param>
    /// <param name="most">How many cgroups, at most.</param>
    public static IEnumerable<Figure> Of(HostView view, string run, int most)
    {
        KeyValuePair<string, object?>[] tags = [new("reclaim.run", run), new("reclaim.host", view.Figures.Name)];
        yield return new("host.virtual_time", "us", true, view.NowNs / 1000, tags);
        foreach (var figure in KernelFigures.OfNodes(view.Figures, tags))
        {
            yield return figure;
        }

        foreach (var cgroup in view.Cgroups.Take(most))
        {
            KeyValuePair<string, object?>[] ofCgroup = [.. tags, new("reclaim.cgroup", cgroup.Path)];
            foreach (var figure in view.Figures.Cgroups.TryGetValue(cgroup.Path, out var figures) ? KernelFigures.Of(figures, ofCgroup).Concat(Of(cgroup, ofCgroup)) : [])
            {
                yield return figure;
            }
        }
    }

    private static IEnumerable<Figure> Of(CgroupView cgroup, KeyValuePair<string, object?>[] tags)
    {
        if (!cgroup.IsParent)
        {
            // Of one with others below it they would be counted twice in a sum.
            yield return new("cgroup.accesses", "{access}", true, cgroup.Accesses, tags);
            yield return new("cgroup.misses", "{access}", true, cgroup.Misses, tags);
        }

        foreach (var lists in cgroup.Lruvecs)
        {
            KeyValuePair<string, object?>[] ofNode = [.. tags, new("reclaim.node", lists.Node)];
            for (var i = 0; i < lists.Generations.Length; i++)
            {
                // By age, not by number: numbers grow without end.
                var list = lists.MultiGen ? i.ToString(CultureInfo.InvariantCulture) : i == 0 ? "inactive" : "active";
                KeyValuePair<string, object?>[] ofList = [.. ofNode, new("reclaim.list", list)];
                yield return new(Lists, "{page}", false, lists.Generations[i].File, [.. ofList, new("reclaim.type", "file")]);
                yield return new(Lists, "{page}", false, lists.Generations[i].Anon, [.. ofList, new("reclaim.type", "anon")]);
            }

            if (lists is { MultiGen: true, Generations.Length: > 0 })
            {
                yield return new("cgroup.lru_gen.max_seq", "{generation}", true, (long)lists.Generations[^1].Seq, ofNode);
            }
        }
    }
}
