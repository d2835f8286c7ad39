using System.Text;
using Microsoft.Extensions.Options;
using Orleans.Runtime.Placement;
using Reclaim.Contracts;

namespace Reclaim.Grains.Placement;

/// <summary>Chooses the silo of a host's grains: the one that the caller names, else one by a hash that is the same everywhere.</summary>
public sealed class HostPlacementDirector(IOptions<RunOptions> options) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } wanted)
        {
            return Task.FromResult(wanted);
        }

        Array.Sort(silos);
        var key = target.GrainIdentity.Key.ToString()!;
        var (run, host) = GrainKeys.HostOf(key);
        var place = Hash(run) + (uint)host;
        if (options.Value.SpreadHosts)
        {
            place += Hash(key);
        }

        return Task.FromResult(silos[place % (uint)silos.Length]);
    }

    /// <summary>FNV-1a: the same on every silo, unlike string.GetHashCode.</summary>
    private static uint Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ unit) * 16777619u;
        }

        return hash;
    }
}
