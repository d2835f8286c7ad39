namespace Reclaim.Client.Fio;

/// <summary>An option of fio under its own name, and what becomes of it here.</summary>
internal sealed class FioOption
{
    public required string Name { get; init; }

    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Whether it may stand without a value, which then means 1.</summary>
    public bool IsFlag { get; init; }

    /// <summary>Takes the value into the job; what is wrong, or null.</summary>
    public required Func<FioJob, string, string?> Apply { get; init; }

    /// <summary>What is said although the job runs: the part of the value that is not honoured; or null.</summary>
    public Func<string, string?> Warning { get; init; } = _ => null;
}
