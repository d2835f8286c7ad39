namespace Reclaim.Model.Workloads;

/// <summary>
/// <c>app-launch</c>: <c>nf</c> apps, each with an equal part of the pages, come to the front one after the other, round and round. One
/// that does touches the first <c>w</c> pages of its part in order, its start-up set, then makes <c>stay</c> accesses by rank as
/// <c>zipf</c> does, and is not heard of until its next turn.
/// </summary>
internal sealed class AppLaunchPattern(ulong n, long accesses, ulong seed, double theta, uint nf, uint w, ulong stay, bool startsStoring, bool write)
    : PatternSource(accesses, write)
{
    private const ulong Scatter = 2654435761;
    private const int Batch = 512;

    private readonly ZipfTable _ranks = ZipfTable.Of((int)(n / nf), theta);
    private readonly uint _mark = startsStoring ? WriteBit : 0;
    private SplitMix64 _random = new(seed);
    private uint _app;

    /// <summary>Pages of the start-up set touched, and accesses made after it.</summary>
    private uint _started;
    private ulong _stayed;

    protected override void Generate(Span<uint> blocks, long first)
    {
        while (!blocks.IsEmpty)
        {
            var made = _started < w ? Start(blocks) : Stay(blocks);
            blocks = blocks[made..];
            if (_stayed == stay)
            {
                _app = _app + 1 == nf ? 0 : _app + 1;
                (_started, _stayed) = (0, 0);
            }
        }
    }

    private int Start(Span<uint> blocks)
    {
        var count = (int)Math.Min((uint)blocks.Length, w - _started);
        foreach (ref var block in blocks[..count])
            block = _app * (uint)(n / nf) + _started++ | _mark;
        return count;
    }

    private int Stay(Span<uint> blocks)
    {
        var part = (uint)(n / nf);
        var remainder = new Remainder(part);
        var batch = blocks[..(int)Math.Min((ulong)Math.Min(Batch, blocks.Length), stay - _stayed)];
        Span<ulong> draws = stackalloc ulong[Batch];
        draws = draws[..batch.Length];
        foreach (ref var draw in draws)
            draw = _random.Next() >> 11;

        _ranks.Lookup(draws);
        for (var i = 0; i < batch.Length; i++)
            batch[i] = _app * part + remainder.Of(draws[i] * Scatter);
        _stayed += (ulong)batch.Length;
        return batch.Length;
    }
}
