using System.Runtime.CompilerServices;
using Reclaim.Model.Classic;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Sharing;

namespace Reclaim.Model.Lruvecs;

/// <summary>The multi-gen policy as the access loop sees it where the cgroup shares files with others.</summary>
internal readonly struct MultiGenSharedPath(MultiGenLruvec lruvec, SharedPages shared, byte[] state) : ILruvecPath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTouch(uint page)
    {
        if (state[page] != SharedPages.Foreign)
        {
            return lruvec.TryTouch(page);
        }

        shared.Touch(page);
        return true;
    }

    /// <remarks>A page that another cgroup evicted is no refault: its shadow is of another lruvec (lru_gen_refault).</remarks>
    public void Insert(uint page, uint shadow, bool inFault) => lruvec.Add(page, shared.WasEvictedElsewhere(page) ? 0 : shadow, inFault);

    public void Allocate(uint page)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long FarNs(uint page) => 0;
}

/// <summary>The classic policy likewise.</summary>
internal readonly struct ClassicSharedPath(ClassicLruvec lruvec, SharedPages shared, byte[] state) : ILruvecPath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTouch(uint page)
    {
        if (state[page] != SharedPages.Foreign)
        {
            return lruvec.TryTouch(page);
        }

        shared.Touch(page);
        return true;
    }

    /// <remarks>
    /// A refault is judged where the page was evicted, for there the order of the lists decided; what follows from it happens where it is charged
    /// (workingset_refault, workingset_test_recent).
    /// </remarks>
    public void Insert(uint page, uint shadow, bool inFault)
    {
        if (shared.WasEvictedElsewhere(page) && shared.Evictor is { } evictor)
        {
            lruvec.Add(page, shadow, evictor);
        }
        else
        {
            lruvec.Add(page, shadow);
        }
    }

    public void Allocate(uint page)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long FarNs(uint page) => 0;
}
