using System.Diagnostics;
using Reclaim.Contracts;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Checkpoints;
using Reclaim.Grains.Placement;

namespace Reclaim.Grains.Runs;

/// <summary>What the hosts of a run share.</summary>
internal interface IHostDriver
{
    /// <summary>Whether hosts are to go on.</summary>
    bool GoesOn { get; }

    /// <summary>How fast, and how far.</summary>
    RunPace Pace { get; }

    /// <summary>What becomes of it, for those who collect spans.</summary>
    RunSpans Spans { get; }

    /// <summary>Begins a life of a host, and writes down that it did before anything of it happens.</summary>
    Task<int> NextIncarnation(bool recovery);

    /// <summary>Says something to whoever looks after the run.</summary>
    void Note(string text);

    /// <summary>Where a host that is nowhere is to be activated; null: anywhere.</summary>
    Task<SiloAddress?> Place(int host);

    /// <summary>It has been found, perhaps elsewhere than it was to be.</summary>
    Task Placed(int host);

    /// <summary>What others asked of a host while it ran.</summary>
    IEnumerable<KnownRequest> RequestsOf(int host);

    /// <summary>Numbers of its checkpoints, the last first.</summary>
    Task<(IReadOnlyList<long> Whole, long Tried)> CheckpointsOf(int host);

    /// <summary>Has a request carried out.</summary>
    Task<ControlReply> Carry(ControlRequest request);
}

/// <summary>Takes one host through its steps, writes its checkpoints, and takes it up again when its silo is lost.</summary>
/// <param name="run">Whose host it is.</param>
/// <param name="spec">The run.</param>
/// <param name="number">Number of the host.</param>
/// <param name="coordinator">Its coordinator.</param>
/// <param name="policy">When checkpoints are written.</param>
/// <param name="accessesPerStep">Accesses that a memcg makes in one step.</param>
internal sealed class HostDrive(IHostDriver run, RunSpec spec, int number, IReclaimCoordinatorGrain coordinator, CheckpointPolicy policy, long accessesPerStep)
{
    /// <summary>How long to wait before looking again whether more of a trace has come.</summary>
    private static readonly TimeSpan _feedPoll = TimeSpan.FromMilliseconds(5);

    private readonly StepSize _size = new(accessesPerStep);
    private StepId? _last;
    private int _losses;
    private TaskCompletionSource? _moves;
    private readonly TaskCompletionSource _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<TaskCompletionSource> _asked = [];

    private string Name => spec.Hosts[number].Name;

    /// <summary>Where it stands.</summary>
    public RunStanding.Host Standing { get; private set; } = new(null, null, Done: false, 0, 0, [.. spec.Hosts[number].Cgroups.Select(cgroup => new CgroupProgress(cgroup.Path, 0, 0, 0))]);

    /// <summary>Done when it is known where it stands.</summary>
    public Task Found => _found.Task;

    /// <summary>Path of the memcg whose trace it waits for.</summary>
    public string? WaitsFor { get; private set; }

    /// <summary>Virtual time of its last checkpoint.</summary>
    public long? CheckpointNs { get; private set; }

    /// <summary>Begins at the beginning, for the first time.</summary>
    /// <param name="incarnation">Its life.</param>
    /// <param name="place">The silo that it goes to; null: where keys say.</param>
    public async Task Create(int incarnation, SiloAddress? place)
    {
        using var span = run.Spans.BeginAlone("place host", Name);
        span?.SetTag("reclaim.silo", place?.ToString());
        HostPlaces.At(place);
        var outline = await GivenUp.Begin(() => coordinator.Create(spec, number));
        _last = new StepId(incarnation, 0);
        Standing = Standing with { EndNs = outline.EndNs, TotalAccesses = outline.TotalAccesses };
    }

    /// <summary>Goes on until the host is done, or the run is to go on no longer.</summary>
    /// <exception cref="StepFailedException">The model failed.</exception>
    public async Task Drive()
    {
        try
        {
            while (GoesOn)
            {
                await run.Pace.Wait(Standing.NowNs, () => GoesOn && _last is not null && _moves is null);
                if (GoesOn)
                {
                    await GoOnOrLose();
                }
            }

            if (_moves is not null && Standing.Done)
            {
                await TryGiveAway();
            }
        }
        finally
        {
            Moved();
        }
    }

    private bool GoesOn => run.GoesOn && !Standing.Done && !(run.Pace.UntilNs <= Standing.NowNs);

    /// <summary>One thing at a time: it is found, goes elsewhere, or takes a step.</summary>
    private async Task GoOnOrLose()
    {
        try
        {
            if (_last is not { } last)
            {
                await TakeUp();
            }
            else if (_moves is not null)
            {
                await GiveAway();
                Moved();
            }
            else
            {
                await Step(last with { Step = last.Step + 1 });
            }
        }
        catch (Exception e) when (Loss.Is(e))
        {
            _last = null;
            run.Note($"host {Name} was lost: {Short(e.Message)}");
            if (++_losses > Loss.LivesWithoutProgress)
            {
                throw new StepFailedException($"host {Name} was lost {_losses} times without getting a step further: {e.Message}");
            }
        }
    }

    /// <summary>Orleans describes all of a call.</summary>
    private static string Short(string reason) => reason.Length <= 120 ? reason : reason[..120] + "…";

    /// <summary>It has been lost, as far as anybody knows: the next drive takes it up.</summary>
    public void Lose()
    {
        _last = null;
        Standing = Standing with { Done = false };
    }

    /// <summary>After the step in flight it is written to the store, given up, and taken up again where it is placed then: if it is done, when it is asked for its results.</summary>
    /// <returns>When it is in the store, or does not go on.</returns>
    public Task Move() => GoesOn
        ? (_moves ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
        : Standing.Done && _last is not null ? TryGiveAway() : Task.CompletedTask;

    private void Moved()
    {
        _moves?.TrySetResult();
        _moves = null;
    }

    /// <summary>Finds it, if it was lost, without going on.</summary>
    public async Task Find()
    {
        if (_last is null)
        {
            await TakeUp();
        }
    }

    /// <summary>Writes a checkpoint after the step in flight.</summary>
    public Task Checkpoint()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Add(asked);
        return asked.Task;
    }

    /// <summary>Writes a checkpoint now, between steps.</summary>
    public async Task WriteCheckpoint()
    {
        using var span = run.Spans.Begin("checkpoint", Name);
        var begun = Stopwatch.GetTimestamp();
        var (asked, made) = (_asked, await coordinator.Checkpoint());
        span?.SetTag("reclaim.checkpoint", made.Number).SetTag("reclaim.checkpoint.size", made.Bytes);
        _asked = [.. _asked.Except(asked)];
        CheckpointNs = made.NowNs;
        policy.Note(made.NowNs, Stopwatch.GetElapsedTime(begun));
        asked.ForEach(one => one.TrySetResult());
    }

    /// <summary>Nobody will take it further here: what of it is in memory is written to the store.</summary>
    public Task Keep() => _last is null ? Task.CompletedTask : TryCheckpoint(Standing.NowNs);

    private async Task GiveAway()
    {
        await WriteCheckpoint();
        await coordinator.Release();
        _last = null;
    }

    /// <summary>Where it cannot be, it is done again from its last checkpoint on.</summary>
    private async Task TryGiveAway()
    {
        try
        {
            await GiveAway();
        }
        catch (Exception e) when (Loss.Is(e))
        {
            run.Note($"host {Name}: done, and not kept: {Short(e.Message)}");
        }
    }

    /// <summary>What cannot be written now is written the next time; the run goes on.</summary>
    private async Task TryCheckpoint(long nowNs)
    {
        try
        {
            await WriteCheckpoint();
        }
        catch (Exception e) when (Loss.Is(e))
        {
            run.Note($"host {Name}: no checkpoint at {nowNs / 1e9:0.000} s: {e.Message}");
            RunMeter.CheckpointFailed();
            policy.Note(nowNs);
            _asked.ForEach(one => one.TrySetException(e));
            _asked = [];
        }
    }

    private async Task Step(StepId id)
    {
        var (begun, accesses) = (Stopwatch.GetTimestamp(), _size.Next(run.Pace, Standing.NowNs));
        var commit = await StepOnce(id, accesses);
        WaitsFor = commit.WaitsFor;
        if (commit.WaitsFor is null)
        {
            _size.Took(accesses, commit.NowNs - Standing.NowNs, Stopwatch.GetElapsedTime(begun));
            _losses = 0;
            Stand(commit);
        }

        if (_asked.Count > 0 || policy.IsDue(commit))
        {
            await TryCheckpoint(commit.NowNs);
        }

        if (commit.WaitsFor is not null)
        {
            await Task.Delay(_feedPoll);
        }
    }

    private async Task<CommitReport> StepOnce(StepId id, long accesses)
    {
        using var span = run.Spans.BeginStep(id, Name);
        var commit = await coordinator.Step(id, accesses);
        span?.SetTag("reclaim.accesses", commit.Accesses - Standing.Accesses);
        return commit;
    }

    private void Stand(CommitReport commit)
    {
        _last = commit.Id;
        _found.TrySetResult();
        Standing = Standing with { Done = commit.Done, NowNs = commit.NowNs, Accesses = commit.Accesses, Cgroups = commit.Cgroups };
    }

    /// <summary>Finds it as it stands, or takes it back to a checkpoint, or to its beginning.</summary>
    private async Task TakeUp() => await Loss.Recovery.ExecuteAsync(async _ =>
    {
        using var span = run.Spans.BeginAlone("take up host", Name);
        var incarnation = await run.NextIncarnation(recovery: true);
        var place = await run.Place(number);
        span?.SetTag("reclaim.silo", place?.ToString()).SetTag("reclaim.incarnation", incarnation);
        HostPlaces.At(place);
        Stand(await GivenUp.Begin(() => coordinator.Attach(incarnation)) ?? await Restore(incarnation));
        await run.Placed(number);
        await Repeat();
        policy.Note(Standing.NowNs);
    });

    /// <summary>To the last checkpoint that can be used, or to the beginning if there never was one.</summary>
    private async Task<CommitReport> Restore(int incarnation)
    {
        var (whole, tried) = await run.CheckpointsOf(number);
        var refused = new List<string>();
        foreach (var checkpoint in whole)
        {
            try
            {
                var start = await Restore(incarnation, checkpoint, tried);
                CheckpointNs = start.NowNs;
                return start;
            }
            catch (CheckpointException e)
            {
                refused.Add(e.Message);
                run.Note($"host {Name}: {e.Message}");
            }
        }

        return refused.Count == 0
            ? await Restore(incarnation, 0, tried)
            : throw new CheckpointException($"host {Name} cannot be taken up: {string.Join("; ", refused)}");
    }

    private async Task<CommitReport> Restore(int incarnation, long checkpoint, long tried)
    {
        var start = await GivenUp.Begin(() => coordinator.Restore(new HostRestore(spec, number, incarnation, checkpoint, tried)));
        Standing = Standing with { EndNs = start.Outline.EndNs, TotalAccesses = start.Outline.TotalAccesses };
        return start.Last;
    }

    /// <summary>Asks again what was asked of it, at the same virtual time; what it has not forgotten it does once.</summary>
    private async Task Repeat()
    {
        foreach (var request in run.RequestsOf(number))
        {
            await run.Carry(request.Again());
        }
    }
}
