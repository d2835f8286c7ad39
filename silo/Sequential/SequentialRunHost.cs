using Reclaim.Contracts.Spec;
using Reclaim.Grains;

namespace Reclaim.Silo.Sequential;

/// <summary>Runs one after the other in one thread each, without Orleans.</summary>
internal sealed class SequentialRunHost(RunOptions options) : IRunHost
{
    public Task<IRun> CreateAsync(RunSpec spec, CancellationToken cancellation = default) =>
        Task.Run<IRun>(() => new SequentialRun(spec, SpecCheck.Problems(spec), options), cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
