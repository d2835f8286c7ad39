namespace Reclaim.Model.Workloads;

/// <summary>Requests out of a list: recorded beforehand, or made by hand.</summary>
internal sealed class ListedSource(uint[] blocks, bool frees = false) : AccessSource
{
    private int _at;

    public override bool Frees => frees;

    public override long? Length => blocks.Length;

    public override int Fill(Span<uint> into)
    {
        var count = Math.Min(into.Length, blocks.Length - _at);
        blocks.AsSpan(_at, count).CopyTo(into);
        _at += count;
        return count;
    }
}
