namespace Reclaim.Model.Workloads;

/// <summary>
/// <c>grow</c>: a heap that grows at its end with a chance of <c>p</c> in 1024, shrinks there with one of <c>free</c>, and is used
/// anywhere in between.
/// </summary>
internal sealed class GrowPattern(ulong n, long accesses, ulong seed, uint p, uint free, bool write) : PatternSource(accesses, write)
{
    private SplitMix64 _random = new(seed);

    /// <summary>Pages of the heap.</summary>
    private ulong _top;

    public override bool Frees => free > 0;

    protected override void Generate(Span<uint> blocks, long first)
    {
        var random = _random;
        var top = _top;
        foreach (ref var block in blocks)
        {
            var draw = random.Next() >> 54;
            if (top == 0 || (draw < p && top < n))
                block = (uint)top++ | WriteBit;
            else if (draw >= 1024 - free)
                block = (uint)--top | FreeBit;
            else
                block = random.Below(top);
        }

        _random = random;
        _top = top;
    }
}
