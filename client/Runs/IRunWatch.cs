using Reclaim.Client.ScenarioFormat;
using Reclaim.Silo;

namespace Reclaim.Client.Runs;

/// <summary>Told which runs are under way.</summary>
internal interface IRunWatch
{
    /// <summary>A run exists and is about to start.</summary>
    void Begin(Scenario scenario, IRun run, IReadOnlyList<Problem> warnings);

    /// <summary>A run is over.</summary>
    void End(IRun run);
}
