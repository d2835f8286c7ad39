using System.Runtime.CompilerServices;

namespace Reclaim.Model.Folios;

/// <summary>
/// One LRU list: a double-ended queue of page numbers.
///
/// <code>
///    tail                                             head
///  (scanned next)                                  (newest)
///     │                                                │
///     ▼                                                ▼
///  ┌─────────┐ ┌───────────────────┐ ┌────────────────┐
///  │···12 7 9│ │3 1 × 8 5 44 2 × 61│ │90 4 17 6 ······│    × a page that was taken from the middle
///  └─────────┘ └───────────────────┘ └────────────────┘
///    chunk            chunk               chunk            chunks come from a pool shared by all lists of a lruvec
/// </code>
///
/// Lists of the kernel are doubly linked through struct page; reclaim only ever adds at the ends and takes from the tail,
/// so a queue of numbers does the same without touching the page. Taking one from the middle is a lazy deletion: its place,
/// which the caller remembers, is overwritten with <see cref="Hole"/>.
///
/// Positions are absolute and wrap at 2³²; a list never holds that many pages.
/// </summary>
/// <param name="chunks">The pool.</param>
/// <param name="start">Position of the first page at the head: a multiple of <see cref="FolioChunks.Size"/>.</param>
internal sealed class FolioQueue(FolioChunks chunks, uint start = 0)
{
    /// <summary>Marks the place of a page that left from the middle.</summary>
    public const uint Hole = uint.MaxValue;

    private uint[]?[] _ring = new uint[]?[4];
    private uint _tail = start;
    private uint _head = start;
    private int _holes;

    /// <summary>Pages on the list.</summary>
    public int Count => (int)(_head - _tail) - _holes;

    /// <summary>Adds a page at the newest end.</summary>
    /// <returns>Its position, for <see cref="Remove"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint AddHead(uint page)
    {
        var at = _head;
        if ((at & FolioChunks.Mask) == 0)
        {
            GrowHead();
        }

        _ring[(at >> FolioChunks.Shift) & (uint)(_ring.Length - 1)]![at & FolioChunks.Mask] = page;
        _head = at + 1;
        return at;
    }

    /// <summary>Adds a page at the end that is scanned next.</summary>
    /// <returns>Its position, for <see cref="Remove"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint AddTail(uint page)
    {
        if ((_tail & FolioChunks.Mask) == 0)
        {
            GrowTail();
        }

        var at = --_tail;
        _ring[(at >> FolioChunks.Shift) & (uint)(_ring.Length - 1)]![at & FolioChunks.Mask] = page;
        return at;
    }

    /// <summary>The pages at the tail, oldest first, as far as they lie together; may contain <see cref="Hole"/>. Empty only if the list is.</summary>
    public ReadOnlySpan<uint> TailRun()
    {
        var length = _head - _tail;
        if (length == 0)
        {
            return default;
        }

        var offset = _tail & FolioChunks.Mask;
        return _ring[(_tail >> FolioChunks.Shift) & (uint)(_ring.Length - 1)].AsSpan((int)offset, (int)Math.Min(length, FolioChunks.Size - offset));
    }

    /// <summary>Takes the first <paramref name="count"/> entries of <see cref="TailRun"/> off the list, of which <paramref name="holes"/> were holes.</summary>
    public void DropTail(int count, int holes)
    {
        _holes -= holes;
        var before = _tail >> FolioChunks.Shift;
        _tail += (uint)count;
        if (_tail >> FolioChunks.Shift != before)
        {
            ref var slot = ref _ring[before & (uint)(_ring.Length - 1)];
            chunks.Return(slot!);
            slot = null;
        }
    }

    /// <summary>Takes the oldest page off the list.</summary>
    /// <returns>False if the list is empty.</returns>
    public bool TryTakeTail(out uint page)
    {
        while (_head != _tail)
        {
            page = _ring[(_tail >> FolioChunks.Shift) & (uint)(_ring.Length - 1)]![_tail & FolioChunks.Mask];
            var hole = page == Hole;
            DropTail(1, hole ? 1 : 0);
            if (!hole)
            {
                return true;
            }
        }

        page = 0;
        return false;
    }

    /// <summary>Takes a page from anywhere, by the position it was given when it was added.</summary>
    public void Remove(uint position)
    {
        _ring[(position >> FolioChunks.Shift) & (uint)(_ring.Length - 1)]![position & FolioChunks.Mask] = Hole;
        _holes++;
    }

    /// <summary>Whether so many places are holes that the list is worth writing anew.</summary>
    public bool IsSparse => _holes > 4096 && _holes > Count;

    /// <summary>Closes the holes; <paramref name="positions"/> gets the new place of each page.</summary>
    /// <param name="positions">By page number.</param>
    /// <param name="mask">Bits of a place that are kept.</param>
    /// <param name="tag">What stands in the others.</param>
    public void Compact(Span<uint> positions, uint mask = uint.MaxValue, uint tag = 0)
    {
        var live = new uint[Count];
        for (var i = 0; i < live.Length; i++)
        {
            TryTakeTail(out live[i]);
        }

        while (TryTakeTail(out _))
        {
        }

        foreach (var page in live)
        {
            positions[(int)page] = AddHead(page) & mask | tag;
        }
    }

    /// <summary>The pages from tail to head; for tests and for writing the state out.</summary>
    public IEnumerable<uint> FromTail()
    {
        for (var at = _tail; at != _head; at++)
        {
            var page = _ring[(at >> FolioChunks.Shift) & (uint)(_ring.Length - 1)]![at & FolioChunks.Mask];
            if (page != Hole)
            {
                yield return page;
            }
        }
    }

    private void GrowHead() => Provide(_head >> FolioChunks.Shift);

    private void GrowTail() => Provide((_tail - 1) >> FolioChunks.Shift);

    private void Provide(uint chunk)
    {
        // Positions wrap at 2³², so chunk numbers wrap at 2³² ÷ 1024.
        var used = (((_head + FolioChunks.Mask) >> FolioChunks.Shift) - (_tail >> FolioChunks.Shift)) & (uint.MaxValue >> FolioChunks.Shift);
        if (_head != _tail && used + 1 > (uint)_ring.Length)
        {
            var wider = new uint[]?[_ring.Length * 2];
            var first = _tail >> FolioChunks.Shift;
            for (var i = 0u; i < used; i++)
            {
                wider[(first + i) & (uint)(wider.Length - 1)] = _ring[(first + i) & (uint)(_ring.Length - 1)];
            }

            _ring = wider;
        }

        _ring[chunk & (uint)(_ring.Length - 1)] ??= chunks.Rent();
    }
}

/// <summary>The pool of chunks that the lists of a lruvec share, so that together they need little more than 4 bytes for each resident page.</summary>
internal sealed class FolioChunks
{
    /// <summary>Entries of a chunk.</summary>
    public const int Size = 1 << Shift;

    /// <summary>Binary logarithm of <see cref="Size"/>.</summary>
    public const int Shift = 10;

    /// <summary>Selects the place within a chunk.</summary>
    public const uint Mask = Size - 1;

    private readonly Stack<uint[]> _free = new();

    public uint[] Rent() => _free.TryPop(out var chunk) ? chunk : GC.AllocateUninitializedArray<uint>(Size);

    public void Return(uint[] chunk) => _free.Push(chunk);
}
