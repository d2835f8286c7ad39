namespace Reclaim.Model.Workloads;

/// <summary>
/// <c>zipf</c>: the page of rank k (from 1) is used with a probability in proportion to k^−theta. Ranks are scattered over the file by a
/// multiplicative hash. With <c>nf</c> above 1 the file is that many equal parts, each with ranks of its own, used alike.
/// </summary>
internal sealed class ZipfPattern(ulong n, long accesses, ulong seed, double theta, uint nf, bool write) : PatternSource(accesses, write)
{
    private const ulong Scatter = 2654435761;
    private const int Batch = 512;

    private readonly ZipfTable _ranks = ZipfTable.Of((int)(n / nf), theta);
    private SplitMix64 _random = new(seed);

    protected override void Generate(Span<uint> blocks, long first)
    {
        var random = _random;
        var part = (uint)(n / nf);
        var remainder = new Remainder(part);
        Span<ulong> draws = stackalloc ulong[Batch];
        while (!blocks.IsEmpty)
        {
            var batch = blocks[..Math.Min(Batch, blocks.Length)];
            for (var i = 0; i < batch.Length; i++)
            {
                batch[i] = nf > 1 ? random.Below(nf) * part : 0;
                draws[i] = random.Next() >> 11;
            }

            _ranks.Lookup(draws[..batch.Length]);
            for (var i = 0; i < batch.Length; i++)
                batch[i] += remainder.Of(draws[i] * Scatter);
            blocks = blocks[batch.Length..];
        }

        _random = random;
    }
}
