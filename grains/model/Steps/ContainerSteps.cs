namespace Reclaim.Model.Steps;

/// <summary>A container's part in a step.</summary>
public static class ContainerSteps
{
    /// <summary>Runs one step of a container.</summary>
    public static Report Step(this Container container, in Grant grant)
    {
        var (held, stock) = (container.PagesHeld, container.Stock);
        var charged = container.PagesCharged;
        var onNodes = container.PagesByNode;
        var totals = container.Totals;
        var refaults = container.Refaults;
        var scanned = container.Scanned;
        var reclaimed = container.Reclaimed;
        var kinds = container.Kinds;
        var stop = container.Run(grant);
        var now = container.Totals;
        var (taken, restStock) = (container.PagesHeld - held, container.Stock);
        return new Report(
            stop,
            container.NowNs,
            taken,
            now.Accesses - totals.Accesses,
            now.Misses - totals.Misses,
            container.Refaults - refaults,
            container.Scanned - scanned,
            container.Reclaimed - reclaimed)
        {
            Charged = container.PagesCharged - charged,
            Allocated = taken - (restStock - stock),
            CpuNs = now.CpuNs - totals.CpuNs,
            Restriction = container.Restriction,
            OverHigh = container.Loop.OverHigh,
            Offline = container.Memcg is { IsOffline: true },
            Pressure = container.Loop.Pressure.TakeLog(),
            MemoryAvg10 = container.TakeMemoryAvg10(),
            Stock = restStock,
            Refilled = container.TakeRefilled(),
            Lists = container.TakeLists(),
            Above = container.Memcg?.Lruvec.TakeAbove(),
            ListsByNode = container.TakeListsByNode(),
            AllocatedByNode = Change(container.PagesByNode, onNodes),
            Wakes = stop == StopReason.Accesses ? 0 : container.Memcg?.Nodes?.TakeWakes() ?? 0,
            Promotion = container.Memcg?.Nodes?.Promotion?.State ?? default,
            Kinds = container.Kinds - kinds,
            Files = container.Memcg?.Shared?.TakeChanges(),
            Swap = container.Memcg?.Swap.TakeUsed(),
            Devices = container.Loop.Devices.TakeChanged(),
            Cache = container.Cache,
        };
    }

    /// <summary>Reclaims from a container on behalf of a limit above it.</summary>
    public static ShrinkReport Step(this Container container, ShrinkOrder order)
    {
        var held = container.PagesHeld;
        var charged = container.PagesCharged;
        var allocated = container.PagesAllocated;
        var onNodes = container.PagesByNode;
        var scanned = container.Scanned;
        var answer = order.Oom is { } oom ? container.Carry(oom, order.NowNs) : default;
        var (freed, aged, cost) = order.Oom is null ? container.Shrink(order) : default;
        var lists = container.TakeListsByNode();
        return new ShrinkReport(container.PagesHeld - held, container.Scanned - scanned, freed, cost)
        {
            Lists = lists is null ? container.TakeLists() : lists[order.Node],
            Above = container.Memcg?.Lruvec.TakeAbove(),
            ListsByNode = lists,
            AllocatedByNode = Change(container.PagesByNode, onNodes),
            Wakes = container.Memcg?.Nodes?.TakeWakes() ?? 0,
            Charged = container.PagesCharged - charged,
            Allocated = container.PagesAllocated - allocated,
            Oom = answer,
            Seen = container.Memcg?.Records?.TakeOrdered(),
            Aged = aged,
            Files = container.Memcg?.Shared?.TakeChanges(),
            Swap = container.Memcg?.Swap.TakeUsed(),
            Devices = container.Loop.Devices.TakeChanged(),
            Cache = container.Cache,
        };
    }

    private static long[]? Change(long[]? now, long[]? before)
    {
        for (var node = 0; node < now?.Length; node++)
        {
            now[node] -= before![node];
        }

        return now;
    }

    /// <summary>What a coordinator must know of a container before the first step.</summary>
    public static MemcgTerms Terms(this Container container, string path) =>
        new(path, container.PagesHeld, container.PagesLimit, container.EndNs, container.TotalAccesses) { PagesAllocated = container.PagesAllocated, Node = container.Plan.Node, Numa = container.Plan.Numa };
}
