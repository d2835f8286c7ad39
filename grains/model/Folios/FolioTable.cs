using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Reclaim.Model.Readahead;

namespace Reclaim.Model.Folios;

/// <summary>
/// All pages that a memcg can hold, struct of arrays, indexed by page number. A hit reads and writes one byte of
/// <see cref="State"/> and nothing else.
///
/// The files of a memcg lie one after the other in one space of page numbers, each aligned to 64 pages so that a leaf of the
/// page-cache tree is 64 numbers; regions of anonymous memory follow.
/// </summary>
internal sealed class FolioTable
{
    /// <summary>PG_workingset in <see cref="State"/>.</summary>
    public const int Workingset = 0b0001_0000;

    /// <param name="pages">Size of the space of page numbers.</param>
    /// <param name="firstAnon">Page number from which on pages are anonymous.</param>
    public FolioTable(int pages, int firstAnon)
    {
        Pages = pages;
        FirstAnon = (uint)firstAnon;
        State = new byte[pages];
        Word = new uint[pages];
        Writeback = [];
    }

    /// <summary>Size of the space of page numbers.</summary>
    public int Pages { get; }

    /// <summary>Page number from which on pages are anonymous memory instead of page cache.</summary>
    public uint FirstAnon { get; }

    /// <summary>
    /// Asks the processor for what an access to a page will touch, some accesses ahead. State and shadow of a page are random
    /// reads far larger than a cache: without this, most of an access is waiting for them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(uint page)
    {
        // A list may have a hole where a page would be.
        if (Sse.IsSupported && page < (uint)State.Length)
        {
            // The arrays may move meanwhile: then the hint was for nothing.
            Sse.Prefetch0(Unsafe.AsPointer(ref State[page]));
            Sse.Prefetch0(Unsafe.AsPointer(ref Word[page]));
        }
    }

    /// <summary>One byte a page; its meaning is the policy's, but 0 always says: not in memory, and <see cref="Workingset"/> means the same under each.</summary>
    public byte[] State { get; }

    /// <summary>Whether a page in memory was in use when it was last evicted, as far as its policy says so.</summary>
    public bool IsWorkingset(uint page) => (State[page] & Workingset) != 0;

    /// <summary>
    /// Not in memory: the shadow entry that eviction left in the page-cache tree, 0 for none.
    /// An anonymous page leaves one in its swap slot, so 0 says that it was never written.
    /// In memory: its position on its list, where the policy keeps positions.
    /// </summary>
    public uint[] Word { get; }

    /// <summary>Dirty, writeback and PG_reclaim, one byte a page; empty unless something writes.</summary>
    public WritebackFlags[] Writeback { get; private set; }

    /// <summary>Readahead marks; null unless some file is read with readahead.</summary>
    public ReadaheadMarks? Readahead { get; private set; }

    /// <summary>Makes room for <see cref="Readahead"/>.</summary>
    public void TrackReadahead() => Readahead ??= new ReadaheadMarks(Pages);

    /// <summary>Makes room for <see cref="Writeback"/>.</summary>
    public void TrackWriteback()
    {
        if (Writeback.Length == 0)
        {
            Writeback = new WritebackFlags[Pages];
        }
    }
}

/// <summary>Flags of a folio that only writing sets.</summary>
[Flags]
internal enum WritebackFlags : byte
{
    None = 0,

    /// <summary>PG_dirty.</summary>
    Dirty = 1,

    /// <summary>PG_writeback.</summary>
    Writeback = 2,

    /// <summary>PG_reclaim: rotate to the tail when writeback ends.</summary>
    Reclaim = 4,
}
