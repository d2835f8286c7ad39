using Reclaim.Model.Hierarchy;
using Reclaim.Model.Numa;
using Reclaim.Model.Sharing;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;
using Reclaim.Model.Writeback;

namespace Reclaim.Model.Steps;

/// <summary>What a coordinator allows a memcg in one step.</summary>
/// <param name="HorizonNs">Virtual time not to be passed by a new access.</param>
/// <param name="Pages">Pages it may take from its node, or of what its ancestors leave it, beyond those it holds.</param>
/// <param name="MaxAccesses">Accesses after which it reports even before the horizon. Decides how long a step takes in real time, and nothing else.</param>
public readonly record struct Grant(long HorizonNs, long Pages, long MaxAccesses)
{
    /// <summary>Set for a memcg that shares a limit with others; null for one that has what it needs to itself.</summary>
    public SharedGrant? Shared { get; init; }

    /// <summary>Pages of its stock that went back to the counters: not those that came to it since, from what reclaim freed.</summary>
    public int DropStock { get; init; }
}

/// <summary>What a memcg must know of the others that it shares a limit with: it runs while they stand still, and stops where the kernel would reclaim on behalf of that limit.</summary>
/// <param name="StartNs">Virtual time it is now; earlier ones have passed while others had their turns.</param>
/// <param name="Round">Whether to stop after one turn of each of its jobs.</param>
/// <param name="SingleFirst">Whether its first page is charged alone: it goes on after reclaim (try_charge_memcg retries with the pages it needs).</param>
/// <param name="StallNs">What that reclaim cost the task that waited for it.</param>
/// <param name="OthersStock">What another memcg's stock of this CPU, which goes back when this one fills its own (refill_stock), adds to the room above.</param>
public sealed record SharedGrant(long StartNs, bool Round, bool SingleFirst, long StallNs, RoomAbove OthersStock)
{
    /// <summary>Pages it may take from its node; then it stops.</summary>
    public long NodePages { get; init; } = long.MaxValue;

    /// <summary>Pages until some memory.high above is exceeded.</summary>
    public long HighRoom { get; init; } = long.MaxValue;

    /// <summary>What the task must sleep that charged above one.</summary>
    public long SleepNs { get; init; }

    /// <summary>What others leave it of swap.</summary>
    public SwapRoom Swap { get; init; } = SwapRoom.Alone;

    /// <summary>What is in the queues of the devices that it shares with others; null: nothing.</summary>
    public IReadOnlyList<DeviceState?>? Devices { get; init; }

    /// <summary>Virtual time before which nobody makes a request to these any more.</summary>
    public long RequestsSinceNs { get; init; }

    /// <summary>Virtual time from which on it may begin no request to these: others may come to make one before.</summary>
    public long RequestsUntilNs { get; init; } = long.MaxValue;

    /// <summary>What the host has in its page cache; null: so much may be dirty that its own limits never come first.</summary>
    public HostCache? Cache { get; init; }

    /// <summary>Virtual time before which the host has no CPU for it.</summary>
    public long CpuFreeNs { get; init; }

    /// <summary>
    /// Classic only: ages and costs of the cgroups above, from the root on, and what the other members below each have on their lists; node after node for one
    /// with pages on several.
    /// </summary>
    public IReadOnlyList<ListState> Above { get; init; } = [];

    /// <summary>For one with pages on several nodes: free pages by node.</summary>
    public IReadOnlyList<long>? Free { get; init; }

    /// <summary>Whether it may take pages of them down to their min watermarks: each kswapd is awake that it would wake.</summary>
    public bool Slow { get; init; }

    /// <summary>The nodes whose kswapd need not be woken, a bit each: it is awake, or past hope.</summary>
    public ulong Awake { get; init; }

    /// <summary>What the node of its CPU remembers of promotions.</summary>
    public PromotionState Promotion { get; init; }

    /// <summary>What others have done to the files that it shares with them since its last call; null: nothing.</summary>
    public IReadOnlyList<FileChange>? News { get; init; }

    /// <summary>Classic only, where files are shared: what refaults of pages are judged by that others evicted.</summary>
    public IReadOnlyList<EvictorState>? Evictors { get; init; }
}
