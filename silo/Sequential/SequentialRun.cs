using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains;
using Reclaim.Grains.Runs;

namespace Reclaim.Silo.Sequential;

/// <summary>A run in one thread: all hosts step in rotation, between which it can be watched, fed, paused and stopped.</summary>
internal sealed class SequentialRun : IRun
{
    private readonly RunSpec spec;
    private readonly RunOptions options;
    private long steps;
    private readonly ImmutableArray<SequentialHost> hosts = [];

    /// <summary>Held during each step: whoever has it sees the run between two steps.</summary>
    private readonly Lock step = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task driving = Task.CompletedTask;
    private RunPhase phase = RunPhase.Created;
    private RunProgress progress;
    private string? error;
    private volatile bool halt;

    /// <summary>How many wait to see it between two steps: a lock alone would let steps follow each other without end.</summary>
    private int onlookers;

    public SequentialRun(RunSpec spec, ImmutableArray<SpecProblem> problems, RunOptions options)
    {
        this.spec = spec;
        this.options = options;
        Problems = problems;
        if (RunProblems.IsSound(problems))
        {
            hosts = [.. spec.Hosts.Select((_, i) => new SequentialHost(spec, i))];
        }

        progress = Snapshot();
    }

    public ImmutableArray<SpecProblem> Problems { get; }

    public bool Streams => false;

    public Task<FeedReply> FeedAsync(int host, int cgroup, TraceBatch batch)
    {
        Require();
        lock (step)
        {
            return Task.FromResult(hosts[host].Feed(cgroup, batch));
        }
    }

    public Task<FeedReply> FedAsync(int host, int cgroup, int workload, string? feeder = null)
    {
        Require();
        lock (step)
        {
            return Task.FromResult(hosts[host].Fed(cgroup, workload));
        }
    }

    public Task StartAsync()
    {
        Require();
        lock (step)
        {
            switch (phase)
            {
                case RunPhase.Created or RunPhase.Paused:
                    phase = RunPhase.Running;
                    halt = false;
                    progress = Snapshot();
                    driving = Task.Factory.StartNew(Drive, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                    break;
                case RunPhase.Stopped or RunPhase.Failed:
                    throw new InvalidOperationException(phase == RunPhase.Failed ? "the run has failed" : "the run has been stopped");
                default:
                    break;
            }
        }

        return Task.CompletedTask;
    }

    public Task<RunProgress> ProgressAsync()
    {
        Require();
        return Task.FromResult(Volatile.Read(ref progress));
    }

    public Task<RunView> ViewAsync(ViewRequest request)
    {
        Require();
        if (request.Host is { } number && (number < 0 || number >= hosts.Length))
        {
            throw new ArgumentException($"no host number {number}: there are {hosts.Length}");
        }

        Interlocked.Increment(ref onlookers);
        return Task.Run(() =>
        {
            lock (step)
            {
                Interlocked.Decrement(ref onlookers);
                return RunAssembly.View(spec, Snapshot(), [.. hosts.Where((_, host) => request.Host is null || request.Host == host).Select(host => host.View(request.Cgroup, request.IsBrief))]);
            }
        });
    }

    public async Task PauseAsync()
    {
        Require();
        halt = true;
        await driving;
    }

    public async Task StopAsync()
    {
        await PauseAsync();
        lock (step)
        {
            if (phase is RunPhase.Created or RunPhase.Paused)
            {
                End(RunPhase.Stopped);
            }
        }
    }

    public Task WaitAsync(CancellationToken cancellation = default)
    {
        Require();
        return ended.Task.WaitAsync(cancellation);
    }

    public Task<RunResults> ResultsAsync()
    {
        Require();
        return Task.Run(() =>
        {
            lock (step)
            {
                var standing = hosts.Select(host => host.Standing).ToArray();
                return RunAssembly.Results(
                    spec,
                    [.. hosts.Select(host => host.Results())],
                    RunStanding.NowNs(standing),
                    standing.Sum(host => host.Accesses),
                    phase == RunPhase.Done);
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (RunProblems.IsSound(Problems))
        {
            await StopAsync();
        }
    }

    private void Drive()
    {
        try
        {
            while (!halt && Step())
            {
                Volatile.Write(ref progress, Snapshot());
            }

            lock (step)
            {
                if (hosts.All(host => host.Standing.Done))
                {
                    End(RunPhase.Done);
                }
                else
                {
                    phase = RunPhase.Paused;
                    progress = Snapshot();
                }
            }
        }
#pragma warning disable CA1031 // Whatever went wrong is what the run failed of.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (step)
            {
                error = e.Message;
                End(RunPhase.Failed);
            }
        }
    }

    /// <summary>One step of every host that is not done.</summary>
    /// <returns>Whether there was any.</returns>
    private bool Step()
    {
        var any = false;
        var relive = options.StepsPerLife > 0 && ++steps % options.StepsPerLife == 0;
        foreach (var host in hosts)
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref onlookers) == 0);
            lock (step)
            {
                any |= host.Step(options.AccessesPerStep);
                if (relive)
                {
                    host.Relive();
                }
            }
        }

        return any;
    }

    private RunProgress Snapshot() => RunStanding.Progress(phase, [.. hosts.Select(host => host.Standing)], error);

    private void End(RunPhase last)
    {
        phase = last;
        progress = Snapshot();
        ended.TrySetResult();
    }

    private void Require()
    {
        if (!RunProblems.IsSound(Problems))
        {
            throw RunProblems.DoesNotExist(Problems);
        }
    }
}
