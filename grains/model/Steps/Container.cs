namespace Reclaim.Model.Steps;

/// <summary>A memcg and the workloads that run in it: one sequential machine that obeys grants.</summary>
public sealed class Container
{
    /// <summary>Virtual time it has reached, nanoseconds.</summary>
    public long NowNs => throw new NotImplementedException();

    /// <summary>Virtual time at which its last workload ends by itself (ramp and runtime), or null: with its accesses.</summary>
    public long? EndNs => throw new NotImplementedException();

    /// <summary>Accesses in all, or null if it ends by time.</summary>
    public long? TotalAccesses => throw new NotImplementedException();

    /// <summary>Pages of the node it holds now (charged pages, stock included).</summary>
    public long PagesHeld => throw new NotImplementedException();

    /// <summary>Most pages it can ever hold: memory.max.</summary>
    public long PagesLimit => throw new NotImplementedException();

    public long Accesses => throw new NotImplementedException();

    public long Misses => throw new NotImplementedException();

    public long Refaults => throw new NotImplementedException();

    public long Scanned => throw new NotImplementedException();

    public long Reclaimed => throw new NotImplementedException();

    /// <summary>Runs until the horizon, the end of its pages or accesses, or the end of its workloads, whichever comes first.</summary>
    /// <param name="horizonNs">Virtual time not to be passed by a new access.</param>
    /// <param name="pages">Pages it may take from the node beyond <see cref="PagesHeld"/>.</param>
    /// <param name="maxAccesses">Accesses after which to stop.</param>
    public StopReason Run(long horizonNs, long pages, long maxAccesses) => throw new NotImplementedException();

    /// <summary>Takes a batch of a trace: little-endian 32-bit page numbers. Batches of a workload are taken in order of sequence from 0; an earlier one is ignored, a later one waits.</summary>
    public void Feed(int workload, long sequence, ReadOnlyMemory<byte> pages) => throw new NotImplementedException();
}
