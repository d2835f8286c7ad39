namespace Reclaim.Model.Workloads;

/// <summary><c>uniform</c>: every page as likely as any other.</summary>
internal sealed class UniformPattern(ulong n, long accesses, ulong seed, bool write) : PatternSource(accesses, write)
{
    private SplitMix64 _random = new(seed);

    protected override void Generate(Span<uint> blocks, long first)
    {
        var random = _random;
        foreach (ref var block in blocks)
            block = random.Below(n);
        _random = random;
    }
}
