using Microsoft.Extensions.Options;
using Orleans.Runtime.Placement;

namespace Reclaim.Grains.Placement;

/// <summary>Says to <see cref="HostPlacementDirector"/> where the grains that are called next are to be activated, if they are nowhere yet.</summary>
internal sealed class HostPlaces(ILocalSiloDetails silo, IOptions<RunOptions> options)
{
    /// <summary>On this silo: the grains of a host go where their coordinator is, unless they are to be spread.</summary>
    public void Here()
    {
        if (options.Value.SpreadHosts)
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
        else
        {
            At(silo.SiloAddress);
        }
    }

    /// <summary>On a silo.</summary>
    public static void At(SiloAddress silo) => RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);

    /// <summary>Where the director would have them.</summary>
    public static void Anywhere() => RequestContext.Remove(IPlacementDirector.PlacementHintKey);
}
