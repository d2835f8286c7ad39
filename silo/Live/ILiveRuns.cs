using System.Collections.Immutable;
using Reclaim.Contracts;
using Reclaim.Contracts.Steps;

namespace Reclaim.Silo.Live;

/// <summary>The runs that the live page shows.</summary>
internal interface ILiveRuns
{
    /// <summary>Their names, the one to show first before all others.</summary>
    Task<ImmutableArray<string>> NamesAsync();

    /// <summary>A run; null: there is none of that name.</summary>
    Task<IRun?> FindAsync(string name);
}

/// <summary>The runs of a cluster, as one of its silos sees them.</summary>
internal sealed class ClusterLiveRuns(IGrainFactory grains) : ILiveRuns
{
    public async Task<ImmutableArray<string>> NamesAsync()
    {
        var runs = await grains.GetGrain<IRunsGrain>(GrainKeys.Runs).List();
        return [.. runs.OrderByDescending(run => run.Phase == RunPhase.Running).ThenByDescending(run => run.Created).Select(run => run.Run)];
    }

    public async Task<IRun?> FindAsync(string name)
    {
        var known = await grains.GetGrain<IRunsGrain>(GrainKeys.Runs).List();
        return known.Any(run => run.Run == name) ? GrainRun.Remote(grains, name, spec: null, []) : null;
    }
}

/// <summary>The one run of a command line.</summary>
internal sealed class OneLiveRun : ILiveRuns
{
    private volatile IRun? run;

    /// <summary>What it is called on the page.</summary>
    public const string Name = "run";

    public void Show(IRun? shown) => run = shown;

    public Task<ImmutableArray<string>> NamesAsync() => Task.FromResult<ImmutableArray<string>>(run is null ? [] : [Name]);

    public Task<IRun?> FindAsync(string name) => Task.FromResult(name == Name ? run : null);
}
