using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Settings that change how a run is carried out, and nothing in its results.</summary>
public sealed class RunOptions
{
    /// <summary>Accesses a memcg makes in one step.</summary>
    public long AccessesPerStep { get; set; } = StepBudget.Accesses;

    /// <summary>Whether the memcgs and nodes of a host may be placed on different silos, as for a host too big for one.</summary>
    public bool SpreadHosts { get; set; }

    /// <summary>After so many steps a host of the sequential reference goes on from a snapshot of itself; 0: never.</summary>
    public int StepsPerLife { get; set; }

    /// <summary>Port on the loopback address at which other processes reach the runs, 0 for any that is free; null: they cannot.</summary>
    public int? ListenPort { get; set; }
}
