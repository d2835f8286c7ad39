using Reclaim.Contracts.Results;

namespace Reclaim.Client.Perfetto;

/// <summary>The tracks of one host: its nodes, and its cgroups.</summary>
/// <param name="writer">Where to.</param>
/// <param name="process">The host's own track.</param>
/// <param name="host">Its results.</param>
internal sealed class HostTracks(TraceWriter writer, ulong process, HostResult host)
{
    /// <summary>Reclaims for limits that are shared, and for nodes.</summary>
    private readonly List<ReclaimLogResult> _logs = host.Reclaims.IsDefault ? [] : [.. host.Reclaims];

    /// <summary>Writes them.</summary>
    public void Write()
    {
        var losses = new Losses(writer, host, _logs);
        foreach (var node in host.Nodes)
        {
            WriteNode(node.Id, losses);
        }

        var rank = 2 * host.Nodes.Length;
        foreach (var (path, cgroup) in host.Cgroups)
        {
            new CgroupTracks(writer, writer.Track(process, path, rank++), path, cgroup).Write(_logs, losses);
        }
    }

    private void WriteNode(int node, Losses losses)
    {
        List<ReclaimResult> rounds = [.. _logs.SelectMany(log => log.Reclaims).Where(reclaim => reclaim.Node == node)];
        if (rounds.Count == 0)
        {
            return;
        }

        ReclaimSlices.Write(writer, new Lanes(_ => writer.Track(process, $"kswapd{node}", 2 * node, Shown.Of(_logs, "kswapd"))), rounds.Where(round => round.Asker is null), losses);
        var free = writer.Counter(process, $"node {node}: free pages", 2 * node + 1, "pages");
        foreach (var (at, pages) in rounds.SelectMany(round => new (long At, long? Pages)[] { (round.StartNs, round.FreeBefore), (round.EndNs, round.FreeAfter) })
            .Where(sample => sample.Pages is not null).OrderBy(sample => sample.At))
        {
            writer.Count(free, at, pages!.Value);
        }
    }
}
