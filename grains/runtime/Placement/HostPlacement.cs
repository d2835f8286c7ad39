using Orleans.Placement;

namespace Reclaim.Grains.Placement;

/// <summary>
/// Places grains by the host they belong to: grains of one host together, the hosts of a run in rotation over the silos.
/// A step then crosses no silo boundary.
/// </summary>
[GenerateSerializer, Immutable, Alias("reclaim.placement.host")]
public sealed class HostPlacement : PlacementStrategy
{
    internal static HostPlacement Instance { get; } = new();
}

/// <summary>Marks a grain whose key names a host (<see cref="Contracts.GrainKeys"/>).</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class HostPlacementAttribute() : PlacementAttribute(HostPlacement.Instance);
