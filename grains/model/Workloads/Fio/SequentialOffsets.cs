namespace Reclaim.Model.Workloads.Fio;

/// <summary><c>rw=read</c>, <c>write</c>: one block after the other, then from the start again.</summary>
internal sealed class SequentialOffsets(uint blockCount) : FioOffsets
{
    private uint _next;

    public override void Fill(Span<uint> blocks)
    {
        var next = _next;
        foreach (ref var block in blocks)
        {
            block = next;
            if (++next == blockCount)
                next = 0;
        }

        _next = next;
    }

    public override void BeginPass(bool repeat) => _next = 0;
}
