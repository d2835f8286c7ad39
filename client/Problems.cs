namespace Reclaim.Client;

/// <summary>The input is wrong: exit status 2, the message (one line, or one line for each problem) on standard error.</summary>
internal sealed class InputException(string message) : Exception(message);

/// <summary>The run failed although the input was right: exit status 1.</summary>
internal sealed class RunFailedException(string message) : Exception(message);

/// <summary>Where a value was written.</summary>
/// <param name="File">The file's name as given, or an option as typed.</param>
/// <param name="Line">1-based; 0 where there are no lines (a command line).</param>
internal readonly record struct Origin(string File, int Line)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}" : File;
}

/// <summary>Something wrong, or honoured only in part, in what the user wrote.</summary>
internal sealed record Problem(Origin Origin, string Key, string Message, bool IsWarning)
{
    /// <summary><c>file:line: key: message</c>.</summary>
    public override string ToString()
    {
        var key = Key.Length > 0 ? $"{Key}: " : "";
        return $"{Origin}: {(IsWarning ? "warning: " : "")}{key}{Message}";
    }
}

/// <summary>Problems in the order in which they were found, at most one error for a key.</summary>
internal sealed class ProblemLog
{
    private readonly List<Problem> _problems = [];

    public IReadOnlyList<Problem> All => _problems;

    public bool HasErrors => _problems.Exists(p => !p.IsWarning);

    public IEnumerable<Problem> Warnings => _problems.Where(p => p.IsWarning);

    public void Error(Origin origin, string key, string message) => Add(new Problem(origin, key, message, IsWarning: false));

    public void Warn(Origin origin, string key, string message) => Add(new Problem(origin, key, message, IsWarning: true));

    /// <summary>Throws if there is any error, with every problem, one a line: the errors, and behind them the warnings, which may say why.</summary>
    public void ThrowIfErrors()
    {
        if (HasErrors)
        {
            throw new InputException(string.Join('\n', _problems.OrderBy(p => p.IsWarning).Select(p => p.ToString())));
        }
    }

    private void Add(Problem problem)
    {
        // What follows from a value that is already known to be wrong is not worth a second line.
        if (!_problems.Exists(p => p.Origin == problem.Origin && p.Key == problem.Key && (!p.IsWarning || p == problem)))
        {
            _problems.Add(problem);
        }
    }
}
