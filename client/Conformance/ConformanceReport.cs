using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Reclaim.Client.Conformance;

/// <summary>Simulator against kernel, in the shape of <c>reclaim-conformance/1</c>.</summary>
internal sealed record ConformanceReport(string Schema, ImmutableArray<ConformanceCase> Cases)
{
    public const string SchemaName = "reclaim-conformance/1";
}

internal sealed record ConformanceCase
{
    public required string File { get; init; }

    public required string Name { get; init; }

    public required string Variant { get; init; }

    public required string Policy { get; init; }

    [JsonPropertyName("lru_refs_width")]
    public int LruRefsWidth { get; init; }

    public bool Supported { get; init; }

    /// <summary>Why the case was not replayed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<ConformanceFigure> Figures { get; init; }

    /// <summary>Where the kernel draws lots: what the simulator's draws are held to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LotteryVerdict? Lottery { get; init; }

    /// <summary>Pages resident in both ÷ pages resident in either; over several seeds the mean.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ResidentAgreement { get; init; }

    /// <summary>Digest of the run that replayed it; of several seeds SHA-256 over their digests, a line each, in the order of seeds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Digest { get; init; }
}

/// <summary>A figure of the kernel (the mean of its runs) beside the simulator's.</summary>
internal sealed record ConformanceFigure
{
    public required string Name { get; init; }

    public double Measured { get; init; }

    /// <summary>Smallest and largest of the kernel's runs; only where there are several.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<double> MeasuredRange { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MeasuredRuns { get; init; }

    /// <summary>Of several seeds the mean.</summary>
    public double Simulated { get; init; }

    /// <summary>Smallest and largest of the seeds; only where there are several.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<double> SimulatedRange { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SimulatedRuns { get; init; }

    /// <summary>(simulated − measured) ÷ measured, in per cent; measured 0 counts as 1.</summary>
    public double ErrorPercent { get; init; }
}
