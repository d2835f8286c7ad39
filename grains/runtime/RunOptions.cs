using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Settings that change how a run is carried out, and nothing in its results.</summary>
public sealed class RunOptions
{
    /// <summary>Accesses a memcg makes in one step.</summary>
    public long AccessesPerStep { get; set; } = StepBudget.Accesses;

    /// <summary>Whether the memcgs and nodes of a host may be placed on different silos, as for a host too big for one.</summary>
    public bool SpreadHosts { get; set; }

    /// <summary>Wall clock time between checkpoints of a host, where silos have a store; zero: none are written.</summary>
    public TimeSpan CheckpointEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Virtual time between them instead, nanoseconds; null: by the wall clock.</summary>
    public long? CheckpointEveryNs { get; set; }

    /// <summary>The share of a run's time that checkpoints by the wall clock may take: they become rarer to keep it.</summary>
    public double CheckpointShare { get; set; } = 0.03;

    /// <summary>How often a silo looks for runs that should go on and are nowhere.</summary>
    public TimeSpan KeepEvery { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a run looks for a silo that has joined.</summary>
    public TimeSpan BalanceEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>After so many steps a host of the sequential reference goes on from a snapshot of itself; 0: never.</summary>
    public int StepsPerLife { get; set; }

    /// <summary>Of so many steps of a host one is a span, where somebody collects spans; 0: none.</summary>
    public int StepsPerSpan { get; set; } = 256;

    /// <summary>Port on the loopback address at which other processes reach the runs, 0 for any that is free; null: they cannot.</summary>
    public int? ListenPort { get; set; }
}
