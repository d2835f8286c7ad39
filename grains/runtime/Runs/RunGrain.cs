using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Serialization;
using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Checkpoints;

namespace Reclaim.Grains.Runs;

/// <summary>
/// The life of a run: drives each host's coordinator, step after step, in a loop beside its turns, so that it answers meanwhile.
/// Hosts share nothing and do not wait for each other. With a store it outlives its silo: the next call activates it elsewhere, and it goes on.
/// </summary>
[CollectionAgeLimit(Minutes = 2), Reentrant]
internal sealed partial class RunGrain(Serializer serializer, IOptions<RunOptions> options, RunArchive archive, HostSpread spread, TimeProvider clock) : Grain, IRunGrain
{
    /// <summary>Bytes of a specification, as it travels, at most.</summary>
    private const int MaxSpecBytes = 32 << 20;

    /// <summary>How long to wait before asking again whether a memcg has taken its next step.</summary>
    private static readonly TimeSpan ControlPoll = TimeSpan.FromMilliseconds(10);

    /// <summary>How long whoever asks for its progress waits for it to find its hosts, when it has been lost itself.</summary>
    private static readonly TimeSpan FindingTime = TimeSpan.FromSeconds(1);

    private RunSpec? spec;
    private Task<ImmutableArray<SpecProblem>>? creation;
    private ImmutableArray<IReclaimCoordinatorGrain> coordinators = [];
    private HostDrive[] drives = [];
    private RunResults? results;
    private readonly RunPace pace = new(clock);

    private RunPhase phase = RunPhase.Created;
    private RunPhase intent = RunPhase.Created;
    private Task driving = Task.CompletedTask;
    private Task found = Task.CompletedTask;
    private string? error;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunSpans? spans;

    private string Name => this.GetPrimaryKeyString();

    private RunSpans Spans => spans ??= new RunSpans(Name, options.Value.StepsPerSpan);

    public async Task<ImmutableArray<SpecProblem>> Create(RunSpec spec)
    {
        if (this.spec is not null && !Same(this.spec, spec))
        {
            throw new InvalidOperationException($"run {Name} exists with another specification");
        }

        if (serializer.SerializeToArray(spec) is { Length: > MaxSpecBytes } large)
        {
            return [new SpecProblem("", $"a specification of {large.Length} bytes: at most {MaxSpecBytes} are taken")];
        }

        this.spec = spec;
        creation ??= CreateHosts(spec);
        try
        {
            var problems = await creation;
            if (problems.Any(problem => !problem.IsWarning))
            {
                (creation, this.spec) = (null, null);
            }

            return problems;
        }
        catch
        {
            (creation, this.spec) = (null, null);
            throw;
        }
    }

    public async Task Start()
    {
        Require();
        if (pace.UntilNs is not null)
        {
            // Hosts that have come as far as was asked for have ended their drive.
            await Halt(RunPhase.Paused);
            pace.UntilNs = null;
        }

        await GoOn();
    }

    public async Task Advance(long forNs)
    {
        Require();
        if (forNs <= 0)
        {
            throw new ArgumentException($"to go on for {forNs} ns: it must be more than 0");
        }

        await Halt(RunPhase.Paused);
        pace.UntilNs = NowNs + forNs;
        await GoOn();
    }

    public Task Pace(double? speed)
    {
        Require();
        pace.Go(speed, NowNs);
        return Task.CompletedTask;
    }

    private long NowNs => RunStanding.NowNs([.. drives.Select(drive => drive.Standing)]);

    private async Task GoOn()
    {
        if (intent != RunPhase.Running)
        {
            await driving;
        }

        switch (phase)
        {
            case RunPhase.Created or RunPhase.Paused:
                await Save(RunPhase.Running);
                intent = RunPhase.Running;
                pace.From(NowNs);
                driving = Drive();
                break;
            case RunPhase.Stopped or RunPhase.Failed:
                throw new InvalidOperationException($"run {Name} has {(phase == RunPhase.Failed ? "failed" : "been stopped")}");
            default:
                break;
        }
    }

    public async Task Pause()
    {
        pace.UntilNs = null;
        await Halt(RunPhase.Paused);
        await Save(phase);
    }

    public async Task Stop()
    {
        await Halt(RunPhase.Stopped);
        if (phase is RunPhase.Created or RunPhase.Paused)
        {
            await Finish(RunPhase.Stopped);
        }
    }

    public async Task Checkpoint()
    {
        Require();
        if (IsOver(phase) || !archive.Exists)
        {
            throw new InvalidOperationException(IsOver(phase) ? $"run {Name} is over" : "its silos have no store");
        }

        await Task.WhenAll(drives.Where(drive => !drive.Standing.Done).Select(drive => phase == RunPhase.Running ? drive.Checkpoint() : drive.WriteCheckpoint()));
    }

    public async Task Release()
    {
        if (creation is not null)
        {
            await Stop();
            await Task.WhenAll(coordinators.Select(coordinator => coordinator.Release()));
            creation = null;
        }

        await archive.Forget(Name);
        DeactivateOnIdle();
    }

    private async Task<ImmutableArray<SpecProblem>> CreateHosts(RunSpec spec)
    {
        var problems = await ComputeThreads.Shared.Run(() => SpecCheck.Problems(spec));
        if (problems.Any(problem => !problem.IsWarning))
        {
            return problems;
        }

        using var span = Spans.Begin("create hosts");
        span?.SetTag("reclaim.scenario", spec.Scenario).SetTag("reclaim.hosts", spec.Hosts.Length);
        life = new RunLife { Scenario = spec.Scenario, Created = clock.GetUtcNow(), Incarnation = 1, Trace = Spans.Parent };
        Know(spec);
        if (!options.Value.SpreadHosts)
        {
            places = await spread.Divide(Name, places.Length, leaving);
        }

        await Task.WhenAll(drives.Select((drive, host) => drive.Create(life.Incarnation, places[host])));
        await archive.WriteSpec(Name, spec);
        await Save();
        return problems;
    }

    /// <summary>Finds its hosts, wherever they are.</summary>
    private void Know(RunSpec spec)
    {
        places = new SiloAddress?[spec.Hosts.Length];
        coordinators = [.. spec.Hosts.Select((_, i) => GrainFactory.GetGrain<IReclaimCoordinatorGrain>(GrainKeys.Host(Name, i)))];
        drives = [.. coordinators.Select((coordinator, i) => new HostDrive(
            this, spec, i, coordinator, new CheckpointPolicy(options.Value, archive.Exists, options.Value.CheckpointEveryNs), options.Value.AccessesPerStep))];
    }

    private void Require()
    {
        if (creation is not { IsCompletedSuccessfully: true })
        {
            if (creation is null)
            {
                // Whoever asks again is answered by one that has looked into the store again.
                DeactivateOnIdle();
            }

            throw new StepRefusedException(StepRefusal.NotCreated, $"run {Name} was not created, or its silo is gone");
        }
    }

    private static bool IsOver(RunPhase phase) => phase is RunPhase.Done or RunPhase.Stopped or RunPhase.Failed;

    /// <summary>Specifications hold arrays, which compare by identity; what they are on the wire compares by content.</summary>
    private bool Same(RunSpec one, RunSpec other) => serializer.SerializeToArray(one).AsSpan().SequenceEqual(serializer.SerializeToArray(other));
}
