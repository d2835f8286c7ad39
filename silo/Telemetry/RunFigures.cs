using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Steps;
using Reclaim.Grains;
using Reclaim.Silo.Hosting;

namespace Reclaim.Silo.Telemetry;

/// <summary>Looks at the hosts of this silo now and then, between two of their steps, and shows what they are like. Looking changes nothing.</summary>
internal sealed class RunFigures(LocalHosts hosts, IGrainFactory grains, IEnumerable<IFigureBoard> boards, TelemetrySettings settings) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <summary>A step of many memcgs may take long; what does not answer by then is shown the next time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        hosts.IsWatched = true;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var ended = hosts.TakeEnded();
                var figures = await LookAsync(ended, stoppingToken);
                foreach (var board in boards)
                {
                    board.Show(figures, areLast: ended.Count > 0);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    /// <param name="ended">Hosts that are here no longer, as they were at their end.</param>
    /// <param name="cancellation">The silo stops.</param>
    private async Task<IReadOnlyList<Figure>> LookAsync(IReadOnlyList<(string Key, HostView View)> ended, CancellationToken cancellation)
    {
        var here = hosts.Keys;
        var views = await Task.WhenAll(here.Select(host => ViewAsync(host, cancellation)));
        var (left, leftOut) = (settings.Cgroups, 0);
        var figures = ImmutableArray.CreateBuilder<Figure>();
        foreach (var (host, view) in ended.Select(one => (one.Key, (HostView?)one.View)).Concat(here.Zip(views)).DistinctBy(one => one.Item1))
        {
            if (view is not null)
            {
                var shown = Math.Min(left, view.Cgroups.Length);
                figures.AddRange(ViewFigures.Of(view, GrainKeys.HostOf(host).Run, shown));
                (left, leftOut) = (left - shown, leftOut + view.Cgroups.Length - shown);
            }
        }

        figures.Add(new Figure("reclaim.hosts", "{host}", false, here.Count, []));
        figures.Add(new Figure("reclaim.cgroups_left_out", "{cgroup}", false, leftOut, []));
        return figures.ToImmutable();
    }

    /// <returns>Null: it is not here any longer, or does not answer.</returns>
    private async Task<HostView?> ViewAsync(string key, CancellationToken cancellation)
    {
        try
        {
            return await grains.GetGrain<IReclaimCoordinatorGrain>(key).View(null, brief: false).WaitAsync(Patience, cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && (e is StepRefusedException || RunLoss.IsPassing(e)))
        {
            return null;
        }
    }
}
