using System.Numerics;

namespace Reclaim.Model.Readahead;

/// <summary>
/// The readahead window of one open file (struct file_ra_state), and the rules by which it moves.
///
/// <code>
///      start                 mark                start + size
///        │◄──────────────── size ──────────────────►│
///        ├─────────────────────┬────────────────────┤
///        │    being read       │◄────── async ─────►│      reading the marked page reads the next window,
///        └─────────────────────┴────────────────────┘      before the reader needs it
/// </code>
///
/// A sequential reader moves through windows that grow up to the maximum. A reader who jumps gets what it asked for, unless
/// enough pages before it are in memory: they look like what a sequential reader leaves behind.
///
/// Source: page_cache_sync_ra, page_cache_async_ra, ondemand_readahead, try_context_readahead, get_init_ra_size,
/// get_next_ra_size in mm/readahead.c, v6.8, for pages of one size. A request above the maximum is not stretched to the
/// largest transfer of the device.
/// </summary>
/// <param name="Start">Index of its first page.</param>
/// <param name="Size">Its pages; 0 before the first.</param>
/// <param name="Async">Pages of it from the mark on.</param>
/// <param name="PreviousPosition">Byte at which the previous read ended (prev_pos); −1 before the first.</param>
internal readonly record struct ReadaheadWindow(long Start, int Size, int Async, long PreviousPosition)
{
    private const int PageShift = 12;

    /// <summary>A file just opened (file_ra_state_init).</summary>
    public static ReadaheadWindow Fresh => new(0, 0, 0, -1);

    /// <summary>Largest window for an advice (ra_pages).</summary>
    /// <param name="readAheadPages">read_ahead_kb of the device in pages.</param>
    /// <param name="advice">What the kernel was told.</param>
    public static int MaxPages(int readAheadPages, ReadaheadAdvice advice) =>
        advice == ReadaheadAdvice.Sequential ? 2 * readAheadPages : readAheadPages;

    /// <summary>A page is not in memory (page_cache_sync_ra).</summary>
    /// <param name="index">The page.</param>
    /// <param name="requested">Pages of the request from it on.</param>
    /// <param name="max">Pages of the largest window.</param>
    /// <param name="residency">What is in memory.</param>
    /// <returns>The window after that, and what to read.</returns>
    public (ReadaheadWindow Window, ReadaheadRange Range) Miss<TResidency>(long index, int requested, int max, TResidency residency)
        where TResidency : struct, IResidency
    {
        if (index == 0)
        {
            return Read(Initial(index, requested, max), index, max);
        }

        if (IsExpected(index))
        {
            return Read(Next(max), index, max);
        }

        // The page after the previous read, or the one it ended in, where requests are not aligned; before the first read neither.
        var previous = (long)((ulong)PreviousPosition >> PageShift);
        if (requested > max || index - previous is 0 or 1)
        {
            return Read(Initial(index, requested, max), index, max);
        }

        var history = History(index, max, residency);
        if (history > requested)
        {
            // Pages back to the start of the file: somebody reads the whole of it.
            var size = (history >= index ? 2 * history : history) + requested;
            return Read(this with { Start = index, Size = Math.Min(size, max), Async = 1 }, index, max);
        }

        return (this, new ReadaheadRange(index, requested, 0));
    }

    /// <summary>A page with the mark is read, and the mark was taken off it (page_cache_async_ra).</summary>
    /// <param name="index">The page.</param>
    /// <param name="requested">Pages of the request from it on.</param>
    /// <param name="max">Pages of the largest window.</param>
    /// <param name="residency">What is in memory.</param>
    /// <returns>The window after that, and what to read: perhaps nothing.</returns>
    public (ReadaheadWindow Window, ReadaheadRange Range) Marked<TResidency>(long index, int requested, int max, TResidency residency)
        where TResidency : struct, IResidency
    {
        if (index == 0)
        {
            return Read(Initial(index, requested, max), index, max);
        }

        if (IsExpected(index))
        {
            return Read(Next(max), index, max);
        }

        // Not this reader's mark, or it has been elsewhere since: the next hole is where that window ends.
        var ahead = 1;
        while (ahead <= max && residency.IsResident(index + ahead))
        {
            ahead++;
        }

        if (ahead > max)
        {
            return (this, default);
        }

        var size = NextSize(ahead + requested, max);
        return Read(this with { Start = index + ahead, Size = size, Async = size }, index, max);
    }

    /// <summary>A mapped page is not in memory: as many pages before it as after it are read with it (do_sync_mmap_readahead in mm/filemap.c).</summary>
    /// <param name="index">The page.</param>
    /// <param name="max">Pages of the window.</param>
    /// <returns>The window after that, and what to read.</returns>
    public (ReadaheadWindow Window, ReadaheadRange Range) Around(long index, int max)
    {
        var window = this with { Start = Math.Max(0, index - max / 2), Size = max, Async = max / 4 };
        return (window, new ReadaheadRange(window.Start, window.Size, window.Async));
    }

    /// <summary>A read has ended.</summary>
    /// <param name="position">Byte after the last one read.</param>
    public ReadaheadWindow After(long position) => this with { PreviousPosition = position };

    private static int InitialSize(int requested, int max)
    {
        var size = (long)BitOperations.RoundUpToPowerOf2((uint)requested);
        return size <= max / 32 ? (int)size * 4 : size <= max / 4 ? (int)size * 2 : max;
    }

    private static int NextSize(int size, int max) => size < max / 16 ? 4 * size : size <= max / 2 ? 2 * size : max;

    /// <summary>Pages in memory directly before a page, at most <paramref name="max"/> (count_history_pages).</summary>
    private static int History<TResidency>(long index, int max, TResidency residency)
        where TResidency : struct, IResidency
    {
        var pages = 0;
        while (pages < max && pages < index && residency.IsResident(index - 1 - pages))
        {
            pages++;
        }

        return pages;
    }

    private static (ReadaheadWindow Window, ReadaheadRange Range) Read(ReadaheadWindow window, long index, int max)
    {
        if (index == window.Start && window.Size == window.Async)
        {
            // The page being read would have the mark: what its read would add is added now.
            var more = NextSize(window.Size, max);
            window = window.Size + more <= max
                ? window with { Size = window.Size + more, Async = more }
                : window with { Size = max, Async = max / 2 };
        }

        return (window, new ReadaheadRange(window.Start, window.Size, window.Async));
    }

    /// <summary>Whether a reader that goes on as before comes to this page next: the mark, or the end of the window.</summary>
    private bool IsExpected(long index) => index == Start + Size - Async || index == Start + Size;

    private ReadaheadWindow Initial(long index, int requested, int max)
    {
        var size = InitialSize(requested, max);
        return this with { Start = index, Size = size, Async = size > requested ? size - requested : size };
    }

    private ReadaheadWindow Next(int max)
    {
        var size = NextSize(Size, max);
        return this with { Start = Start + Size, Size = size, Async = size };
    }
}
