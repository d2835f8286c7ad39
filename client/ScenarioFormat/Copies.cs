using System.Globalization;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>
/// Replaces a cgroup with <c>count: N</c> by N equal ones, <c>NAME-1</c> to <c>NAME-N</c>, with what is below them. A problem of
/// a copy is a problem of what was written, and said once.
/// </summary>
internal static class Copies
{
    public const string Key = "count";

    private const int MaxCount = 10_000;

    /// <summary>Nodes of all copies together: what is still read in a moment.</summary>
    private const long MaxNodes = 2_000_000;

    public static void Apply(ScenarioMap root, ProblemLog log)
    {
        var left = MaxNodes;
        foreach (var (cgroups, path) in CgroupTree.Roots(root))
        {
            Multiply(cgroups, path, log, ref left);
        }
    }

    private static void Multiply(ScenarioMap cgroups, string path, ProblemLog log, ref long left)
    {
        var written = cgroups.Entries.ToList();
        cgroups.Entries.Clear();
        foreach (var entry in written)
        {
            if (entry.Value is not ScenarioMap cgroup)
            {
                cgroups.Entries.Add(entry);
                continue;
            }

            var cgroupPath = entry.WrittenAs ?? KeyPath.Child(path, entry.Key);
            var count = Take(cgroup, cgroupPath, log, out var counted);
            if (CgroupTree.Below(cgroup) is { } below)
            {
                Multiply(below, KeyPath.Child(cgroupPath, CgroupTree.Key), log, ref left);
            }

            if (count == 1)
            {
                cgroups.Entries.Add(entry);
                continue;
            }

            left -= count * CgroupTree.Size(cgroup);
            if (left < 0)
            {
                log.Error(counted, KeyPath.Child(cgroupPath, Key), $"too many cgroups: more than {MaxNodes} values together");
                return;
            }

            var names = Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{entry.Key}-{number}")).ToList();
            if (written.Find(other => names.Contains(other.Key)) is { } taken)
            {
                log.Error(taken.Origin, KeyPath.Child(path, taken.Key), $"is one of those that '{entry.Key}' with count {count} stands for");
            }

            cgroups.Entries.AddRange(names.Select(name => new ScenarioEntry(name, entry.Origin, cgroup.Copy()) { WrittenAs = cgroupPath }));
        }
    }

    private static int Take(ScenarioMap cgroup, string path, ProblemLog log, out Origin origin)
    {
        var reader = new MapReader(cgroup, path, log);
        var count = (int)(reader.Integer(Key, 1, MaxCount) ?? 1);
        origin = cgroup.Find(Key)?.Origin ?? cgroup.Origin;
        cgroup.Entries.RemoveAll(entry => entry.Key == Key);
        return count;
    }
}
