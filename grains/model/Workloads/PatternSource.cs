namespace Reclaim.Model.Workloads;

/// <summary>A generated sequence of a given number of accesses, all of them reads or all of them writes.</summary>
internal abstract class PatternSource(long accesses, bool write) : AccessSource
{
    private readonly uint _mark = write ? WriteBit : 0;
    private long _position;

    public sealed override long? Length => accesses;

    public sealed override int Fill(Span<uint> blocks)
    {
        var count = (int)Math.Min(blocks.Length, accesses - _position);
        blocks = blocks[..count];
        Generate(blocks, _position);
        _position += count;
        if (_mark != 0)
        {
            foreach (ref var block in blocks)
                block |= _mark;
        }

        return count;
    }

    /// <summary>Writes accesses <paramref name="first"/>, <c>first + 1</c>, … : called once for each, in order.</summary>
    protected abstract void Generate(Span<uint> blocks, long first);
}
