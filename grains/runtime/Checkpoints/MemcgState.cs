using Reclaim.Model.Steps;

namespace Reclaim.Grains.Checkpoints;

/// <summary>All that a memcg must remember.</summary>
/// <param name="Container">The memcg.</param>
internal sealed record MemcgState(Container Container)
{
    /// <summary>Its steps.</summary>
    public StepLog<Report> Runs { get; } = new();

    /// <summary>The orders it was given.</summary>
    public StepLog<ShrinkReport> Orders { get; } = new();

    /// <summary>Requests for its control files, and when each takes place.</summary>
    public Dictionary<string, long> Requests { get; } = new(StringComparer.Ordinal);
}
