namespace Reclaim.Client.Traces;

/// <summary>What a trace file does not say about itself.</summary>
internal sealed record TraceOptions
{
    public static TraceOptions Default { get; } = new();

    /// <summary>Most bytes that a compressed file may become, so that a small one cannot keep the program busy for days.</summary>
    public long MaxDecompressedBytes { get; init; } = 256L << 30;

    /// <summary>CSV: the column of the ids, by its name in the header or its number from 1; null: the only one, or one with a usual name.</summary>
    public string? Column { get; init; }

    /// <summary>CSV: what stands between columns.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>CSV: whether the first line names the columns; null: if a column is asked for by name, or the first line has no number for an id.</summary>
    public bool? Header { get; init; }
}
