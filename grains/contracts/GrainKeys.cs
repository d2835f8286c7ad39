using System.Globalization;

namespace Reclaim.Contracts;

/// <summary>
/// Keys of a run's grains: the run's name, then the host's number, then what it is on the host.
/// A run's name has no slash, so the parts can be told apart.
/// </summary>
public static class GrainKeys
{
    /// <summary>Key of the grain that knows all runs.</summary>
    public const string Runs = "runs";

    public static string Host(string run, int host) => string.Create(CultureInfo.InvariantCulture, $"{RunName(run)}/{host}");

    /// <param name="run">The run.</param>
    /// <param name="host">Number of the host in the specification.</param>
    /// <param name="path">Cgroup path, with its leading slash.</param>
    public static string Memcg(string run, int host, string path) => Host(run, host) + path;

    public static string Node(string run, int host, int node) => string.Create(CultureInfo.InvariantCulture, $"{Host(run, host)}/{node}");

    /// <summary>The run and the number of the host that a key of a host, memcg or node names.</summary>
    public static (string Run, int Host) HostOf(string key)
    {
        var run = key.IndexOf('/', StringComparison.Ordinal);
        var end = run < 0 ? -1 : key.IndexOf('/', run + 1);
        var host = run < 0 ? "" : end < 0 ? key[(run + 1)..] : key[(run + 1)..end];
        return int.TryParse(host, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (key[..run], number)
            : throw new FormatException($"'{key}' is not the key of a host, a memcg or a node");
    }

    /// <summary>Checks the name of a run.</summary>
    /// <exception cref="ArgumentException">It is empty or has a slash.</exception>
    public static string RunName(string run) =>
        run.Length > 0 && !run.Contains('/', StringComparison.Ordinal)
            ? run
            : throw new ArgumentException($"'{run}' cannot name a run: a name is not empty and has no slash", nameof(run));
}
