using Reclaim.Model.Hierarchy;

namespace Reclaim.Model.Sharing;

/// <summary>What the members of a domain have yet to be told of the files they share, each for itself, in the order in which it happened.</summary>
internal sealed class FileNews
{
    /// <summary>Changes that a member may have waiting when another's turn is over; it is told of more although it does not run. The accesses to the pages of one that has ended would add up for good.</summary>
    private const int Most = 4096;

    private readonly MemcgTree _tree;
    private readonly int[] _numbers;

    /// <summary>Their places in the tree.</summary>
    private readonly int[] _nodes;

    private readonly List<FileChange>[] _waiting;

    /// <summary>By number of the file: its users, as members.</summary>
    private readonly int[][] _users;

    /// <param name="tree">Which cgroups are above which.</param>
    /// <param name="members">Numbers of the containers.</param>
    /// <param name="files">The files that they share.</param>
    public FileNews(MemcgTree tree, IReadOnlyList<int> members, IReadOnlyList<SharedFileUsers> files)
    {
        _tree = tree;
        _numbers = [.. members];
        _nodes = [.. members.Select(tree.OfMember)];
        _waiting = [.. members.Select(_ => new List<FileChange>())];
        _users = new int[files.Max(file => file.Number) + 1][];
        foreach (var file in files)
        {
            _users[file.Number] = [.. file.Users.Select(user => Array.IndexOf(_numbers, user))];
        }
    }

    /// <summary>A member has done something to them.</summary>
    public void Took(int member, IReadOnlyList<FileChange>? changes)
    {
        foreach (var change in changes ?? [])
        {
            foreach (var user in _users[change.File])
            {
                if (change.IsForMember ? _numbers[user] == change.Member : user != member)
                {
                    _waiting[user].Add(change.Kind == FileChangeKind.Mapped ? change with { Mapping = change.Mapping with { Common = Common(member, user) } } : change);
                }
            }
        }
    }

    private ushort Common(int one, int other) => (ushort)_tree.CommonAbove(_nodes[one], _nodes[other]);

    /// <summary>Whether a member has yet to be told of something.</summary>
    public bool Has(int member) => _waiting[member].Count != 0;

    /// <summary>What it is to be told; null: nothing.</summary>
    public FileChange[]? Take(int member)
    {
        if (_waiting[member].Count == 0)
        {
            return null;
        }

        FileChange[] changes = [.. _waiting[member]];
        _waiting[member].Clear();
        return changes;
    }

    /// <summary>The first member that is to be told although it does not run; null: none.</summary>
    /// <param name="all">Whether any that has something waiting is: nobody runs any more.</param>
    public int? Overdue(bool all)
    {
        var first = Array.FindIndex(_waiting, changes => changes.Count > (all ? 0 : Most));
        return first < 0 ? null : first;
    }
}
