namespace Reclaim.Client.ScenarioFormat;

/// <summary>The cgroups of a scenario, as a tree before anything is read from it.</summary>
internal static class CgroupTree
{
    public const string Key = "cgroups";

    /// <summary>The <c>cgroups</c> mappings of all hosts, each with its path.</summary>
    public static IEnumerable<(ScenarioMap Cgroups, string Path)> Roots(ScenarioMap root)
    {
        if (root.Find("host")?.Value is ScenarioMap host && Below(host) is { } single)
        {
            yield return (single, KeyPath.Child("host", Key));
        }

        if (root.Find("hosts")?.Value is not ScenarioList hosts)
        {
            yield break;
        }

        for (var i = 0; i < hosts.Items.Count; i++)
        {
            if (hosts.Items[i] is ScenarioMap item && Below(item) is { } cgroups)
            {
                yield return (cgroups, KeyPath.Child(KeyPath.Item("hosts", i), Key));
            }
        }
    }

    /// <summary>The <c>cgroups</c> mapping of a host or a cgroup.</summary>
    public static ScenarioMap? Below(ScenarioMap parent) => parent.Find(Key)?.Value as ScenarioMap;

    /// <summary>Nodes of a subtree, itself included.</summary>
    public static long Size(ScenarioNode node) => node switch
    {
        ScenarioList list => 1 + list.Items.Sum(Size),
        ScenarioMap map => 1 + map.Entries.Sum(entry => Size(entry.Value)),
        _ => 1,
    };
}
