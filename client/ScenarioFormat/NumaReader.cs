using System.Collections.Immutable;
using System.Globalization;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads on which NUMA nodes the pages of a cgroup are to be; those below it have what they do not say from it.</summary>
internal static class NumaReader
{
    private const int MaxWeight = 255;

    /// <summary>cpuset.mems, cpu_node and numa_mempolicy of a cgroup.</summary>
    public static WorkloadSite Read(MapReader reader, WorkloadSite site)
    {
        site = site with { Mems = Mems(reader, site) };
        site = site with { CpuNode = CpuNode(reader, site) };
        return site with { Mempolicy = Mempolicy(reader, site) };
    }

    /// <summary>weighted_interleave of a host.</summary>
    public static ImmutableArray<int> Weights(MapReader reader, int nodes)
    {
        if (reader.List("weighted_interleave") is not { } list)
        {
            return [];
        }

        ImmutableArray<int> weights = [.. list.Items.Select(item => item is ScenarioScalar { Text: var text } && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var weight) ? weight : 0)];
        if (weights.Length != nodes || weights.Any(weight => weight is < 1 or > MaxWeight))
        {
            reader.Error("weighted_interleave", $"must be {nodes} numbers from 1 to {MaxWeight}, one for each node");
            return [];
        }

        return weights;
    }

    /// <summary>The cgroup as it is read, with them.</summary>
    public static CgroupSpec With(this CgroupSpec cgroup, WorkloadSite site) => cgroup with
    {
        Node = site.Mems.Length == 1 ? site.Mems[0] : null,
        Mems = site.Mems.Length > 1 ? site.Mems : [],
        CpuNode = site.CpuNode,
        Mempolicy = site.Mempolicy,
    };

    private static ImmutableArray<int> Mems(MapReader reader, WorkloadSite site)
    {
        if (reader.Text("cpuset.mems") is not { Length: > 0 } text || List(reader, "cpuset.mems", text, site) is not { } mems)
        {
            return site.Mems;
        }

        if (!site.Mems.IsEmpty && mems.Any(node => !site.Mems.Contains(node)))
        {
            reader.Error("cpuset.mems", $"is {text}, but a cgroup above it has {Names(site.Mems)} only");
            return site.Mems;
        }

        return mems;
    }

    private static int? CpuNode(MapReader reader, WorkloadSite site)
    {
        if (reader.Integer("cpu_node", 0) is not { } node)
        {
            return site.CpuNode;
        }

        if (node >= site.Nodes || !site.HasCpus[(int)node])
        {
            reader.Error("cpu_node", node >= site.Nodes ? NoNode(node, site) : $"node {node} has no CPUs");
            return site.CpuNode;
        }

        return (int)node;
    }

    private static MempolicySpec? Mempolicy(MapReader reader, WorkloadSite site)
    {
        if (reader.Text("numa_mempolicy") is not { } text)
        {
            return Within(site.Mempolicy, site);
        }

        if (text == "local")
        {
            return null;
        }

        var at = text.IndexOf(':', StringComparison.Ordinal);
        var kind = at < 0 ? text : text[..at];
        if (!MempolicySpec.Kinds.Contains(kind))
        {
            reader.Error("numa_mempolicy", $"no memory policy '{kind}'{Nearest.Suggestion(kind, [.. MempolicySpec.Kinds, "local"])}");
            return null;
        }

        if (at < 0)
        {
            reader.Error("numa_mempolicy", $"names no nodes: for example {kind}:{(kind == "preferred" ? "0" : "0-1")}");
            return null;
        }

        if (List(reader, "numa_mempolicy", text[(at + 1)..], site) is not { } nodes)
        {
            return null;
        }

        if (kind == "preferred" && nodes.Length > 1)
        {
            reader.Error("numa_mempolicy", "preferred names one node");
        }
        else if (!site.Mems.IsEmpty && nodes.Any(node => !site.Mems.Contains(node)))
        {
            reader.Error("numa_mempolicy", $"is {text}, but cpuset.mems has {Names(site.Mems)} only");
        }

        return new MempolicySpec(kind, nodes);
    }

    /// <summary>A policy from above, as far as a narrower cpuset.mems leaves of it (mpol_rebind_policy).</summary>
    private static MempolicySpec? Within(MempolicySpec? policy, WorkloadSite site)
    {
        if (policy is null || site.Mems.IsEmpty)
        {
            return policy;
        }

        ImmutableArray<int> left = [.. policy.Nodes.Where(site.Mems.Contains)];
        return left.IsEmpty ? null : policy with { Nodes = left };
    }

    /// <summary>A list of nodes as cpuset has them: numbers and ranges.</summary>
    private static ImmutableArray<int>? List(MapReader reader, string key, string text, WorkloadSite site)
    {
        var nodes = new SortedSet<int>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !Number(ends[0], out var first) || !Number(ends[^1], out var last) || last < first)
            {
                reader.Error(key, $"'{text}' is no list of nodes: for example \"0\", \"0,2\" or \"0-1\"");
                return null;
            }

            if (last >= site.Nodes)
            {
                reader.Error(key, NoNode(last, site));
                return null;
            }

            nodes.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return [.. nodes];

        static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static string NoNode(long node, WorkloadSite site) => $"no node {node}: the host has {(site.Nodes == 1 ? "node 0 only" : $"nodes 0 to {site.Nodes - 1}")}";

    private static string Names(ImmutableArray<int> nodes) => nodes.Length == 1 ? $"node {nodes[0]}" : $"nodes {string.Join(", ", nodes)}";
}
