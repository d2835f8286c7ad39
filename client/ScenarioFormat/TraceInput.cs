namespace Reclaim.Client.ScenarioFormat;

/// <summary>A trace file as a scenario names it.</summary>
internal sealed record TraceInput(string Path, string Format, long? Pages)
{
    public static IReadOnlyList<string> Formats { get; } = ["u32", "oracleGeneral", "csv"];

    /// <summary>Accesses after which the trace is cut off; null: none.</summary>
    public long? Limit { get; init; }

    /// <summary>Reads the trace through once.</summary>
    /// <returns>Its accesses and the pages it spans, or null after reporting what is wrong.</returns>
    public (long Accesses, long Pages)? Count(Action<string> error)
    {
        error($"{Path}: traces are not in this version");
        return null;
    }

    /// <summary>Its pages, as little-endian 32-bit numbers.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Batches() => throw new InputException($"{Path}: traces are not in this version");
}
