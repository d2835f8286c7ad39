namespace Reclaim.Model.Workloads;

/// <summary>
/// <c>phase</c>: a working set of <c>w</c> pages takes <c>p</c> in 1024 of the accesses, the whole file the rest;
/// after half of the accesses the working set moves from the start of the file to its middle.
/// </summary>
internal sealed class PhasePattern(ulong n, long accesses, ulong seed, ulong w, uint p, bool write) : PatternSource(accesses, write)
{
    private SplitMix64 _random = new(seed);

    protected override void Generate(Span<uint> blocks, long first)
    {
        var before = (int)Math.Clamp(Length!.Value / 2 - first, 0, blocks.Length);
        Draw(blocks[..before], 0);
        Draw(blocks[before..], (uint)(n / 2));
    }

    private void Draw(Span<uint> blocks, uint workingSet)
    {
        var random = _random;
        foreach (ref var block in blocks)
            block = random.Chance(p) ? workingSet + random.Below(w) : random.Below(n);
        _random = random;
    }
}
