namespace Reclaim.Model.Workloads.Fio;

/// <summary>
/// Reads and writes of a mixed job. fio draws a direction at random, and on each change lets the new one catch up with what the
/// other has issued, so the shares hold closely without a fixed pattern.
/// </summary>
internal sealed class FioMix(int readPercent, ulong seed)
{
    private Tausworthe _random = new(seed);
    private ulong _reads;
    private ulong _writes;
    private ulong _until;
    private bool _writing;

    /// <summary>Sets the write bit of those blocks that are written.</summary>
    public void Mark(Span<uint> blocks)
    {
        foreach (ref var block in blocks)
        {
            if (NextIsWrite())
                block |= AccessSource.WriteBit;
        }
    }

    public void BeginPass(bool repeat)
    {
        _until = 0;
        if (repeat)
            _random = new Tausworthe(seed);
    }

    private bool NextIsWrite()
    {
        var issued = _writing ? _writes : _reads;
        if (issued >= _until)
        {
            var write = _random.Percent() > (uint)readPercent;
            if (write != _writing)
            {
                var othersPercent = (ulong)(_writing ? readPercent : 100 - readPercent);
                _until = issued * othersPercent / 100;
            }

            _writing = write;
        }

        if (_writing)
            _writes++;
        else
            _reads++;
        return _writing;
    }
}
