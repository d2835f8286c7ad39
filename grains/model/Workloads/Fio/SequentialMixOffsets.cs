namespace Reclaim.Model.Workloads.Fio;

/// <summary><c>rw=rw</c>: reads and writes each go through the file on their own.</summary>
internal sealed class SequentialMixOffsets(uint blockCount, FioMix mix) : FioOffsets
{
    private uint _nextRead;
    private uint _nextWrite;

    public override void Fill(Span<uint> blocks)
    {
        blocks.Clear();
        mix.Mark(blocks);
        foreach (ref var block in blocks)
        {
            ref var next = ref block == 0 ? ref _nextRead : ref _nextWrite;
            block |= next;
            if (++next == blockCount)
                next = 0;
        }
    }

    public override void BeginPass(bool repeat) => _nextRead = _nextWrite = 0;
}
