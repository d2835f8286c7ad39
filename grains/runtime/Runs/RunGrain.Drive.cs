using System.Collections.Immutable;
using System.Diagnostics;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Runs;

/// <content>The loop beside the turns, from the first step to the results.</content>
internal sealed partial class RunGrain
{
    private async Task Drive()
    {
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        using var span = Spans.BeginAlone("drive");
        try
        {
            await DriveHosts();
            if (retired)
            {
                return;
            }

            if (Array.TrueForAll(drives, drive => drive.Standing.Done))
            {
                await Finish(RunPhase.Done);
            }
            else if (intent == RunPhase.Stopped)
            {
                await Finish(RunPhase.Stopped);
            }
            else if (holds)
            {
                await KeepHosts();
            }
            else if (intent == RunPhase.Running)
            {
                // It has gone as far as it was to go on for.
                intent = RunPhase.Paused;
                await Save(RunPhase.Paused);
            }
            else
            {
                phase = RunPhase.Paused;
            }
        }
        catch (Exception e) when (e is DrivenElsewhereException || (retired && Loss.Is(e)))
        {
            // What becomes of the run is for others to say.
            return;
        }
#pragma warning disable CA1031 // Whatever went wrong is what the run failed of.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = e.Message;
            phase = RunPhase.Failed;
            span?.SetStatus(ActivityStatusCode.Error, error);
            await SaveInAnyCase();
            ended.TrySetResult();
            await GiveUpHosts();
        }

        MayBeForgotten();
    }

    /// <summary>Hosts go on, each for itself, and move to silos that have fewer.</summary>
    private async Task DriveHosts()
    {
        using var over = new CancellationTokenSource();
        var balancing = Balance(over.Token);
        RunMeter.Drives(1);
        try
        {
            await Task.WhenAll(drives.Select(Drive));
        }
        finally
        {
            RunMeter.Drives(-1);
            await over.CancelAsync();
            await balancing;
        }
    }

    private async Task Drive(HostDrive drive)
    {
        try
        {
            await drive.Drive();
        }
        catch
        {
            // The other hosts end after their step in flight.
            intent = RunPhase.Failed;
            throw;
        }
    }

    private async Task Halt(RunPhase wanted)
    {
        Require();
        if (phase == RunPhase.Running)
        {
            intent = wanted;
            await driving;
        }
    }

    /// <summary>Keeps what it came to, and gives up the rest.</summary>
    private async Task Finish(RunPhase last)
    {
        results = await Gather(last == RunPhase.Done);
        var standing = await Progress() with { Cgroups = [], WaitsFor = null, CheckpointNs = null };
        await Loss.Recovery.ExecuteAsync(async _ => await archive.WriteResults(Name, results));
        life = life! with { Last = archive.Exists ? standing : null };
        await Loss.Recovery.ExecuteAsync(async _ => await Save(last));
        ended.TrySetResult();
        if (archive.Exists)
        {
            await archive.ForgetCheckpoints(Name);
            await GiveUpHosts();
        }
    }

    /// <summary>The results of all hosts; those that are lost on the way are taken up again.</summary>
    private async Task<RunResults> Gather(bool complete)
    {
        using var span = Spans.BeginAlone("gather results");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Task.WhenAll(drives.Where(drive => drive.Standing.Done).Select(drive => drive.Find()));
                var hosts = await Task.WhenAll(coordinators.Select(coordinator => coordinator.Results()));
                ImmutableArray<RunStanding.Host> standing = [.. drives.Select(drive => drive.Standing)];
                return RunAssembly.Results(spec!, [.. hosts], RunStanding.NowNs(standing), standing.Sum(host => host.Accesses), complete, life?.Requests);
            }
            catch (Exception e) when (archive.Exists && Loss.Is(e) && attempt < Loss.LivesWithoutProgress)
            {
                Array.ForEach(drives, drive => drive.Lose());
                await Task.WhenAll(drives.Select(drive => complete ? drive.Drive() : drive.Find()));
            }
        }
    }
}
