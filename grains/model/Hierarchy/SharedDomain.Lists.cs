using Reclaim.Model.Sharing;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// What is on the lists of members, and of the cgroups above them together: sums for those that reclaim, and what the classic policy of a member must know
/// of each level above it.
/// </summary>
public sealed partial class SharedDomain
{
    /// <summary>Its lists on a node.</summary>
    private ListState ListsOf(Member member, int node) => _tree.Nodes[member.Node].On(node).Lists;

    /// <summary>A member's lists have changed, and with them the sums above it; of what is above it, it says ages and costs.</summary>
    private void TakeLists(Member member, in ListState lists, IReadOnlyList<ListState>? byNode, IReadOnlyList<ListState>? above)
    {
        var cgroup = _tree.Nodes[member.Node];
        foreach (var node in member.Reach)
        {
            var (before, after) = (cgroup.On(node).Lists, byNode is null ? lists : byNode[node]);
            cgroup.On(node).Lists = after;
            var first = byNode is null ? 0 : node * cgroup.Depth;
            for (var (parent, level) = (cgroup.Parent, cgroup.Depth - 1); parent >= 0; (parent, level) = (_tree.Nodes[parent].Parent, level - 1))
            {
                var there = _tree.Nodes[parent].On(node);
                there.Lists = there.Lists.Changed(before, after);
                if (above is not null)
                {
                    var told = above[first + level];
                    there.Lists = there.Lists with { Age = told.Age, AnonCost = told.AnonCost, FileCost = told.FileCost };
                }
            }
        }

        member.HasReported = true;
    }

    /// <summary>Classic only: what a member must know of the cgroups above it; node after node if it has pages on several.</summary>
    private ListState[] AboveFor(Member member)
    {
        var cgroup = _tree.Nodes[member.Node];
        if (_multiGen || SharesFilesOnly || cgroup.Depth == 0)
        {
            return [];
        }

        var (nodes, depth) = (member.IsSpread ? _nodes.Length : 1, cgroup.Depth);
        var above = new ListState[nodes * depth];
        for (var i = 0; i < nodes; i++)
        {
            var node = member.IsSpread ? i : member.Home.Id;
            var own = cgroup.On(node).Lists;
            for (var (parent, level) = (cgroup.Parent, depth - 1); parent >= 0; (parent, level) = (_tree.Nodes[parent].Parent, level - 1))
            {
                above[i * depth + level] = _tree.Nodes[parent].On(node).Lists.Changed(own, default);
            }
        }

        return above;
    }

    /// <summary>Classic only: what refaults of pages are judged by that others evicted.</summary>
    private EvictorState[] EvictorsFor(Member member) => [.. _members.Where(other => other != member).Select(other => new EvictorState(
        (ushort)other.Number, SharesFilesOnly ? 0 : _tree.CommonAbove(member.Node, other.Node), LevelsOf(other)))];

    private EvictorLevel[] LevelsOf(Member member)
    {
        var cgroup = _tree.Nodes[member.Node];
        var own = ListsOf(member, member.Home.Id);
        var levels = new EvictorLevel[SharesFilesOnly ? 1 : cgroup.Depth + 1];
        levels[^1] = new EvictorLevel(own.Age, own.Workingset);
        for (var (parent, level) = (cgroup.Parent, levels.Length - 2); level >= 0; (parent, level) = (_tree.Nodes[parent].Parent, level - 1))
        {
            var lists = _tree.Nodes[parent].On(member.Home.Id).Lists;
            levels[level] = new EvictorLevel(lists.Age, lists.ActiveFile + (SwapPages > 0 ? lists.ActiveAnon + lists.InactiveAnon : 0));
        }

        return levels;
    }

    /// <summary>Sums over a subtree on a node.</summary>
    private ListState Lists(int root, int node) => _tree.Nodes[root].On(node).Lists;
}
