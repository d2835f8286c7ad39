using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Model.Steps;
using Reclaim.Silo;

namespace Reclaim.Grains.Tests;

/// <summary>Runs to the end, wherever they happen.</summary>
internal static class Reference
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The results of the sequential reference.</summary>
    public static async Task<RunResults> Sequential(RunSpec spec, IEnumerable<TraceBatch>? trace = null, RunOptions? options = null)
    {
        await using var host = RunHosts.Sequential(options ?? new RunOptions());
        return await Finish(host, spec, trace);
    }

    /// <summary>The first host of a run, to be taken step by step.</summary>
    public static HostSteps Steps(RunSpec spec, IBatchRunner? runner = null)
    {
        var host = spec.Hosts[0];
        ImmutableArray<Container> containers = [.. host.Cgroups.Select((_, i) => ContainerFactory.Build(spec, 0, i))];
        ImmutableArray<string> paths = [.. host.Cgroups.Select(cgroup => cgroup.Path)];
        var domains = SharedLimits.Domains(spec, 0, [.. containers.Select((container, i) => container.Terms(paths[i]))]);
        return new HostSteps(containers, paths, [.. NumaLayout.Nodes(host).Select(node => HostAssembly.Memory(host, node))], spec.DurationNs, domains) { Runner = runner ?? OneByOne.Runner };
    }

    /// <summary>Runs to the end and checks that it was reached.</summary>
    public static async Task<RunResults> Finish(IRunHost host, RunSpec spec, IEnumerable<TraceBatch>? trace = null)
    {
        await using var run = await host.CreateAsync(spec, Cancellation);
        Assert.DoesNotContain(run.Problems, problem => !problem.IsWarning);
        foreach (var batch in trace ?? [])
        {
            await run.FeedAsync(0, 0, batch);
        }

        await run.StartAsync();
        await run.WaitAsync(Cancellation);
        var progress = await run.ProgressAsync();
        Assert.Null(progress.Error);
        Assert.Equal(RunPhase.Done, progress.Phase);
        return await run.ResultsAsync();
    }
}
