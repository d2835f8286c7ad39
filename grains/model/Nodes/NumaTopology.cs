namespace Reclaim.Model.Nodes;

/// <summary>
/// The NUMA nodes of a host: how far each is from the others, which have CPUs, and in which order the pages of all are gone through from
/// each (its zonelist: itself, then the others by distance).
///
/// <code>
///   numactl -H      node   0   1
///                     0:  10  21      Zonelist(0) = 0, 1
///                     1:  21  10      Zonelist(1) = 1, 0
/// </code>
///
/// Source: build_zonelists, find_next_best_node in mm/page_alloc.c, LOCAL_DISTANCE, REMOTE_DISTANCE and PENALTY_FOR_NODE_WITH_CPUS in
/// include/linux/topology.h, v6.8.
/// </summary>
public sealed class NumaTopology
{
    /// <summary>LOCAL_DISTANCE: of a node to itself; other distances are relative to it.</summary>
    public const int LocalDistance = 10;

    /// <summary>REMOTE_DISTANCE: of two nodes, if the firmware has no table of them.</summary>
    public const int RemoteDistance = 20;

    private readonly IReadOnlyList<IReadOnlyList<int>> _distance;
    private readonly IReadOnlyList<bool> _hasCpus;
    private readonly int[][] _zonelists;

    /// <param name="distance">By node: its distance to each.</param>
    /// <param name="hasCpus">By node: whether it has CPUs; one at least has.</param>
    public NumaTopology(IReadOnlyList<IReadOnlyList<int>> distance, IReadOnlyList<bool> hasCpus)
    {
        (_distance, _hasCpus) = (distance, hasCpus);
        var load = new int[Count];
        _zonelists = [.. Enumerable.Range(0, Count).Select(node => Build(node, load))];
    }

    /// <summary>A host with one node.</summary>
    public static NumaTopology Single { get; } = Of([true]);

    /// <summary>Nodes.</summary>
    public int Count => _hasCpus.Count;

    /// <summary>The node whose CPUs tasks run on that nothing binds: the first that has any.</summary>
    public int FirstWithCpus => Enumerable.Range(0, Count).First(node => _hasCpus[node]);

    /// <summary>A host without a table of distances.</summary>
    /// <param name="hasCpus">By node: whether it has CPUs.</param>
    public static NumaTopology Of(IReadOnlyList<bool> hasCpus) => new(
        [.. Enumerable.Range(0, hasCpus.Count).Select(from => (int[])[.. Enumerable.Range(0, hasCpus.Count).Select(to => from == to ? LocalDistance : RemoteDistance)])],
        hasCpus);

    /// <summary>The nodes that have CPUs.</summary>
    public IReadOnlyList<int> Cpus => [.. Enumerable.Range(0, Count).Where(node => _hasCpus[node])];

    /// <summary>Whether a node has CPUs. One that has none is memory of a lower tier.</summary>
    public bool HasCpus(int node) => _hasCpus[node];

    /// <summary>Distance from one node to another; <see cref="LocalDistance"/>: it is the same.</summary>
    public int Distance(int from, int to) => _distance[from][to];

    /// <summary>The nodes as those who run on one find them: it first.</summary>
    public IReadOnlyList<int> Zonelist(int node) => _zonelists[node];

    /// <summary>The node nearest to a node's memory that has CPUs: itself, unless it is memory alone.</summary>
    public int NearestWithCpus(int node) => _zonelists[node].First(other => _hasCpus[other]);

    /// <summary>The nodes without CPUs: the lower of two tiers of memory, as they are when the driver of device memory (dax/kmem) brings them online.</summary>
    public IReadOnlyList<int> LowerTier => [.. Enumerable.Range(0, Count).Where(node => !_hasCpus[node])];

    /// <summary>The nodes that pages of a node are demoted to: of the lower tier those that are nearest; none from there (establish_demotion_targets in mm/memory-tiers.c, v6.12).</summary>
    public IReadOnlyList<int> DemotionTargets(int node) =>
        !_hasCpus[node] ? [] : [.. LowerTier.Where(target => LowerTier.All(other => Distance(node, target) <= Distance(node, other)))];

    /// <summary>Each time the nearest node that is not in the list yet; of several that are as near, the one that comes after in number, has no CPUs, or comes first in fewer lists.</summary>
    private int[] Build(int local, int[] load)
    {
        var list = new List<int> { local };
        while (list.Count < Count)
        {
            var best = Enumerable.Range(0, Count).Where(node => !list.Contains(node))
                .OrderBy(node => Distance(local, node) + (node < local ? 1 : 0) + (_hasCpus[node] ? 1 : 0)).ThenBy(node => load[node]).ThenBy(node => node).First();
            if (Distance(local, best) != Distance(local, list[^1]))
            {
                load[best]++;
            }

            list.Add(best);
        }

        return [.. list];
    }
}
