namespace Reclaim.Model.Hierarchy;

/// <summary>
/// For whom kswapd reclaims: whoever has taken most pages from the node beyond what was reclaimed for them already, so that each
/// answers for as many as it takes. Who happens to find too few free pages has no more to do with it than any other.
/// </summary>
/// <param name="members">Containers with pages on the node.</param>
/// <param name="ofAll">Containers in all.</param>
internal sealed class Demand(IReadOnlyList<int> members, int ofAll)
{
    /// <summary>Pages that are remembered over kswapd's sleep, about what one order frees: what a container took when there was enough for all is nobody's loss.</summary>
    private const long Remembered = 256;

    private readonly long[] _pages = new long[ofAll];

    /// <summary>For whom the next pages are reclaimed; among equals the first.</summary>
    public int Most
    {
        get
        {
            var most = members[0];
            for (var i = 1; i < members.Count; i++)
            {
                most = _pages[members[i]] > _pages[most] ? members[i] : most;
            }

            return most;
        }
    }

    /// <summary>A container took pages; negative: gave back.</summary>
    public void Took(int member, long pages) => _pages[member] += pages;

    /// <summary>Pages were reclaimed for it.</summary>
    public void Met(int member, long pages) => _pages[member] -= pages;

    /// <summary>kswapd sleeps: there is enough for all again.</summary>
    public void Settle()
    {
        foreach (ref var pages in _pages.AsSpan())
        {
            pages = Math.Clamp(pages, -Remembered, Remembered);
        }
    }
}
