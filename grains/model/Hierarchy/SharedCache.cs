using Reclaim.Model.Nodes;
using Reclaim.Model.Writeback;

namespace Reclaim.Model.Hierarchy;

/// <summary>The page cache of a host's members together, as each last reported it: by what is dirty of it all, writers wait.</summary>
/// <param name="members">How many they are.</param>
internal sealed class SharedCache(int members)
{
    private readonly CacheState[] _of = new CacheState[members];
    private CacheState _all;
    private HostCache? _told;

    /// <summary>A member was reclaimed from.</summary>
    public void Took(int member, CacheState state)
    {
        _all += state - _of[member];
        _of[member] = state;
        _told = null;
    }

    /// <summary>A member has run.</summary>
    /// <param name="member">Which.</param>
    /// <param name="state">What it has now.</param>
    /// <param name="goesOn">Whether it was only cut off by its accesses: then it is told the same again, so that it does not matter where that is.</param>
    public void Took(int member, CacheState state, bool goesOn)
    {
        var told = _told;
        Took(member, state);
        _told = goesOn ? told : null;
    }

    /// <summary>What a member is to know.</summary>
    /// <param name="member">Which.</param>
    /// <param name="nodes">The host's memory. What is free below the high watermarks is nobody's to make dirty (totalreserve_pages).</param>
    public HostCache For(int member, IEnumerable<NumaNode> nodes)
    {
        var others = _all - _of[member];
        return _told ??= new HostCache(nodes.Sum(node => Math.Max(0, node.Free - node.Marks.High)) + _all.FilePages, others.Dirty, others.UnderWriteback);
    }
}
