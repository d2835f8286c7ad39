using System.Numerics;

namespace Reclaim.Model.Writeback;

/// <summary>
/// Pages with PAGECACHE_TAG_DIRTY: a bit a page, and above it a bit for each word of 64 that has any, and so on, so that the next
/// tagged page is found without looking at those that are not, as in the page-cache tree.
/// </summary>
internal sealed class TaggedPages
{
    private readonly ulong[][] _levels;

    /// <param name="pages">Size of the space of page numbers.</param>
    public TaggedPages(int pages)
    {
        var levels = new List<ulong[]>();
        var size = pages;
        do
        {
            size = Math.Max(1, (int)(((long)size + 63) >> 6));
            levels.Add(new ulong[size]);
        }
        while (size > 1);

        _levels = [.. levels];
    }

    /// <summary>Tags a page.</summary>
    public void Set(uint page)
    {
        foreach (var level in _levels)
        {
            level[page >> 6] |= 1UL << (int)(page & 63);
            page >>= 6;
        }
    }

    /// <summary>Takes the tag off a page.</summary>
    public void Clear(uint page)
    {
        foreach (var level in _levels)
        {
            if ((level[page >> 6] &= ~(1UL << (int)(page & 63))) != 0)
            {
                return;
            }

            page >>= 6;
        }
    }

    /// <summary>The first tagged page from <paramref name="page"/> on, before <paramref name="end"/>; <paramref name="end"/> if there is none.</summary>
    public uint Next(uint page, uint end)
    {
        if (page >= end)
        {
            return end;
        }

        var at = page;
        for (var level = 0; level < _levels.Length && at >> 6 < _levels[level].Length; level++)
        {
            var word = _levels[level][at >> 6] & ~0UL << (int)(at & 63);
            if (word == 0)
            {
                at = (at >> 6) + 1;
                continue;
            }

            at = (at & ~63u) + (uint)BitOperations.TrailingZeroCount(word);
            while (level-- > 0)
            {
                at = (at << 6) + (uint)BitOperations.TrailingZeroCount(_levels[level][at]);
            }

            return Math.Min(at, end);
        }

        return end;
    }
}
