namespace Reclaim.Model.Workloads;

/// <summary>
/// The accesses of a program to memory of its own: perhaps first a store to each of its pages, in order, then a pattern of which a
/// share are stores, told by the access's number alone (<c>ground-truth/README.md</c>, kind <c>a</c>).
/// </summary>
public sealed class AnonymousSource : AccessSource
{
    private const ulong GoldenRatio = 0x9E3779B97F4A7C15;
    private const int ShareShift = 54;
    private const int WholeShare = 1024;

    private readonly AccessSource _pattern;
    private readonly long _prefill;
    private readonly ulong _share;
    private long _filled;
    private ulong _access;

    /// <param name="pattern">What follows; its stores stay stores.</param>
    /// <param name="prefill">Pages stored to before it; 0: none.</param>
    /// <param name="wr">Share of its loads that are stores instead, in 1/1024.</param>
    /// <exception cref="ArgumentException">A parameter is out of its range.</exception>
    public AnonymousSource(AccessSource pattern, long prefill, int wr)
    {
        if (prefill is < 0 or > Patterns.MaxPages)
            throw new ArgumentException($"prefill must be 0 to {Patterns.MaxPages} pages, not {prefill}", nameof(prefill));
        if (wr is < 0 or > WholeShare)
            throw new ArgumentException($"wr must be 0 to {WholeShare} (in 1/1024), not {wr}", nameof(wr));
        if (pattern.Length > long.MaxValue - prefill)
            throw new ArgumentException($"acc must leave room for the {prefill} accesses of the prefill, so be at most {long.MaxValue - prefill}", nameof(pattern));
        _pattern = pattern;
        _prefill = prefill;
        _share = (ulong)wr;
    }

    public override long? Length => _prefill + _pattern.Length;

    public override bool Frees => _pattern.Frees;

    public override bool Starved => _filled == _prefill && _pattern.Starved;

    public override int Fill(Span<uint> blocks)
    {
        var first = (int)Math.Min(blocks.Length, _prefill - _filled);
        foreach (ref var block in blocks[..first])
            block = (uint)_filled++ | WriteBit;

        var rest = blocks[first..];
        var count = rest.IsEmpty ? 0 : _pattern.Fill(rest);
        if (_share != 0)
            MarkStores(rest[..count]);
        return first + count;
    }

    private void MarkStores(Span<uint> blocks)
    {
        var free = _pattern.Frees ? FreeBit : 0;
        foreach (ref var block in blocks)
        {
            if (_access++ * GoldenRatio >> ShareShift < _share && (block & free) == 0)
                block |= WriteBit;
        }
    }
}
