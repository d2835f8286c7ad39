using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;

namespace Reclaim.Client.Tests;

/// <summary>An engine whose runs take no time and give figures that follow from the specification: for tests of what surrounds a run.</summary>
internal sealed class CannedEngine(
    Func<RunSpec, ImmutableArray<SpecProblem>>? problems = null, string? failure = null, Func<RunSpec, long>? reads = null) : IRunHost
{
    public List<RunSpec> Ran { get; } = [];

    public List<int> Silos { get; } = [];

    public List<TraceBatch> Fed { get; } = [];

    public Engine Engine => new((silos, _, _) =>
    {
        Silos.Add(silos);
        return Task.FromResult<IRunHost>(this);
    }, () => Names.Known);

    public Task<IRun> CreateAsync(RunSpec spec, CancellationToken cancellation = default) =>
        Task.FromResult<IRun>(new Run(this, spec, problems?.Invoke(spec) ?? [], failure));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private long? Reads(RunSpec spec) => reads?.Invoke(spec);

    private sealed class Run(CannedEngine engine, RunSpec spec, ImmutableArray<SpecProblem> problems, string? failure) : IRun
    {
        private RunPhase _phase;

        public ImmutableArray<SpecProblem> Problems => problems;

        public bool Streams => false;

        public Task<FeedReply> FeedAsync(int host, int cgroup, TraceBatch batch)
        {
            engine.Fed.Add(batch);
            return FedAsync(host, cgroup, batch.Workload);
        }

        public Task<FeedReply> FedAsync(int host, int cgroup, int workload, string? feeder = null) => Task.FromResult(new FeedReply(engine.Fed.Count, engine.Fed.Count, int.MaxValue));

        public Task StartAsync()
        {
            lock (engine)
            {
                engine.Ran.Add(spec);
            }

            _phase = RunPhase.Running;
            return Task.CompletedTask;
        }

        public Task<RunProgress> ProgressAsync() => Task.FromResult(new RunProgress { Phase = _phase, Error = failure });

        public Task PauseAsync() => Task.CompletedTask;

        public Task StopAsync()
        {
            _phase = RunPhase.Stopped;
            return Task.CompletedTask;
        }

        public Task WaitAsync(CancellationToken cancellation = default)
        {
            cancellation.ThrowIfCancellationRequested();
            _phase = failure is null ? RunPhase.Done : RunPhase.Failed;
            return Task.CompletedTask;
        }

        public Task<RunResults> ResultsAsync() => Task.FromResult(CannedResults.Of(spec, _phase == RunPhase.Done, engine.Reads(spec)));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
