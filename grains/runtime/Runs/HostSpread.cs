using Reclaim.Contracts;

namespace Reclaim.Grains.Runs;

/// <summary>Spreads hosts over the silos of the cluster: each goes to the silo that has the fewest.</summary>
internal sealed class HostSpread(IGrainFactory grains)
{
    private static readonly string _coordinators = typeof(ReclaimCoordinatorGrain).FullName!;

    /// <summary>Silos for all hosts of a run that begins; null if there are none.</summary>
    /// <param name="run">The run.</param>
    /// <param name="hosts">How many they are.</param>
    /// <param name="leaving">Silos that are about to stop.</param>
    public async Task<SiloAddress?[]> Divide(string run, int hosts, IReadOnlySet<SiloAddress> leaving)
    {
        var silos = await Staying(leaving);
        if (silos.Length <= 1)
        {
            return [.. Enumerable.Repeat(silos.FirstOrDefault(), hosts)];
        }

        var (here, others) = (new int[silos.Length], await Hosts(silos));
        var places = new SiloAddress?[hosts];
        for (var host = 0; host < hosts; host++)
        {
            var silo = Fewest(run, host, here, others);
            here[silo]++;
            places[host] = silos[silo];
        }

        return places;
    }

    /// <summary>The silo for a host; null if there is none.</summary>
    /// <param name="run">The run it belongs to.</param>
    /// <param name="host">Its number.</param>
    /// <param name="places">Where the hosts of the run are.</param>
    /// <param name="leaving">Silos that are about to stop.</param>
    public async Task<SiloAddress?> Choose(string run, int host, IReadOnlyList<SiloAddress?> places, IReadOnlySet<SiloAddress> leaving)
    {
        var silos = await Staying(leaving);
        if (silos.Length <= 1)
        {
            return silos.FirstOrDefault();
        }

        // Statistics lag behind, so what this run has placed counts for itself; the rest belongs to other runs.
        var here = Counts(silos, places.Where((_, i) => i != host));
        var everywhere = await Hosts(silos);
        return silos[Fewest(run, host, here, [.. everywhere.Zip(here, (all, own) => Math.Max(0, all - own))])];
    }

    /// <summary>Who has the fewest; of several, those of the run and then their numbers decide, by turns.</summary>
    private static int Fewest(string run, int host, int[] here, int[] others)
    {
        var turn = (int)((uint)run.Sum(unit => unit) % (uint)here.Length);
        return Enumerable.Range(0, here.Length).Select(i => (i + turn + host) % here.Length).OrderBy(i => here[i] + others[i]).ThenBy(i => here[i]).First();
    }

    /// <summary>A host that would do better on another silo: one has at least two fewer. Null: none.</summary>
    /// <param name="places">Where the hosts of a run are.</param>
    /// <param name="leaving">Silos that are about to stop.</param>
    public async Task<int?> Better(IReadOnlyList<SiloAddress?> places, IReadOnlySet<SiloAddress> leaving)
    {
        var silos = await Staying(leaving);
        if (silos.Length <= 1)
        {
            return null;
        }

        var counts = Counts(silos, places);
        var (fewest, most) = (counts.Min(), Array.IndexOf(counts, counts.Max()));
        return counts[most] - fewest < 2 ? null : Enumerable.Range(0, places.Count).Last(i => silos[most].Equals(places[i]));
    }

    private static int[] Counts(SiloAddress[] silos, IEnumerable<SiloAddress?> places)
    {
        var counts = new int[silos.Length];
        foreach (var place in places)
        {
            var at = Array.IndexOf(silos, place);
            if (at >= 0)
            {
                counts[at]++;
            }
        }

        return counts;
    }

    /// <summary>Whether there are silos that stay.</summary>
    public async Task<bool> AnyStays(IReadOnlySet<SiloAddress> leaving) => (await Staying(leaving)).Length > 0;

    /// <summary>Where a host is; null: nowhere.</summary>
    public async Task<SiloAddress?> Find(IReclaimCoordinatorGrain coordinator) => await grains.GetGrain<IManagementGrain>(0).GetActivationAddress(coordinator);

    private async Task<SiloAddress[]> Staying(IReadOnlySet<SiloAddress> leaving)
    {
        var silos = (await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Keys.Where(silo => !leaving.Contains(silo)).ToArray();
        Array.Sort(silos);
        return silos;
    }

    private async Task<int[]> Hosts(SiloAddress[] silos)
    {
        var counts = new int[silos.Length];
        foreach (var statistic in await grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics(silos))
        {
            var at = Array.IndexOf(silos, statistic.SiloAddress);
            if (at >= 0 && statistic.GrainType.StartsWith(_coordinators, StringComparison.Ordinal))
            {
                counts[at] += statistic.ActivationCount;
            }
        }

        return counts;
    }
}
