namespace Reclaim.Model.Workloads.Fio;

/// <summary>
/// Random offsets with fio's random map: each block once a pass. A draw that falls on a block already done takes the next one that is not,
/// going round at the end of the file. The draw that finds the map full is lost, and the next one begins another pass.
/// </summary>
internal sealed class RandomMapOffsets(uint blockCount, ulong seed) : FioOffsets
{
    private readonly BlockMap _done = new(blockCount);
    private Tausworthe _random = new(seed);

    public override void Fill(Span<uint> blocks)
    {
        foreach (ref var block in blocks)
        {
            var drawn = _random.Below(blockCount);
            if (_done.IsFull)
            {
                _done.Clear();
                drawn = _random.Below(blockCount);
            }

            block = _done.TakeFrom(drawn);
        }
    }

    public override void BeginPass(bool repeat)
    {
        _done.Clear();
        if (repeat)
            _random = new Tausworthe(seed);
    }
}
