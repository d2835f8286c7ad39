namespace Reclaim.Model.Workloads.Fio;

/// <summary>
/// <c>random_distribution=pareto</c>: self-similar draws (a share of 1 − h of the accesses to a share of h of the blocks, and so within
/// each share; J. Gray et al., SIGMOD 1994), scattered and rotated like <see cref="ZipfOffsets"/>.
/// </summary>
internal sealed class ParetoOffsets : FioOffsets
{
    private readonly uint _blockCount;
    private readonly double _power;
    private readonly ulong _rotation;
    private Tausworthe _random;

    public ParetoOffsets(uint blockCount, double h, double center, uint seed)
    {
        _blockCount = blockCount;
        _random = new Tausworthe(seed);
        _rotation = _random.Next();
        if (center != -1)
            _rotation = (ulong)(blockCount * center);
        _power = Elementary.Log(h) / Elementary.Log(1 - h);
    }

    public override void Fill(Span<uint> blocks)
    {
        var random = _random;
        var remainder = new Remainder(_blockCount);
        double last = _blockCount - 1;
        var power = _power;
        var error = Elementary.RoughError(power);
        foreach (ref var block in blocks)
        {
            var drawn = random.Next();
            var rough = drawn == 0 ? 0 : last * Elementary.RoughPow(drawn * (1 / 4294967295.0), power);
            var rank = (ulong)(long)rough;
            var fraction = rough - rank;
            var doubt = rough * error;
            if (fraction < doubt || fraction > 1 - doubt)
                rank = (ulong)(long)(last * Elementary.Pow(drawn / 4294967295.0, power));
            block = remainder.Of(rank * FioHash.Multiplier + _rotation);
        }

        _random = random;
    }

    /// <summary>fio seeds these once for the life of a job.</summary>
    public override void BeginPass(bool repeat)
    {
    }
}
