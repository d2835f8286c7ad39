namespace Reclaim.Model.Workloads.Fio;

/// <summary>
/// <c>random_distribution=zipf</c>: the approximate Zipf draw of J. Gray et al., "Quickly generating billion-record synthetic databases"
/// (SIGMOD 1994), then a hash and a rotation, so the popular blocks lie scattered, differently for each job.
/// Offsets are those of fio on a machine with a good libm, see <see cref="Elementary"/>.
/// </summary>
internal sealed class ZipfOffsets : FioOffsets
{
    /// <summary>Terms of the zeta sum at most.</summary>
    private const uint MaxTerms = 10_000_000;

    private readonly uint _blockCount;
    private readonly double _zetaN;
    private readonly double _secondBound;
    private readonly double _alpha;
    private readonly double _eta;
    private readonly ulong _rotation;
    private Tausworthe _random;

    public ZipfOffsets(uint blockCount, double theta, double center, uint seed)
    {
        _blockCount = blockCount;
        _random = new Tausworthe(seed);
        _rotation = _random.Next();
        if (center != -1)
            _rotation = (ulong)(blockCount * center);

        for (var i = 0; i < Math.Min(blockCount, MaxTerms); i++)
            _zetaN += Elementary.Pow(1.0 / (i + 1.0), theta);
        _secondBound = 1 + Elementary.Pow(0.5, theta);
        _alpha = 1 / (1 - theta);
        _eta = (1 - Elementary.Pow(2.0 / blockCount, 1 - theta)) / (1 - _secondBound / _zetaN);
    }

    public override void Fill(Span<uint> blocks)
    {
        var random = _random;
        var remainder = new Remainder(_blockCount);
        var (zetaN, alpha, eta, rotation) = (_zetaN, _alpha, _eta, _rotation);
        var surelyAbove = _secondBound + 1e-6;
        double count = _blockCount;
        var error = Elementary.RoughError(alpha);
        foreach (ref var block in blocks)
        {
            var drawn = random.Next();
            var uniform = drawn * (1 / 4294967295.0);
            ulong rank;
            if (uniform * zetaN < surelyAbove)
            {
                rank = ExactRank(drawn);
            }
            else
            {
                // Near a whole number the last bits decide; elsewhere rough is as good as exact.
                var rough = count * Elementary.RoughPow(eta * uniform - eta + 1, alpha);
                rank = (ulong)(long)rough;
                var fraction = rough - rank;
                var doubt = rough * error;
                if (fraction < doubt || fraction > 1 - doubt)
                    rank = ExactRank(drawn);
            }

            block = remainder.Of(rank * FioHash.Multiplier + rotation);
        }

        _random = random;
    }

    /// <summary>fio seeds these once for the life of a job.</summary>
    public override void BeginPass(bool repeat)
    {
    }

    /// <summary>The draw as fio has it, operation by operation.</summary>
    private ulong ExactRank(uint drawn)
    {
        var uniform = drawn / 4294967295.0;
        var z = uniform * _zetaN;
        if (z < 1)
            return 0;
        if (z < _secondBound)
            return 1;
        return (ulong)(long)(_blockCount * Elementary.Pow(_eta * uniform - _eta + 1, _alpha));
    }
}
