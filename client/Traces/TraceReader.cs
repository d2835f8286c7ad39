namespace Reclaim.Client.Traces;

/// <summary>Turns the bytes of a trace into page numbers.</summary>
internal abstract class TraceReader : IDisposable
{
    /// <summary>Writes the next page numbers.</summary>
    /// <returns>How many; 0 only at the end.</returns>
    /// <exception cref="TraceException">The content is not of the format.</exception>
    public abstract int Read(Span<uint> pages);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
