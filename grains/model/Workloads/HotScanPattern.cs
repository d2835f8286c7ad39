namespace Reclaim.Model.Workloads;

/// <summary>
/// <c>hotscan</c>: a hot set of the first <c>w</c> pages, read at random, and beside it a scan over all the others
/// that takes <c>p</c> in 1024 of the accesses.
/// </summary>
internal sealed class HotScanPattern(ulong n, long accesses, ulong seed, ulong w, uint p, bool write) : PatternSource(accesses, write)
{
    private SplitMix64 _random = new(seed);
    /// <summary>Accesses of the scan so far, modulo its pages.</summary>
    private ulong _scanned;

    protected override void Generate(Span<uint> blocks, long first)
    {
        var random = _random;
        var scanned = _scanned;
        foreach (ref var block in blocks)
        {
            if (random.Chance(p))
            {
                block = (uint)(w + scanned);
                if (++scanned == n - w)
                    scanned = 0;
            }
            else
            {
                block = random.Below(w);
            }
        }

        _random = random;
        _scanned = scanned;
    }
}
