namespace Reclaim.Silo.Membership;

/// <summary>The folder of a cluster of this machine: its members, what it keeps of runs, and the logs of its silos.</summary>
public static class LocalFolder
{
    /// <summary>The environment variable that names another than the user's own.</summary>
    public const string Variable = "RECLAIM_CLUSTER_DIR";

    /// <summary>The user's own: <c>reclaim/local</c> where the desktop's conventions have the state of programs.</summary>
    public static string Default => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder
        ? Path.GetFullPath(folder)
        : Path.Combine(State, "reclaim", "local");

    /// <summary>Held while somebody starts its silos or stops them.</summary>
    public static string LockOf(string folder) => Path.Combine(folder, "cluster.lock");

    /// <summary>What outlives its silos.</summary>
    public static string RunsOf(string folder) => Path.Combine(folder, "runs");

    /// <summary>XDG_STATE_HOME counts if it is an absolute path.</summary>
    private static string State => Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { } state && Path.IsPathFullyQualified(state)
        ? state
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
}
