using Reclaim.Contracts;
using Reclaim.Contracts.Steps;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Mappings;
using Reclaim.Model.Numa;
using Reclaim.Model.Oom;
using Reclaim.Model.Pressure;
using Reclaim.Model.Records;
using Reclaim.Model.Sharing;
using Reclaim.Model.Steps;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;
using Reclaim.Model.Writeback;

namespace Reclaim.Grains;

/// <summary>The step protocol between the model's own words and the messages that carry them.</summary>
internal static class StepMapping
{
    public static StepGrant ToMessage(this Grant grant, StepId id) => new(id, grant.HorizonNs, grant.Pages, grant.MaxAccesses)
    {
        Shared = grant.Shared is { } shared
            ? new SharedStepGrant(shared.StartNs, shared.Round, shared.SingleFirst, shared.StallNs, shared.OthersStock.Max, grant.DropStock)
            {
                OthersStockToHigh = shared.OthersStock.High,
                HighRoom = shared.HighRoom,
                SleepNs = shared.SleepNs,
                Swap = shared.Swap.ToMessage(),
                Devices = ToMessage(shared.Devices),
                RequestsSinceNs = shared.RequestsSinceNs,
                RequestsUntilNs = shared.RequestsUntilNs,
                Cache = shared.Cache is { } cache ? new HostCacheMessage(cache.Dirtyable, cache.OthersDirty, cache.OthersUnderWriteback) : null,
                Above = ToMessage(shared.Above),
                NodePages = shared.NodePages,
                CpuFreeNs = shared.CpuFreeNs,
                Free = shared.Free?.ToArray(),
                Slow = shared.Slow,
                Awake = shared.Awake,
                Promotion = shared.Promotion.ToMessage(),
                News = ToMessage(shared.News),
                Evictors = shared.Evictors?.Select(ToMessage).ToArray(),
            }
            : null,
    };

    public static Grant ToModel(this StepGrant grant) => new(grant.HorizonNs, grant.Pages, grant.MaxAccesses)
    {
        DropStock = grant.Shared?.DropStock ?? 0,
        Shared = grant.Shared is { } shared
            ? new SharedGrant(shared.StartNs, shared.Round, shared.SingleFirst, shared.StallNs, new RoomAbove(shared.OthersStock, shared.OthersStockToHigh))
            {
                HighRoom = shared.HighRoom,
                SleepNs = shared.SleepNs,
                Swap = shared.Swap.ToModel(),
                Devices = ToModel(shared.Devices),
                RequestsSinceNs = shared.RequestsSinceNs,
                RequestsUntilNs = shared.RequestsUntilNs,
                Cache = shared.Cache is { } cache ? new HostCache(cache.Dirtyable, cache.OthersDirty, cache.OthersUnderWriteback) : null,
                Above = ToModel(shared.Above) ?? [],
                NodePages = shared.NodePages,
                CpuFreeNs = shared.CpuFreeNs,
                Free = shared.Free,
                Slow = shared.Slow,
                Awake = shared.Awake,
                Promotion = shared.Promotion.ToModel(),
                News = ToModel(shared.News),
                Evictors = shared.Evictors?.Select(ToModel).ToArray(),
            }
            : null,
    };

    public static ShrinkStep ToMessage(this ShrinkOrder order, StepId id) => new(id, order.Priority, order.NowNs)
    {
        MayDeactivate = order.MayDeactivate,
        MayDeactivateAnon = order.MayDeactivateAnon,
        Above = ToMessage(order.Above),
        Target = order.Target,
        Reason = (ShrinkReason)order.Reason,
        Node = order.Node,
        Free = order.Free?.ToArray(),
        Wanted = order.Wanted,
        AbortAfter = order.AbortAfter,
        AgeOnly = order.AgeOnly,
        Cause = order.Cause,
        Mark = order.Mark,
        Mems = order.Mems,
        Swap = order.Swap.ToMessage(),
        Devices = ToMessage(order.Devices),
        RequestsSinceNs = order.RequestsSinceNs,
        ProtectedPages = order.Protected?.Pages,
        ProtectedUsage = order.Protected?.Usage ?? 0,
        FileIsTiny = order.FileIsTiny,
        NoSwap = order.NoSwap,
        News = ToMessage(order.News),
        NewsOnly = order.NewsOnly,
        Oom = order.Oom is { } oom ? new OomStep((OomStepAction)oom.Action, oom.TotalPages, oom.For) : null,
    };

    public static ShrinkOrder ToModel(this ShrinkStep order) => new(order.Priority, order.NowNs)
    {
        MayDeactivate = order.MayDeactivate,
        MayDeactivateAnon = order.MayDeactivateAnon,
        Above = ToModel(order.Above) ?? [],
        Target = order.Target,
        Reason = (ReclaimReason)order.Reason,
        Node = order.Node,
        Free = order.Free,
        Wanted = order.Wanted,
        AbortAfter = order.AbortAfter,
        AgeOnly = order.AgeOnly,
        Cause = order.Cause,
        Mark = order.Mark,
        Mems = order.Mems,
        Swap = order.Swap.ToModel(),
        Devices = ToModel(order.Devices),
        RequestsSinceNs = order.RequestsSinceNs,
        Protected = order.ProtectedPages is { } part ? (part, order.ProtectedUsage) : null,
        FileIsTiny = order.FileIsTiny,
        NoSwap = order.NoSwap,
        News = ToModel(order.News),
        NewsOnly = order.NewsOnly,
        Oom = order.Oom is { } oom ? new OomOrder((OomAction)oom.Action, oom.TotalPages, oom.For) : null,
    };

    public static ShrunkReport ToMessage(this ShrinkReport report) => new(report.PagesTaken, report.Scanned, report.Freed, report.CostNs)
    {
        Lists = report.Lists.ToMessage(),
        Above = ToMessage(report.Above),
        ListsByNode = report.ListsByNode?.Select(ToMessage).ToArray(),
        AllocatedByNode = report.AllocatedByNode?.ToArray(),
        Wakes = report.Wakes,
        Charged = report.Charged,
        Allocated = report.Allocated,
        Oom = new OomStepAnswer(report.Oom.Points, report.Oom.Ended),
        Aged = report.Aged,
        Seen = report.Seen is { } seen ? new ScanSeenMessage(seen.OldestFile, seen.OldestAnon, seen.EvictedFile, seen.EvictedAnon, seen.Protected, seen.Activated) : null,
        Files = ToMessage(report.Files),
        Swap = report.Swap?.ToArray(),
        Devices = ToMessage(report.Devices),
        Cache = ToMessage(report.Cache),
    };

    public static ShrinkReport ToModel(this ShrunkReport report) => new(report.PagesTaken, report.Scanned, report.Freed, report.CostNs)
    {
        Lists = report.Lists.ToModel(),
        Above = ToModel(report.Above),
        ListsByNode = report.ListsByNode?.Select(ToModel).ToArray(),
        AllocatedByNode = report.AllocatedByNode?.ToArray(),
        Wakes = report.Wakes,
        Charged = report.Charged,
        Allocated = report.Allocated,
        Oom = new OomAnswer(report.Oom.Points, report.Oom.Ended),
        Aged = report.Aged,
        Seen = report.Seen is { } seen ? new ScanSeen(seen.OldestFile, seen.OldestAnon, seen.EvictedFile, seen.EvictedAnon, seen.Protected, seen.Activated) : null,
        Files = ToModel(report.Files),
        Swap = report.Swap,
        Devices = ToModel(report.Devices),
        Cache = ToModel(report.Cache),
    };

    private static ListsMessage[]? ToMessage(IReadOnlyList<ListState>? above) => above is null or [] ? null : [.. above.Select(ToMessage)];

    private static ListState[]? ToModel(ListsMessage[]? above) => above?.Select(ToModel).ToArray();

    private static EvictorMessage ToMessage(EvictorState evictor) =>
        new(evictor.Member, evictor.Common, [.. evictor.Levels.Select(level => level.Age)], [.. evictor.Levels.Select(level => level.Workingset)]);

    private static EvictorState ToModel(EvictorMessage evictor) =>
        new(evictor.Cgroup, evictor.Common, [.. evictor.Ages.Zip(evictor.Workingsets, (age, workingset) => new EvictorLevel(age, workingset))]);

    private static ListsMessage ToMessage(this ListState lists) =>
        new(lists.Age, lists.InactiveFile, lists.ActiveFile, lists.ActivatedFile, lists.SkippedDeactivate)
        {
            InactiveAnon = lists.InactiveAnon,
            ActiveAnon = lists.ActiveAnon,
            ActivatedAnon = lists.ActivatedAnon,
            AnonCost = lists.AnonCost,
            FileCost = lists.FileCost,
            Evictable = lists.Evictable,
            WantsAging = lists.WantsAging,
            HasShadowNodes = lists.HasShadowNodes,
            Batched = lists.Batched,
            OldestFileBirthNs = lists.OldestFileBirthNs,
            Workingset = lists.Workingset,
        };

    private static ListState ToModel(this ListsMessage lists) =>
        new(lists.Age, lists.InactiveFile, lists.ActiveFile, lists.ActivatedFile, lists.SkippedDeactivate)
        {
            InactiveAnon = lists.InactiveAnon,
            ActiveAnon = lists.ActiveAnon,
            ActivatedAnon = lists.ActivatedAnon,
            AnonCost = lists.AnonCost,
            FileCost = lists.FileCost,
            Evictable = lists.Evictable,
            WantsAging = lists.WantsAging,
            HasShadowNodes = lists.HasShadowNodes,
            Batched = lists.Batched,
            OldestFileBirthNs = lists.OldestFileBirthNs,
            Workingset = lists.Workingset,
        };

    public static StepReport ToMessage(this Report report, StepId id) => new(
        id, ToMessage(report.Stop), report.NowNs, report.PagesTaken, report.Accesses, report.Misses, report.Refaults, report.Scanned, report.Reclaimed)
    {
        CpuNs = report.CpuNs,
        Low = report.Restriction?.Low,
        Min = report.Restriction?.Min,
        High = report.Restriction?.High,
        Offline = report.Offline,
        OverHighPages = report.OverHigh.Pages,
        OverHighAtNs = report.OverHigh.AtNs,
        Pressure = report.Pressure is { } changes ? [.. changes.Select(change => new TaskChange(change.AtNs, change.FromCpu, change.ToCpu, (byte)change.From, (byte)change.To))] : null,
        MemoryAvg10 = report.MemoryAvg10,
        Stock = report.Stock,
        Refilled = report.Refilled,
        Charged = report.Charged,
        Allocated = report.Allocated,
        Lists = report.Lists.ToMessage(),
        Above = ToMessage(report.Above),
        ListsByNode = report.ListsByNode?.Select(ToMessage).ToArray(),
        AllocatedByNode = report.AllocatedByNode?.ToArray(),
        Wakes = report.Wakes,
        Promotion = report.Promotion.ToMessage(),
        Files = ToMessage(report.Files),
        Swap = report.Swap?.ToArray(),
        Devices = ToMessage(report.Devices),
        Cache = ToMessage(report.Cache),
        Kinds = new KindsMessage(report.Kinds.HighScanned, report.Kinds.HighReclaimed, report.Kinds.ProactiveScanned, report.Kinds.ProactiveReclaimed),
    };

    public static Report ToModel(this StepReport report) => new(
        ToModel(report.Stop), report.NowNs, report.PagesTaken, report.Accesses, report.Misses, report.Refaults, report.Scanned, report.Reclaimed)
    {
        CpuNs = report.CpuNs,
        Restriction = report is { Low: { } low, Min: { } min, High: { } high } ? (low, min, high) : null,
        Offline = report.Offline,
        OverHigh = (report.OverHighPages, report.OverHighAtNs),
        Pressure = report.Pressure is { } changes ? [.. changes.Select(change => new StateChange(change.AtNs, change.FromCpu, change.ToCpu, (TaskStates)change.From, (TaskStates)change.To))] : null,
        MemoryAvg10 = report.MemoryAvg10,
        Stock = report.Stock,
        Refilled = report.Refilled,
        Charged = report.Charged,
        Allocated = report.Allocated,
        Lists = report.Lists.ToModel(),
        Above = ToModel(report.Above),
        ListsByNode = report.ListsByNode?.Select(ToModel).ToArray(),
        AllocatedByNode = report.AllocatedByNode?.ToArray(),
        Wakes = report.Wakes,
        Promotion = report.Promotion.ToModel(),
        Files = ToModel(report.Files),
        Swap = report.Swap,
        Devices = ToModel(report.Devices),
        Cache = ToModel(report.Cache),
        Kinds = new ReclaimKinds(report.Kinds.HighScanned, report.Kinds.HighReclaimed, report.Kinds.ProactiveScanned, report.Kinds.ProactiveReclaimed),
    };

    public static MemcgOutline ToMessage(this MemcgTerms terms) => new(terms.PagesHeld, terms.PagesLimit, terms.EndNs, terms.TotalAccesses) { PagesAllocated = terms.PagesAllocated };

    public static MemcgTerms ToModel(this MemcgOutline outline, string path) =>
        new(path, outline.PagesHeld, outline.PagesLimit, outline.EndNs, outline.TotalAccesses) { PagesAllocated = outline.PagesAllocated };

    public static CgroupProgress ToProgress(this MemcgStanding memcg) => new(memcg.Terms.Path, memcg.Accesses, memcg.Misses, memcg.Refaults)
    {
        Pages = memcg.PagesHeld,
        MemoryAvg10 = memcg.MemoryAvg10,
        NowNs = memcg.NowNs,
    };

    private static DeviceMessage?[]? ToMessage(IReadOnlyList<DeviceState?>? states) =>
        states?.Select(state => state is null ? (DeviceMessage?)null
            : new DeviceMessage([.. state.StartsNs], [.. state.DonesNs], [.. state.Transferring.SelectMany(transfer => (long[])[transfer.FromNs, transfer.ToNs])])).ToArray();

    private static DeviceState?[]? ToModel(DeviceMessage?[]? states) =>
        states?.Select(state => state is { } known
            ? new DeviceState(known.StartsNs, known.DonesNs, known.TransferringNs.Chunk(2).Select(transfer => (transfer[0], transfer[1])).ToArray())
            : null).ToArray();

    private static SwapRoomMessage ToMessage(this SwapRoom room) => new(room.Max, room.Half, room.Others?.ToArray());

    private static SwapRoom ToModel(this SwapRoomMessage room) => new(room.Max, room.Half, room.Others);

    private static PromotionMessage ToMessage(this PromotionState state) =>
        new(state.ThresholdMs, state.AdjustedMs, state.CandidatesAdjusted, state.RateSinceMs, state.CandidatesThen, state.Candidates);

    private static PromotionState ToModel(this PromotionMessage state) =>
        new(state.ThresholdMs, state.AdjustedMs, state.CandidatesAdjusted, state.RateSinceMs, state.CandidatesThen, state.Candidates);

    private static CacheMessage ToMessage(CacheState cache) => new(cache.FilePages, cache.Dirty, cache.UnderWriteback);

    private static CacheState ToModel(CacheMessage cache) => new(cache.FilePages, cache.Dirty, cache.UnderWriteback);

    private static FileChangeMessage[]? ToMessage(IReadOnlyList<FileChange>? changes) =>
        changes?.Select(change => new FileChangeMessage(
            (byte)change.Kind, change.File, change.Member, change.Index, change.Shadow, change.Mapping.Member, change.Mapping.Number, (byte)change.Mapping.Recency, change.Mapping.Executable, change.Mapping.Common)).ToArray();

    private static FileChange[]? ToModel(FileChangeMessage[]? changes) =>
        changes?.Select(change => new FileChange((FileChangeKind)change.Kind, change.File, change.Cgroup, change.Index, change.Shadow)
        {
            Mapping = new FileMapping(change.MappedBy, change.Mapping, (Recency)change.Recency, change.Executable, change.Common),
        }).ToArray();

    private static StepStop ToMessage(StopReason stop) => stop switch
    {
        StopReason.Horizon => StepStop.Horizon,
        StopReason.Accesses => StepStop.Accesses,
        StopReason.Pages => StepStop.Pages,
        StopReason.Done => StepStop.Done,
        StopReason.Round => StepStop.Round,
        StopReason.Wake => StepStop.Wake,
        StopReason.High => StepStop.High,
        StopReason.Request => StepStop.Request,
        _ => throw new ArgumentOutOfRangeException(nameof(stop), stop, "unknown reason"),
    };

    private static StopReason ToModel(StepStop stop) => stop switch
    {
        StepStop.Horizon => StopReason.Horizon,
        StepStop.Accesses => StopReason.Accesses,
        StepStop.Pages => StopReason.Pages,
        StepStop.Done => StopReason.Done,
        StepStop.Round => StopReason.Round,
        StepStop.Wake => StopReason.Wake,
        StepStop.High => StopReason.High,
        StepStop.Request => StopReason.Request,
        _ => throw new ArgumentOutOfRangeException(nameof(stop), stop, "unknown reason"),
    };
}
