using Reclaim.Contracts.Spec;
using Reclaim.Model.Kernels;
using Reclaim.Model.Mappings;
using Reclaim.Model.Readahead;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Kinds of access in the model's terms: the way to a page, and whether it is stored to.</summary>
internal static class AccessPaths
{
    /// <summary>How a pattern, a trace or an fio job touches its pages; a mix has no path of its own.</summary>
    public static AccessPath Of(WorkloadSpec workload) => KindOf(workload) switch
    {
        AccessKind.Read or AccessKind.Write => AccessPath.Descriptor,
        AccessKind.MmapRead or AccessKind.MmapWrite => AccessPath.Mapped,
        _ => AccessPath.Anonymous,
    };

    /// <summary>Whether all its accesses are writes or stores.</summary>
    public static bool Writes(WorkloadSpec workload) => KindOf(workload) is AccessKind.Write or AccessKind.MmapWrite or AccessKind.AnonWrite;

    /// <summary>Whether any of its accesses writes to a file, or stores to a mapping of one.</summary>
    public static bool WritesFiles(WorkloadSpec workload) => workload switch
    {
        MixSpec mix => mix.Parts.Any(part => WritesFiles(part.Workload)),
        FioSpec fio => fio.Rw is not (FioRw.Read or FioRw.RandRead),
        _ => Writes(workload) && Of(workload) != AccessPath.Anonymous,
    };

    /// <summary>How far reclaim goes by accesses through a mapping: that depends on madvise, POSIX_FADV_NOREUSE and the kernel.</summary>
    public static Recency RecencyOf(WorkloadSpec workload, AdvisedMapping rule) => AdviceOn(workload) switch
    {
        _ when Of(workload) == AccessPath.Descriptor => Recency.Full,
        AccessAdvice.Random when rule == AdvisedMapping.RandomReferenced => Recency.AtEviction,
        AccessAdvice.NoReuse when rule == AdvisedMapping.RandomReferenced => Recency.Full,
        AccessAdvice.Random or AccessAdvice.Sequential or AccessAdvice.NoReuse => Recency.None,
        _ => Recency.Full,
    };

    /// <summary>
    /// Pages read ahead at most (read_ahead_kb) and the advice, of a file. Patterns and traces that do not say
    /// read exactly what they ask for, page by page if mapped.
    /// </summary>
    public static (int Pages, ReadaheadAdvice Advice) Readahead(HostSpec host, WorkloadSpec workload)
    {
        var advice = AdviceOn(workload) switch
        {
            // write(2) reads nothing.
            _ when workload is FioSpec { Rw: FioRw.Write, Mmap: false } => ReadaheadAdvice.Random,
            AccessAdvice.Normal => ReadaheadAdvice.Normal,
            AccessAdvice.Sequential => ReadaheadAdvice.Sequential,
            _ => ReadaheadAdvice.Random,
        };
        return Of(workload) != AccessPath.Anonymous && advice != ReadaheadAdvice.Random ? (host.ReadAheadKb / 4, advice) : (0, ReadaheadAdvice.Random);
    }

    /// <summary>Unless it is told otherwise, fio advises sequential for sequential jobs and random for the others (fadvise_hint).</summary>
    private static AccessAdvice AdviceOn(WorkloadSpec workload) =>
        workload is not FioSpec { Advice: AccessAdvice.Unspecified } fio ? workload.Advice
        : fio.Rw is FioRw.RandRead or FioRw.RandWrite or FioRw.RandRw ? AccessAdvice.Random
        : AccessAdvice.Sequential;

    private static AccessKind KindOf(WorkloadSpec workload) => workload switch
    {
        PatternSpec pattern => pattern.Kind,
        TraceSpec trace => trace.Kind,
        FioSpec { Mmap: true } => AccessKind.MmapRead,
        _ => AccessKind.Read,
    };
}
