namespace Reclaim.Model.LruGenFiles;

/// <summary>A text that is neither lru_gen nor lru_gen_full.</summary>
/// <param name="line">The line, counted from 1.</param>
/// <param name="column">The column, counted from 1.</param>
/// <param name="problem">What was expected there, and what was found.</param>
public sealed class LruGenTextException(int line, int column, string problem) : FormatException($"line {line}, column {column}: {problem}")
{
    public int Line => line;

    public int Column => column;
}
