using System.Collections.Immutable;
using System.Diagnostics;
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

    public async Task<RunProgress> Progress()
    {
        Require();
        if (life?.Last is { } last)
        {
            return last with { Phase = phase, Error = error, Recoveries = life.Recoveries, Notes = life.Notes };
        }

        if (phase == RunPhase.Running && !found.IsCompleted)
        {
            await Task.WhenAny(found, Task.Delay(FindingTime));
        }

        return RunStanding.Progress(phase, [.. drives.Select(drive => drive.Standing)], error) with
        {
            Speed = pace.Speed,
            WaitsFor = phase == RunPhase.Running ? drives.Select(drive => drive.WaitsFor).FirstOrDefault(path => path is not null) : null,
            Recoveries = life?.Recoveries ?? 0,
            CheckpointNs = drives.Min(drive => drive.CheckpointNs),
            Notes = life?.Notes ?? [],
        };
    }

    public async Task<RunProgress> Wait(TimeSpan atMost)
    {
        Require();
        try
        {
            await ended.Task.WaitAsync(atMost);
        }
        catch (TimeoutException)
        {
            // Not ended yet: the phase in the answer says so.
        }

        return await Progress();
    }

    public async Task<RunResults> Results()
    {
        Require();
        if (phase == RunPhase.Failed)
        {
            throw new InvalidOperationException($"run {Name} has failed: {error}");
        }

        return results ?? (IsOver(phase) && await archive.Results(Name) is { } kept ? kept : await Gather(phase == RunPhase.Done));
    }

    public async Task<RunView> View(ViewRequest request)
    {
        Require();
        if (request.Host is { } number && (number < 0 || number >= spec!.Hosts.Length))
        {
            throw new ArgumentException($"no host number {number}: there are {spec!.Hosts.Length}");
        }

        if (request.IsWatching)
        {
            pace.Look();
        }

        var wanted = coordinators.Where((_, host) => life?.Last is null && (request.Host is null || request.Host == host));
        var hosts = await Task.WhenAll(wanted.Select(coordinator => View(coordinator, request)));
        return RunAssembly.View(spec!, await Progress(), [.. hosts.OfType<HostView>()]);
    }

    private static async Task<HostView?> View(IReclaimCoordinatorGrain coordinator, ViewRequest request)
    {
        try
        {
            return await coordinator.View(request.Cgroup, request.IsBrief);
        }
        catch (Exception e) when (Loss.Is(e))
        {
            return null;
        }
    }

    public async Task<ControlReply> Control(ControlRequest request)
    {
        Require();
        if (request.Host < 0 || request.Host >= spec!.Hosts.Length)
        {
            throw new ArgumentException($"no host number {request.Host}: there are {spec!.Hosts.Length}");
        }

        var paths = spec.Hosts[request.Host].Cgroups.Select(cgroup => cgroup.Path).Concat(spec.Hosts[request.Host].Groups.Select(group => group.Path)).ToList();
        if (!paths.Contains(request.Cgroup))
        {
            throw new ArgumentException($"no cgroup '{request.Cgroup}' on host {spec.Hosts[request.Host].Name}: {string.Join(", ", paths)}");
        }

        if (IsOver(phase))
        {
            throw new ArgumentException("the run is over");
        }

        for (; ; )
        {
            var reply = await Carry(request);
            await Remember(request, reply);
            if (reply.Result is not null || reply.Over || phase != RunPhase.Running)
            {
                return reply;
            }

            await Task.Delay(ControlPoll);
        }
    }

    /// <summary>Whoever has the cgroup does it: what has others below it, their coordinator.</summary>
    public Task<ControlReply> Carry(ControlRequest request) => spec!.Hosts[request.Host].Groups.Any(group => group.Path == request.Cgroup)
        ? coordinators[request.Host].Control(request)
        : Memcg(request.Host, request.Cgroup).Control(request);

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
        catch (OperationCanceledException) when (retired)
        {
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
