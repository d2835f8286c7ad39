using Reclaim.Client.Traces;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>A trace that was read through once, and how much of it a workload replays.</summary>
/// <param name="File">The trace.</param>
/// <param name="Accesses">Accesses replayed, from the first.</param>
internal sealed record TraceInput(TraceFile File, long Accesses)
{
    private const int PageNumberBytes = sizeof(uint);

    /// <summary>Names of the formats as scenarios write them.</summary>
    public static IReadOnlyDictionary<string, TraceFormat> Formats { get; } = new Dictionary<string, TraceFormat>(StringComparer.Ordinal)
    {
        ["u32"] = TraceFormat.U32,
        ["oracleGeneral"] = TraceFormat.OracleGeneral,
        ["csv"] = TraceFormat.Csv,
    };

    /// <param name="path">The trace.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="pages">Size of the accessed file in pages, or null: as far as the trace goes.</param>
    /// <param name="options">What else there is to say about the file.</param>
    /// <param name="limit">Accesses after which it is cut off, or null.</param>
    /// <param name="input">The trace, if nothing is wrong.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? TryOpen(string path, TraceFormat format, long? pages, TraceOptions options, long? limit, out TraceInput? input)
    {
        input = null;
        try
        {
            var file = TraceFile.Open(path, format, pages, options);
            if (limit > file.Accesses)
            {
                return $"{path}: has {file.Accesses} accesses, fewer than the {limit} asked for";
            }

            input = new TraceInput(file, limit ?? file.Accesses);
            return null;
        }
        catch (TraceException e)
        {
            return e.Message;
        }
    }

    /// <summary>Its pages, as little-endian 32-bit numbers, in blocks that are ready to be sent.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Batches()
    {
        var left = Accesses * PageNumberBytes;
        foreach (var batch in File.Batches())
        {
            if (left <= 0)
            {
                yield break;
            }

            yield return left < batch.Length ? batch[..(int)left] : batch;
            left -= batch.Length;
        }
    }
}
