using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Reclaim.Model.Workloads;

/// <summary>
/// A recorded sequence of pages that arrives in numbered batches, in order or not. A batch that was here before is ignored, one that is
/// ahead of its turn waits for those before it.
/// </summary>
public sealed class TraceSource : AccessSource
{
    private readonly Queue<ReadOnlyMemory<byte>> _ready = new();
    private readonly Dictionary<long, ReadOnlyMemory<byte>> _early = [];
    private readonly long _accesses;
    private readonly long _pages;
    private readonly uint _mark;
    private long _fed;
    private long _taken;
    private int _offset;

    /// <param name="accesses">Number of accesses in the trace.</param>
    /// <param name="pages">Size of the file in pages.</param>
    /// <param name="write">Whether the accesses are writes.</param>
    /// <exception cref="ArgumentException">There is nothing to access, or no block number for its last page.</exception>
    public TraceSource(long accesses, long pages, bool write)
    {
        if (accesses < 1)
            throw new ArgumentException($"accesses must be at least 1, not {accesses}", nameof(accesses));
        if (pages is < 1 or > Patterns.MaxPages)
            throw new ArgumentException($"pages must be 1 to {Patterns.MaxPages}, not {pages}", nameof(pages));
        _accesses = accesses;
        _pages = pages;
        _mark = write ? WriteBit : 0;
    }

    public override long? Length => _accesses;

    public override bool Starved => _taken < _accesses && _taken == _fed;

    /// <summary>Number of the batch that comes next; all before it are here.</summary>
    public long NextSequence { get; private set; }

    /// <summary>Batches that are here and have not been used up, those ahead of their turn among them.</summary>
    public int Batches => _ready.Count + _early.Count;

    /// <summary>Accesses that are here and have not been taken.</summary>
    public long Supply => _fed - _taken;

    /// <summary>Whether all of it has come.</summary>
    public bool IsComplete => _fed == _accesses;

    /// <summary>Takes a batch, and those that have waited for it. The memory is kept, not copied: it must not change.</summary>
    /// <param name="sequence">Number of the batch, from 0.</param>
    /// <param name="littleEndianPages">Page numbers of 32 bits each.</param>
    /// <exception cref="ArgumentException">
    /// The batch whose turn it is has a page beyond the file, more accesses than the trace, or a broken number; it is not taken.
    /// </exception>
    public void Feed(long sequence, ReadOnlyMemory<byte> littleEndianPages)
    {
        if (sequence < NextSequence)
            return;
        if (sequence > NextSequence)
        {
            _early.TryAdd(sequence, littleEndianPages);
            return;
        }

        Append(littleEndianPages);
        while (_early.Remove(NextSequence, out var batch))
            Append(batch);
    }

    public override int Fill(Span<uint> blocks)
    {
        var filled = 0;
        while (filled < blocks.Length && _ready.TryPeek(out var batch))
        {
            var count = Math.Min(blocks.Length - filled, (batch.Length - _offset) / sizeof(uint));
            Copy(batch.Span.Slice(_offset, count * sizeof(uint)), blocks.Slice(filled, count));
            filled += count;
            _offset += count * sizeof(uint);
            if (_offset == batch.Length)
            {
                _ready.Dequeue();
                _offset = 0;
            }
        }

        if (_mark != 0)
        {
            foreach (ref var block in blocks[..filled])
                block |= _mark;
        }

        _taken += filled;
        return filled;
    }

    private void Append(ReadOnlyMemory<byte> batch)
    {
        Check(batch.Span);
        NextSequence++;
        if (batch.IsEmpty)
            return;
        _fed += batch.Length / sizeof(uint);
        _ready.Enqueue(batch);
    }

    private void Check(ReadOnlySpan<byte> batch)
    {
        if (batch.Length % sizeof(uint) != 0)
            throw new ArgumentException($"batch {NextSequence} of the trace has {batch.Length} bytes: not a multiple of four");
        var count = batch.Length / sizeof(uint);
        if (count > _accesses - _fed)
            throw new ArgumentException($"the trace has {_accesses} accesses, but batch {NextSequence} goes on to {_fed + count}");

        for (var i = 0; i < count; i++)
        {
            var page = BinaryPrimitives.ReadUInt32LittleEndian(batch[(i * sizeof(uint))..]);
            if (page >= _pages)
                throw new ArgumentException($"access {_fed + i} of the trace is to page {page}, but the file has {_pages} pages");
        }
    }

    private static void Copy(ReadOnlySpan<byte> batch, Span<uint> blocks)
    {
        batch.CopyTo(MemoryMarshal.AsBytes(blocks));
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(blocks, blocks);
    }
}
