namespace Reclaim.Model.Workloads.Fio;

/// <summary>Where the requests of a job go: block numbers, a whole span at a time.</summary>
internal abstract class FioOffsets
{
    /// <summary>Writes the next block numbers; there is no end.</summary>
    public abstract void Fill(Span<uint> blocks);

    /// <summary>Begins another pass (fio: a loop) over the file.</summary>
    /// <param name="repeat">Whether the generators that fio seeds again under <c>randrepeat</c> go back to their start.</param>
    public abstract void BeginPass(bool repeat);
}
