using System.Collections.Immutable;
using Reclaim.Contracts;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Runs;

/// <content>How a run outlives its silos.</content>
internal sealed partial class RunGrain : IHostDriver
{
    private const int MostNotes = 20;

    private RunLife? life;
    private Task saving = Task.CompletedTask;

    /// <summary>By host: the silo it was placed on.</summary>
    private SiloAddress?[] places = [];

    /// <summary>Set when this activation of the grain has come to its end: another drives the run from then on, or will.</summary>
    private volatile bool retired;

    /// <summary>Silos that have said that they are about to stop.</summary>
    private ImmutableHashSet<SiloAddress> leaving = [];

    /// <summary>Set when all silos are about to stop: its hosts are in the store, and go on when there are others.</summary>
    private bool holds;

    bool IHostDriver.GoesOn => intent == RunPhase.Running && !retired && !holds;

    RunPace IHostDriver.Pace => pace;

    RunSpans IHostDriver.Spans => Spans;

    /// <summary>Goes on where it stood, if a store knows it.</summary>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!archive.Exists)
        {
            DelayDeactivation(Timeout.InfiniteTimeSpan);
        }

        if (await archive.Life(Name) is not { } known || await archive.Spec(Name) is not { } wanted)
        {
            return;
        }

        (life, spec, phase, error) = (known, wanted, known.Phase, known.Error);
        Spans.Parent = known.Trace;
        creation = Task.FromResult(ImmutableArray<SpecProblem>.Empty);
        Know(wanted);
        if (IsOver(phase))
        {
            ended.TrySetResult();
        }
        else if (phase == RunPhase.Running)
        {
            intent = RunPhase.Running;
            found = Task.WhenAll(drives.Select(drive => drive.Found));
            driving = Drive();
        }
    }

    /// <summary>A drive is a loop of its own and would go on.</summary>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        retired = true;
        return Task.CompletedTask;
    }

    public async Task<RunProgress> Resume()
    {
        if (spec is null || creation is null)
        {
            DeactivateOnIdle();
            throw new InvalidOperationException($"there is no run {Name}");
        }

        if (phase is RunPhase.Done or RunPhase.Stopped)
        {
            throw new InvalidOperationException($"run {Name} is over");
        }

        if (phase == RunPhase.Failed)
        {
            if (!archive.Exists)
            {
                throw new InvalidOperationException($"run {Name} has failed, and its silos have no store: {error}");
            }

            error = null;
            phase = RunPhase.Paused;
            Know(spec);
        }

        await Start();
        return await Progress();
    }

    public async Task Leave(SiloAddress silo)
    {
        if (!archive.Exists || creation is null || IsOver(phase))
        {
            return;
        }

        leaving = leaving.Add(silo);
        if (await spread.AnyStays(leaving))
        {
            await Task.WhenAll(drives.Where((_, host) => places[host] is not { } place || place.Equals(silo)).Select(drive => drive.Move()));
        }
        else
        {
            holds = true;
            await driving;
        }

        if (phase == RunPhase.Paused)
        {
            await KeepHosts();
        }
    }

    private Task KeepHosts() => Task.WhenAll(drives.Select(drive => drive.Keep()));

    async Task<int> IHostDriver.NextIncarnation(bool recovery)
    {
        if (!archive.Exists)
        {
            throw new StepFailedException("a silo of it was lost, and its silos have no store");
        }

        if (retired || (await archive.Life(Name))?.Incarnation > life!.Incarnation)
        {
            retired = true;
            DeactivateOnIdle();
            throw new DrivenElsewhereException(Name);
        }

        life = life! with { Incarnation = life.Incarnation + 1, Recoveries = life.Recoveries + (recovery ? 1 : 0) };
        var incarnation = life.Incarnation;
        await Save();
        return incarnation;
    }

    void IHostDriver.Note(string text) => life = life! with { Notes = [.. life.Notes.Remove(text).TakeLast(MostNotes - 1), text] };

    /// <summary>The parts of a host that is too big for one silo are where their keys say, as long as silos are the same.</summary>
    async Task<SiloAddress?> IHostDriver.Place(int host) => options.Value.SpreadHosts ? null : places[host] = await spread.Choose(Name, host, places, leaving);

    async Task IHostDriver.Placed(int host) => places[host] = await spread.Find(coordinators[host]) ?? places[host];

    IEnumerable<KnownRequest> IHostDriver.RequestsOf(int host) => life!.Requests.Where(request => request.Host == host);

    Task<(IReadOnlyList<long> Whole, long Tried)> IHostDriver.CheckpointsOf(int host) => archive.Checkpoints(Name, host);

    private IMemcgGrain Memcg(int host, string path) => GrainFactory.GetGrain<IMemcgGrain>(GrainKeys.Memcg(Name, host, path));

    /// <summary>Its hosts need no memory any longer: what they came to is in the store. Where there is none they stay.</summary>
    private async Task GiveUpHosts()
    {
        try
        {
            await Task.WhenAll(archive.Exists ? coordinators.Select(coordinator => coordinator.Release()) : []);
        }
        catch (Exception e) when (Loss.Is(e))
        {
            // Those that are lost need none either.
        }
    }

    /// <summary>Whoever asks for a run that has ended finds it in the store; a run that is nowhere else stays.</summary>
    private void MayBeForgotten()
    {
        if (archive.Exists && phase != RunPhase.Running)
        {
            DelayDeactivation(TimeSpan.Zero);
        }
    }

    /// <summary>What was asked of it is asked again of a host that goes back, and stands in its results.</summary>
    private async Task Remember(ControlRequest request, ControlReply reply)
    {
        if (life!.Requests.All(known => known.Id != request.Id))
        {
            life = life with { Requests = life.Requests.Add(KnownRequest.Of(request, reply.AtNs)) };
            await Save();
        }
    }

    /// <summary>While it runs: moves a host to a silo that has joined, one at a time, between two of its steps.</summary>
    private async Task Balance(CancellationToken over)
    {
        while (archive.Exists && drives.Length > 1 && !over.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(options.Value.BalanceEvery, over);
                if (await spread.Better([.. places.Select((place, i) => drives[i].Standing.Done ? null : place)], leaving) is { } host)
                {
                    _ = drives[host].Move();
                }
            }
            catch (Exception e) when (Loss.Is(e))
            {
                // Over, or the cluster has other worries: there will be another time.
            }
        }
    }

    /// <summary>Goes over to another phase; it is in the store before anything of it happens.</summary>
    private async Task Save(RunPhase next)
    {
        var before = phase;
        phase = next;
        try
        {
            await Save();
        }
        catch
        {
            phase = before;
            throw;
        }
    }

    /// <summary>Writes its life to the store, the newest last.</summary>
    private Task Save() => saving = SaveAfter(saving);

    private async Task SaveAfter(Task before)
    {
        await before.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Current);
        if (life is not null)
        {
            life = life with { Phase = phase, Error = error };
            await archive.WriteLife(Name, life);
        }
    }

    private async Task SaveInAnyCase()
    {
        try
        {
            await Save();
        }
#pragma warning disable CA1031 // It has failed already, and says of what.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
