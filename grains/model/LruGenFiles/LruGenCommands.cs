using System.Collections.Immutable;

namespace Reclaim.Model.LruGenFiles;

/// <summary>What one write to lru_gen comes to: the kernel carries commands out one by one and stops at the first that is wrong.</summary>
/// <param name="Commands">Commands before the error, which are done; all if there is none.</param>
/// <param name="Error">What write(2) then fails with; null if every command could be read.</param>
public sealed record LruGenCommands(ImmutableArray<LruGenCommand> Commands, LruGenCommandError? Error);

/// <summary>A command that the kernel refuses with EINVAL.</summary>
/// <param name="Position">Which of the commands it is, counted from 1.</param>
/// <param name="Text">The command as written.</param>
/// <param name="Problem">What is wrong with it.</param>
public sealed record LruGenCommandError(int Position, string Text, string Problem)
{
    /// <summary>The kernel's number of the error.</summary>
    public const int Einval = 22;

    /// <summary>One line that names the command.</summary>
    public override string ToString() => $"command {Position} '{Text}': {Problem} (EINVAL)";
}
