using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Serialization;
using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains;

/// <summary>
/// The life of a run: drives each host's coordinator, step after step, in a loop beside its turns, so that it answers meanwhile.
/// Hosts share nothing and do not wait for each other.
/// </summary>
[KeepAlive, Reentrant]
internal sealed class RunGrain(Serializer serializer, IOptions<RunOptions> options) : Grain, IRunGrain
{
    /// <summary>A run is never rolled back yet, so it has one life.</summary>
    private const int Incarnation = 1;

    /// <summary>How long to wait before asking again whether a memcg has taken its next step.</summary>
    private static readonly TimeSpan ControlPoll = TimeSpan.FromMilliseconds(10);

    private RunSpec? spec;
    private Task<ImmutableArray<SpecProblem>>? creation;
    private ImmutableArray<IReclaimCoordinatorGrain> coordinators = [];
    private RunStanding.Host[] hosts = [];
    private long[] steps = [];

    private RunPhase phase = RunPhase.Created;
    private RunPhase intent = RunPhase.Created;
    private Task driving = Task.CompletedTask;
    private string? error;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<ImmutableArray<SpecProblem>> Create(RunSpec spec)
    {
        if (creation is not null && !Same(this.spec!, spec))
        {
            throw new InvalidOperationException($"run {this.GetPrimaryKeyString()} exists with another specification");
        }

        this.spec = spec;
        creation ??= CreateHosts(spec);
        try
        {
            var problems = await creation;
            if (problems.Any(problem => !problem.IsWarning))
            {
                creation = null;
            }

            return problems;
        }
        catch
        {
            creation = null;
            throw;
        }
    }

    public async Task Start()
    {
        Require();
        if (intent != RunPhase.Running)
        {
            await driving;
        }

        switch (phase)
        {
            case RunPhase.Created or RunPhase.Paused:
                phase = intent = RunPhase.Running;
                driving = Drive();
                break;
            case RunPhase.Stopped or RunPhase.Failed:
                throw new InvalidOperationException($"run {this.GetPrimaryKeyString()} has {(phase == RunPhase.Failed ? "failed" : "been stopped")}");
            default:
                break;
        }
    }

    public Task Pause() => Halt(RunPhase.Paused);

    public async Task Stop()
    {
        await Halt(RunPhase.Stopped);
        if (phase is RunPhase.Created or RunPhase.Paused)
        {
            End(RunPhase.Stopped);
        }
    }

    public Task<RunProgress> Progress()
    {
        Require();
        return Task.FromResult(RunStanding.Progress(phase, hosts, error));
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
        var results = await Task.WhenAll(coordinators.Select(coordinator => coordinator.Results()));
        return RunAssembly.Results(spec!, [.. results], RunStanding.NowNs(hosts), hosts.Sum(host => host.Accesses), phase == RunPhase.Done);
    }

    public async Task<ControlReply> Control(ControlRequest request)
    {
        Require();
        if (request.Host < 0 || request.Host >= spec!.Hosts.Length)
        {
            throw new ArgumentException($"no host number {request.Host}: there are {spec!.Hosts.Length}");
        }

        var paths = spec.Hosts[request.Host].Cgroups.Select(cgroup => cgroup.Path).ToList();
        if (!paths.Contains(request.Cgroup))
        {
            throw new ArgumentException($"no cgroup '{request.Cgroup}' on host {spec.Hosts[request.Host].Name}: {string.Join(", ", paths)}");
        }

        if (phase is RunPhase.Done or RunPhase.Stopped or RunPhase.Failed)
        {
            throw new ArgumentException("the run is over");
        }

        var memcg = GrainFactory.GetGrain<IMemcgGrain>(GrainKeys.Memcg(this.GetPrimaryKeyString(), request.Host, request.Cgroup));
        for (; ; )
        {
            var reply = await memcg.Control(request);
            if (reply.Result is not null || reply.Over || phase != RunPhase.Running)
            {
                return reply;
            }

            await Task.Delay(ControlPoll);
        }
    }

    public async Task Release()
    {
        if (creation is not null)
        {
            await Stop();
            await Task.WhenAll(coordinators.Select(coordinator => coordinator.Release()));
            creation = null;
        }

        DeactivateOnIdle();
    }

    private async Task<ImmutableArray<SpecProblem>> CreateHosts(RunSpec spec)
    {
        var problems = await ComputeThreads.Shared.Run(() => SpecCheck.Problems(spec));
        if (problems.Any(problem => !problem.IsWarning))
        {
            return problems;
        }

        var run = this.GetPrimaryKeyString();
        coordinators = [.. spec.Hosts.Select((_, i) => GrainFactory.GetGrain<IReclaimCoordinatorGrain>(GrainKeys.Host(run, i)))];
        var outlines = await Task.WhenAll(coordinators.Select((coordinator, i) => coordinator.Create(spec, i)));
        hosts = [.. outlines.Select((outline, i) => new RunStanding.Host(
            outline.EndNs, outline.TotalAccesses, Done: false, 0, 0, [.. spec.Hosts[i].Cgroups.Select(cgroup => new CgroupProgress(cgroup.Path, 0, 0, 0))]))];
        steps = new long[hosts.Length];
        return problems;
    }

    private async Task Drive()
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, hosts.Length).Select(Drive));
            if (Array.TrueForAll(hosts, host => host.Done))
            {
                End(RunPhase.Done);
            }
            else if (intent == RunPhase.Stopped)
            {
                End(RunPhase.Stopped);
            }
            else
            {
                phase = RunPhase.Paused;
            }
        }
#pragma warning disable CA1031 // Whatever went wrong is what the run failed of.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = e.Message;
            End(RunPhase.Failed);
        }
    }

    private async Task Drive(int host)
    {
        try
        {
            while (intent == RunPhase.Running && !hosts[host].Done)
            {
                var commit = await coordinators[host].Step(new StepId(Incarnation, steps[host] + 1), options.Value.AccessesPerStep);
                steps[host]++;
                hosts[host] = hosts[host] with { Done = commit.Done, NowNs = commit.NowNs, Accesses = commit.Accesses, Cgroups = commit.Cgroups };
            }
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

    private void End(RunPhase last)
    {
        phase = last;
        ended.TrySetResult();
    }

    private void Require()
    {
        if (creation is not { IsCompletedSuccessfully: true })
        {
            throw new StepRefusedException(StepRefusal.NotCreated, $"run {this.GetPrimaryKeyString()} was not created, or its silo is gone");
        }
    }

    /// <summary>Specifications hold arrays, which compare by identity; what they are on the wire compares by content.</summary>
    private bool Same(RunSpec one, RunSpec other) => serializer.SerializeToArray(one).AsSpan().SequenceEqual(serializer.SerializeToArray(other));
}
