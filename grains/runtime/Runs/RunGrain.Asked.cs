using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Runs;

/// <content>What is asked of a run while it goes on, and what it is told.</content>
internal sealed partial class RunGrain
{
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
}
