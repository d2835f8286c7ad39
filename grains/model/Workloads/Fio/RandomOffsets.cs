namespace Reclaim.Model.Workloads.Fio;

/// <summary><c>norandommap</c>: any block at any time, each as likely.</summary>
internal sealed class RandomOffsets(uint blockCount, ulong seed) : FioOffsets
{
    private Tausworthe _random = new(seed);

    public override void Fill(Span<uint> blocks)
    {
        var random = _random;
        foreach (ref var block in blocks)
            block = random.Below(blockCount);
        _random = random;
    }

    public override void BeginPass(bool repeat)
    {
        if (repeat)
            _random = new Tausworthe(seed);
    }
}
