namespace Reclaim.Client.Traces;

/// <summary>How a trace file is written. Each may be compressed, as <c>.gz</c> or <c>.zst</c>.</summary>
internal enum TraceFormat
{
    /// <summary>Little-endian unsigned 32-bit page numbers, nothing else.</summary>
    U32,

    /// <summary>
    /// libCacheSim's oracleGeneral: records of 24 bytes, little-endian: time (u32), id (u64), size (u32), next access (i64).
    /// Ids become page numbers in the order in which they first appear; an object is one page whatever its size.
    /// </summary>
    OracleGeneral,

    /// <summary>Text, a line for each access with the id in one of its columns. Ids become page numbers as above.</summary>
    Csv,
}
