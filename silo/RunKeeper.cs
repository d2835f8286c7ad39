using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Reclaim.Contracts;
using Reclaim.Contracts.Steps;
using Reclaim.Grains;
using Reclaim.Grains.Placement;
using Reclaim.Grains.Runs;

namespace Reclaim.Silo;

/// <summary>
/// Sees to it that runs go on when their silo is lost and nobody asks for them: every silo looks into the store now and then, and calls
/// those that should be running. Where they are the call does nothing; where they are not it activates them. A silo that is about to stop
/// tells them, so that they take their hosts elsewhere.
/// </summary>
internal sealed partial class RunKeeper(IGrainFactory grains, RunArchive archive, IOptions<RunOptions> options, ILocalSiloDetails silo, HostPlaces places, ILogger<RunKeeper> log) : BackgroundService
{
    private ImmutableHashSet<string> _over = [];

    /// <summary>This silo is about to stop.</summary>
    /// <returns>When no run loses anything by it.</returns>
    public async Task LeaveAsync()
    {
        places.IsLeaving = true;
        if (archive.Exists)
        {
            await Task.WhenAll((await archive.Runs()).Except(_over, StringComparer.Ordinal).Select(async run =>
            {
                if ((await archive.Life(run))?.Phase is RunPhase.Running or RunPhase.Paused)
                {
                    await grains.GetGrain<IRunGrain>(run).Leave(silo.SiloAddress);
                }
            }));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!archive.Exists)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.KeepEvery);
        while (!places.IsLeaving && await Tick(timer, stoppingToken))
        {
            try
            {
                await Look();
            }
#pragma warning disable CA1031 // A store that does not answer now may do so the next time.
            catch (Exception e)
#pragma warning restore CA1031
            {
                CannotLook(e.Message);
            }
        }
    }

    /// <summary>False: the silo stops, which is nothing to complain of.</summary>
    private static async Task<bool> Tick(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task Look()
    {
        foreach (var run in (await archive.Runs()).Where(run => !_over.Contains(run)))
        {
            var phase = (await archive.Life(run))?.Phase;
            if (phase == RunPhase.Running)
            {
                await grains.GetGrain<IRunGrain>(run).Progress();
            }
            else if (phase is RunPhase.Done or RunPhase.Stopped)
            {
                _over = _over.Add(run);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "runs that should go on cannot be looked after just now: {Reason}")]
    private partial void CannotLook(string reason);
}
