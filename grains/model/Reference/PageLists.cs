namespace Reclaim.Model.Reference;

/// <summary>
/// Doubly linked lists of pages over one array of links, indexed by page number: a page is in one list or in none.
/// </summary>
/// <remarks>
/// Each list is a ring closed by an anchor, a link of its own behind the pages' links, so that neither
/// adding nor removing has a special case for an empty list:
/// <code>
///           next →            next →           next →
///   anchor ───────── first ───────── … ─────── last ─────── anchor
///          ← previous        ← previous        ← previous
/// </code>
/// </remarks>
internal readonly struct PageLists
{
    private readonly Link[] _links;
    private readonly int[] _counts;
    private readonly uint _pages;

    public PageLists(int pages, int lists)
    {
        _links = new Link[pages + lists];
        _counts = new int[lists];
        _pages = (uint)pages;
        for (var anchor = _pages; anchor < _links.Length; anchor++)
            _links[anchor] = new Link { Previous = anchor, Next = anchor };
    }

    /// <summary>Pages in a list.</summary>
    public int Count(int list) => _counts[list];

    /// <summary>The anchor of a list: what is before its first page and after its last.</summary>
    public uint Anchor(int list) => _pages + (uint)list;

    /// <summary>The last page of a list; its anchor if the list is empty.</summary>
    public uint Last(int list) => _links[Anchor(list)].Previous;

    /// <summary>The page before a page, or the anchor of the list if it is the first.</summary>
    public uint Before(uint page) => _links[page].Previous;

    /// <summary>Puts a page that is in no list at the front of one.</summary>
    public void AddFirst(int list, uint page)
    {
        var links = _links;
        var anchor = Anchor(list);
        var second = links[anchor].Next;
        links[page] = new Link { Previous = anchor, Next = second };
        links[second].Previous = page;
        links[anchor].Next = page;
        _counts[list]++;
    }

    /// <summary>Takes a page out of the list it is in.</summary>
    public void Remove(int list, uint page)
    {
        var links = _links;
        var link = links[page];
        links[link.Previous].Next = link.Next;
        links[link.Next].Previous = link.Previous;
        _counts[list]--;
    }

    private struct Link
    {
        public uint Previous;
        public uint Next;
    }
}
