namespace Reclaim.Client.ScenarioFormat;

/// <summary>
/// Translates keys of a specification, as the model reports problems, into keys of the scenario: there a fleet entry with
/// <c>count</c> stands for several hosts, and cgroups nest instead of having paths.
/// </summary>
internal static class SpecKey
{
    public static string ToScenario(ScenarioMap root, string key, IReadOnlyList<int> hostEntries)
    {
        var path = key;
        if (path.StartsWith("hosts", StringComparison.Ordinal) && Index(path, "hosts", out var host, out var rest))
        {
            var entry = host < hostEntries.Count ? hostEntries[host] : host;
            path = root.Find("host") is not null ? "host" + rest : $"hosts[{entry}]{rest}";
        }
        else if (root.Find("hosts") is not null && (path == "host" || path.StartsWith("host.", StringComparison.Ordinal)))
        {
            path = "hosts[0]" + path[4..];
        }

        return Nested(path);
    }

    /// <summary><c>cgroups./db/primary.memory.max</c> becomes <c>cgroups.db.cgroups.primary.memory.max</c>.</summary>
    private static string Nested(string path)
    {
        const string mark = ".cgroups.";
        var start = path.IndexOf(mark, StringComparison.Ordinal);
        if (start < 0)
        {
            return path;
        }

        start += mark.Length;
        var below = path[start..].TrimStart('/');
        return path[..start] + below.Replace("/", mark, StringComparison.Ordinal);
    }

    private static bool Index(string path, string name, out int index, out string rest)
    {
        index = 0;
        rest = "";
        var at = name.Length;
        if (at >= path.Length || path[at] is not ('[' or '.'))
        {
            return false;
        }

        var end = at + 1;
        while (end < path.Length && char.IsAsciiDigit(path[end]))
        {
            end++;
        }

        if (!int.TryParse(path[(at + 1)..end], out index))
        {
            return false;
        }

        rest = path[at] == '[' && end < path.Length ? path[(end + 1)..] : path[end..];
        return true;
    }
}
