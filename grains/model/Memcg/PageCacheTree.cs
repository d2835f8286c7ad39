namespace Reclaim.Model.Memcg;

/// <summary>
/// The nodes of the page-cache trees (struct xa_node) of a memcg's files: 64 slots each, charged to the memcg as kernel
/// memory, holding pages and, after eviction, shadow entries. A leaf that holds nothing but shadows is on a list, oldest
/// first, from which the shadow shrinker takes it.
///
/// A page number divided by 64 is a leaf. Upper levels are prefixes of it, and exist as soon as anything below does; the
/// height of a file's tree grows with the largest index inserted.
///
/// Nodes of a file that several memcgs use are each charged to whoever inserted the page for which it was made; those of others are
/// kept here too, but neither counted nor on the list.
///
/// Source: lib/xarray.c (xas_create, xas_expand); mm/workingset.c (workingset_update_node, count_shadow_nodes,
/// scan_shadow_nodes, shadow_lru_isolate), v6.8.
/// </summary>
internal sealed class PageCacheTree
{
    private const int None = -1;

    private readonly byte[] _present;
    private readonly byte[] _shadows;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly FileTree[] _files;
    private readonly int[] _fileOfLeaf;

    /// <summary>By leaf: whether it is charged to another memcg; null: no file is shared.</summary>
    private readonly bool[]? _ofOther;
    private int _oldest = None;
    private int _newest = None;

    /// <param name="filePages">Size of each file in pages, in the order in which they lie in the space of page numbers.</param>
    /// <param name="shared">Files that other memcgs use too.</param>
    public PageCacheTree(ReadOnlySpan<int> filePages, IReadOnlyCollection<int>? shared = null)
    {
        var leaves = 0;
        _files = new FileTree[filePages.Length];
        for (var i = 0; i < filePages.Length; i++)
        {
            _files[i] = new FileTree(leaves, filePages[i], shared?.Contains(i) ?? false);
            leaves += LeavesOf(filePages[i]);
        }

        _present = new byte[leaves];
        _shadows = new byte[leaves];
        _next = new int[leaves];
        _previous = new int[leaves];
        _fileOfLeaf = new int[leaves];
        _ofOther = shared is { Count: > 0 } ? new bool[leaves] : null;
        for (var i = 0; i < filePages.Length; i++)
        {
            _fileOfLeaf.AsSpan(_files[i].FirstLeaf, LeavesOf(filePages[i])).Fill(i);
        }
    }

    /// <summary>Leaves that a file of so many pages takes.</summary>
    public static int LeavesOf(int pages) => (pages + 63) >> 6;

    /// <summary>Files there are.</summary>
    public int Files => _files.Length;

    /// <summary>Nodes that exist.</summary>
    public int Nodes { get; private set; }

    /// <summary>Leaves that hold nothing but shadows.</summary>
    public int ShadowNodes { get; private set; }

    /// <summary>The file that a page belongs to.</summary>
    public int FileOf(uint page) => _fileOfLeaf[page >> 6];

    /// <summary>The first page of a file, and the one after its last.</summary>
    public (uint First, uint End) PagesOf(int file)
    {
        var first = (uint)_files[file].FirstLeaf << 6;
        return (first, first + (uint)_files[file].Pages);
    }

    /// <summary>Records that a page is being inserted; <paramref name="hadShadow"/> says that its slot held a shadow.</summary>
    /// <param name="page">The page.</param>
    /// <param name="hadShadow">Whether there was a shadow.</param>
    /// <param name="byOther">Whether another memcg inserts it.</param>
    /// <returns>Nodes that had to be allocated: 0 nearly always.</returns>
    public int Insert(uint page, bool hadShadow, bool byOther = false)
    {
        var added = 0;
        var leaf = (int)(page >> 6);
        if (_present[leaf] == 0)
        {
            if (_shadows[leaf] != 0)
            {
                Unlink(leaf);
            }
            else
            {
                added = _files[_fileOfLeaf[leaf]].Add(leaf, byOther);
                Nodes += byOther ? 0 : added;
                if (_ofOther is not null)
                {
                    _ofOther[leaf] = byOther;
                }
            }
        }

        _present[leaf]++;
        if (hadShadow)
        {
            _shadows[leaf]--;
        }

        return added;
    }

    /// <summary>Records that a page was evicted and left a shadow.</summary>
    public void Evict(uint page)
    {
        var leaf = (int)(page >> 6);
        _shadows[leaf]++;
        if (--_present[leaf] == 0)
        {
            LinkNewest(leaf);
        }
    }

    /// <summary>The oldest leaf that holds only shadows.</summary>
    public int OldestShadowLeaf => _oldest;

    /// <summary>Frees a leaf of another memcg that holds only shadows, with every node above that becomes empty: its shrinker came by.</summary>
    /// <param name="leaf">Which.</param>
    /// <param name="words">The shadow entries by page number; those of the leaf become 0.</param>
    /// <returns>Nodes freed of this memcg.</returns>
    public int ReclaimShadowNode(int leaf, Span<uint> words)
    {
        Unlink(leaf);
        return ReclaimUnlinked(leaf, words);
    }

    /// <summary>Takes the oldest leaf that holds only shadows and frees it, with every node above that becomes empty.</summary>
    /// <param name="words">The shadow entries by page number; those of the leaf become 0.</param>
    /// <returns>Nodes freed.</returns>
    public int ReclaimOldestShadowNode(Span<uint> words)
    {
        var leaf = _oldest;
        Unlink(leaf);
        return ReclaimUnlinked(leaf, words);
    }

    private int ReclaimUnlinked(int leaf, Span<uint> words)
    {
        _shadows[leaf] = 0;
        var first = leaf << 6;
        words.Slice(first, Math.Min(64, words.Length - first)).Clear();
        return Free(leaf);
    }

    /// <summary>Records that a page was dropped and left nothing behind.</summary>
    /// <returns>Nodes freed.</returns>
    public int Drop(uint page)
    {
        var leaf = (int)(page >> 6);
        if (--_present[leaf] != 0)
        {
            return 0;
        }

        if (_shadows[leaf] != 0)
        {
            LinkNewest(leaf);
            return 0;
        }

        return Free(leaf);
    }

    /// <summary>Drops the shadows of pages that are not in memory (clear_shadow_entry).</summary>
    /// <param name="first">First page of a file.</param>
    /// <param name="end">The page after its last.</param>
    /// <param name="states">By page number: 0 says that it is not in memory.</param>
    /// <param name="words">The shadow entries by page number; they become 0.</param>
    /// <returns>Nodes freed.</returns>
    public int DropShadows(uint first, uint end, ReadOnlySpan<byte> states, Span<uint> words)
    {
        var freed = 0;
        for (var leaf = (int)(first >> 6); leaf < (int)((end + 63) >> 6); leaf++)
        {
            if (_shadows[leaf] == 0)
            {
                continue;
            }

            for (var page = leaf << 6; page < Math.Min((leaf + 1) << 6, words.Length); page++)
            {
                if (states[page] == 0)
                {
                    words[page] = 0;
                }
            }

            _shadows[leaf] = 0;
            if (_present[leaf] == 0)
            {
                Unlink(leaf);
                freed += Free(leaf);
            }
        }

        return freed;
    }

    private int Free(int leaf)
    {
        var freed = _files[_fileOfLeaf[leaf]].Remove(leaf, IsOfOther(leaf));
        Nodes -= freed;
        return freed;
    }

    private bool IsOfOther(int leaf) => _ofOther is { } others && others[leaf];

    private void LinkNewest(int leaf)
    {
        if (IsOfOther(leaf))
        {
            return;
        }

        _next[leaf] = None;
        _previous[leaf] = _newest;
        if (_newest == None)
        {
            _oldest = leaf;
        }
        else
        {
            _next[_newest] = leaf;
        }

        _newest = leaf;
        ShadowNodes++;
    }

    private void Unlink(int leaf)
    {
        if (IsOfOther(leaf))
        {
            return;
        }

        var (before, after) = (_previous[leaf], _next[leaf]);
        if (before == None)
        {
            _oldest = after;
        }
        else
        {
            _next[before] = after;
        }

        if (after == None)
        {
            _newest = before;
        }
        else
        {
            _previous[after] = before;
        }

        ShadowNodes--;
    }

    /// <summary>
    /// The tree of one file. Nodes are the prefixes of the leaves that exist, counted to the full height of the file;
    /// as long as only small indices are in use the tree is lower, and the single chain of nodes on top is not there yet.
    /// </summary>
    private sealed class FileTree
    {
        private readonly int[][] _children;

        /// <summary>Of the nodes above the leaves: whether another memcg is charged; null: none ever is.</summary>
        private readonly bool[][]? _ofOther;
        private int _prefixes;
        private int _height;

        public FileTree(int firstLeaf, int pages, bool shared)
        {
            FirstLeaf = firstLeaf;
            Pages = pages;
            var levels = new List<int[]>();
            for (var nodes = LeavesOf(pages); nodes > 1;)
            {
                nodes = (nodes + 63) >> 6;
                levels.Add(new int[nodes]);
            }

            _children = [.. levels];
            _ofOther = shared ? [.. levels.Select(level => new bool[level.Length])] : null;
        }

        public int FirstLeaf { get; }

        public int Pages { get; }

        /// <summary>Nodes that exist.</summary>
        private int Count => _prefixes == 0 ? 0 : _prefixes - (_children.Length - _height);

        /// <summary>Adds a leaf that does not exist.</summary>
        /// <returns>Nodes added, the leaf among them.</returns>
        public int Add(int leaf, bool byOther)
        {
            var (before, heightBefore) = (Count, _height);
            var index = leaf - FirstLeaf;
            _height = Math.Max(_height, HeightFor(index));
            _prefixes++;
            for (var level = 0; level < _children.Length; level++)
            {
                index >>= 6;
                if (_children[level][index]++ != 0)
                {
                    break;
                }

                _prefixes++;
                _ofOther?[level][index] = byOther;
            }

            // Those that the tree becomes higher by.
            for (var level = heightBefore; level < _height; level++)
            {
                _ofOther?[level][0] = byOther;
            }

            return Count - before;
        }

        /// <summary>Frees a leaf, and every node above it that becomes empty.</summary>
        /// <returns>Nodes freed of those that are charged to this memcg.</returns>
        public int Remove(int leaf, bool leafOfOther)
        {
            var freed = leafOfOther ? 0 : 1;
            var index = leaf - FirstLeaf;
            _prefixes--;
            for (var level = 0; level < _children.Length; level++)
            {
                index >>= 6;
                if (--_children[level][index] != 0)
                {
                    break;
                }

                _prefixes--;
                freed += level < _height && _ofOther?[level][index] != true ? 1 : 0;
            }

            return freed;
        }

        /// <summary>Levels above the leaves that a leaf of this index needs.</summary>
        private static int HeightFor(int index)
        {
            var height = 0;
            for (; index > 0; index >>= 6)
            {
                height++;
            }

            return height;
        }
    }
}
