namespace Reclaim.Model.Workloads;

/// <summary><c>scan</c>: the file from its first page to its last, again and again.</summary>
internal sealed class ScanPattern(ulong n, long accesses, bool write) : PatternSource(accesses, write)
{
    protected override void Generate(Span<uint> blocks, long first)
    {
        var page = (ulong)first % n;
        foreach (ref var block in blocks)
        {
            block = (uint)page;
            if (++page == n)
                page = 0;
        }
    }
}
