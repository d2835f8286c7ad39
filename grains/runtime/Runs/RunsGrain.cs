using System.Collections.Immutable;
using Reclaim.Contracts;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Runs;

/// <summary>Lists what is in the store, and asks those that go on where they stand.</summary>
internal sealed class RunsGrain(RunArchive archive) : Grain, IRunsGrain
{
    public async Task<ImmutableArray<RunEntry>> List()
    {
        var entries = ImmutableArray.CreateBuilder<RunEntry>();
        foreach (var run in await archive.Runs())
        {
            if (await archive.Life(run) is { } life)
            {
                var goesOn = life.Phase is RunPhase.Created or RunPhase.Running or RunPhase.Paused;
                var progress = goesOn ? await GrainFactory.GetGrain<IRunGrain>(run).Progress() : life.Last is { } last ? last with { Phase = life.Phase } : null;
                entries.Add(new RunEntry { Run = run, Scenario = life.Scenario, Created = life.Created, Phase = progress?.Phase ?? life.Phase, Progress = progress });
            }
        }

        return entries.ToImmutable();
    }
}
