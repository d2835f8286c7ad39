namespace Reclaim.Model.Workloads;

/// <summary>
/// <c>burst</c>: <c>p</c> in 1024 of the accesses repeat one of the last <c>w</c> accesses, the others go anywhere in the file,
/// so pages are used in bursts and then forgotten.
/// </summary>
internal sealed class BurstPattern(ulong n, long accesses, ulong seed, ulong w, uint p, bool write) : PatternSource(accesses, write)
{
    private readonly uint[] _recent = new uint[(int)Math.Min(w, (ulong)accesses)];
    private SplitMix64 _random = new(seed);
    private int _next;

    protected override void Generate(Span<uint> blocks, long first)
    {
        var random = _random;
        var recent = _recent;
        var next = _next;
        for (var i = 0; i < blocks.Length; i++)
        {
            var past = (ulong)(first + i);
            uint page;
            if (past > 0 && random.Chance(p))
            {
                var slot = next - 1 - (int)random.Below(Math.Min(past, w));
                page = recent[slot < 0 ? slot + recent.Length : slot];
            }
            else
            {
                page = random.Below(n);
            }

            blocks[i] = page;
            recent[next] = page;
            if (++next == recent.Length)
                next = 0;
        }

        _random = random;
        _next = next;
    }
}
