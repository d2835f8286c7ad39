namespace Reclaim.Model.Workloads.Fio;

/// <summary>
/// <c>random_distribution=normal</c>: the mean of twelve uniform draws, moved by one more within the deviation, scattered by the hash.
/// (Where fio would not return, its sum being the file's length, this takes the rotation of it.)
/// </summary>
internal sealed class NormalOffsets : FioOffsets
{
    private const int Draws = 12;

    private readonly uint _blockCount;
    private readonly uint _deviation;
    private readonly uint _rotation;
    private Tausworthe _random;

    public NormalOffsets(uint blockCount, double deviationPercent, double center, uint seed)
    {
        _blockCount = blockCount;
        _random = new Tausworthe(seed);
        _deviation = (uint)Math.Min(Math.Ceiling(blockCount * deviationPercent / 100), blockCount / 2);
        if (center != -1)
            _rotation = (uint)(long)(blockCount * (center - 0.5));
    }

    public override void Fill(Span<uint> blocks)
    {
        var random = _random;
        var remainder = new Remainder(_blockCount);
        var range = new Remainder(_blockCount + 1);
        foreach (ref var block in blocks)
        {
            ulong sum = Draws - 1;
            for (var i = 0; i < Draws; i++)
                sum += range.Of(random.Next());
            sum /= Draws;
            if (_deviation != 0)
                sum += Deviate(ref random, sum);
            block = remainder.Of(sum * FioHash.Multiplier + _rotation);
        }

        _random = random;
    }

    /// <summary>fio seeds these once for the life of a job.</summary>
    public override void BeginPass(bool repeat)
    {
    }

    private ulong Deviate(ref Tausworthe random, ulong sum)
    {
        var deviation = (int)random.Below(_deviation) - (int)(_deviation / 2);
        while (deviation != 0 && (ulong)deviation + sum >= _blockCount)
            deviation /= 2;
        return (ulong)deviation;
    }
}
