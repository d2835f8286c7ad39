namespace Reclaim.Client.Traces;

/// <summary>A trace file cannot be used. The message is one line that names the file, what is wrong and where.</summary>
public sealed class TraceException : Exception
{
    public TraceException(string path, string problem, Exception? cause = null)
        : base($"{path}: {problem.ReplaceLineEndings(" ")}", cause)
    {
    }
}
