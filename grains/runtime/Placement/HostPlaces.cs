using Microsoft.Extensions.Options;
using Orleans.Runtime.Placement;

namespace Reclaim.Grains.Placement;

/// <summary>Says to <see cref="HostPlacementDirector"/> where the grains that are called next are to be activated, if they are nowhere yet.</summary>
internal sealed class HostPlaces(ILocalSiloDetails silo, IOptions<RunOptions> options)
{
    /// <summary>This silo is about to stop: what is begun here from now on would be lost with it.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>On this silo: the grains of a host go where their coordinator is, unless they are to be spread.</summary>
    public void Here() => At(options.Value.SpreadHosts ? null : silo.SiloAddress);

    /// <summary>On a silo; null: where the director would have them. Whoever calls the grains must say so himself: what an awaited method says is gone when it returns.</summary>
    public static void At(SiloAddress? silo)
    {
        if (silo is null)
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
        else
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        }
    }
}
