namespace Reclaim.Model.Workloads.Fio;

/// <summary>
/// The requests of one fio job, in blocks of its request size: the offsets that fio 3.35 and later itself uses for the same options,
/// job by job (its generators, seeds and distributions; checked against lists taken from the real program).
/// </summary>
/// <remarks>
/// A job without <c>time_based</c> makes passes over its file: one of <c>size</c> bytes for each loop, more or part of one as
/// <c>io_size</c> says (as fio counts them for asynchronous engines, <c>libaio</c> or <c>io_uring</c>). A time-based job never ends;
/// the caller stops it.
/// </remarks>
public sealed class FioSource : AccessSource
{
    private readonly FioOffsets _offsets;
    private readonly FioMix? _mix;
    private readonly bool _markAfter;
    private readonly uint _mark;
    private readonly bool _repeat;
    private readonly long _total;
    private readonly long _pass;
    private long _done;
    private long _leftInPass;

    /// <exception cref="ArgumentException">An option is out of its range; <see cref="ArgumentException.ParamName"/> is its fio name.</exception>
    public FioSource(FioJob job)
    {
        FioJobRules.Check(job);
        var blockCount = (uint)(job.Size / job.Bs);
        var random = job.Rw is FioDirection.RandRead or FioDirection.RandWrite or FioDirection.RandRw;
        var mixed = job.Rw is FioDirection.ReadWrite or FioDirection.RandRw;
        var writes = mixed || job.Rw is FioDirection.Write or FioDirection.RandWrite;
        var noMap = job.NoRandomMap || job.Distribution != FioSpread.Random;

        _repeat = job.RandRepeat && job.RandSeed is null;
        var seed = job.RandSeed ?? (job.RandRepeat ? FioJob.DefaultRandSeed : job.EntropySeed);
        var seeds = new FioSeeds(seed, (uint)job.ThreadNumber, job.FileName);

        _mix = mixed ? new FioMix(job.RwMixRead, seeds.Mix) : null;
        _markAfter = mixed && random;
        _mark = writes && !mixed ? WriteBit : 0;
        _offsets = random
            ? Spread(job, blockCount, noMap, seeds)
            : mixed ? new SequentialMixOffsets(blockCount, _mix!) : new SequentialOffsets(blockCount);

        var transfer = job.IoSize == 0 ? job.Size : job.IoSize;
        var transferBlocks = Math.Max(1, transfer / job.Bs);
        _pass = writes && random && noMap || mixed && !random ? Math.Max(blockCount, transferBlocks) : blockCount;
        _total = checked(job.IoSize == 0
            ? job.Loops * (long)blockCount
            : Math.Min(transferBlocks * job.Loops, Math.Max(_pass * job.Loops, transferBlocks)));
        if (job.TimeBased)
            _total = _pass = long.MaxValue;
        _leftInPass = _pass;
    }

    public override long? Length => _total == long.MaxValue ? null : _total;

    public override int Fill(Span<uint> blocks)
    {
        var filled = 0;
        while (filled < blocks.Length && _done < _total)
        {
            if (_leftInPass == 0)
            {
                _leftInPass = _pass;
                _offsets.BeginPass(_repeat);
                _mix?.BeginPass(_repeat);
            }

            var count = (int)Math.Min(blocks.Length - filled, Math.Min(_leftInPass, _total - _done));
            FillWithinPass(blocks.Slice(filled, count));
            _leftInPass -= count;
            _done += count;
            filled += count;
        }

        return filled;
    }

    private static FioOffsets Spread(FioJob job, uint blockCount, bool noMap, FioSeeds seeds) => job.Distribution switch
    {
        FioSpread.Zipf => new ZipfOffsets(blockCount, job.Value, job.Center, seeds.Distribution),
        FioSpread.Pareto => new ParetoOffsets(blockCount, job.Value, job.Center, seeds.Distribution),
        FioSpread.Normal => new NormalOffsets(blockCount, job.Value, job.Center, seeds.Distribution),
        FioSpread.Zoned => new ZonedOffsets(blockCount, job.Zones, seeds),
        _ => noMap ? new RandomOffsets(blockCount, seeds.Offset) : new RandomMapOffsets(blockCount, seeds.Offset),
    };

    private void FillWithinPass(Span<uint> blocks)
    {
        _offsets.Fill(blocks);
        if (_markAfter)
            _mix!.Mark(blocks);
        if (_mark != 0)
        {
            foreach (ref var block in blocks)
                block |= _mark;
        }
    }
}
