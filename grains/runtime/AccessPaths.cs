using Reclaim.Contracts.Spec;
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

    /// <summary>vma_has_recency: false after MADV_RANDOM, MADV_SEQUENTIAL, or POSIX_FADV_NOREUSE on the mapped file.</summary>
    public static bool HasRecency(WorkloadSpec workload) =>
        Of(workload) == AccessPath.Descriptor || workload.Advice is AccessAdvice.Unspecified or AccessAdvice.Normal;

    private static AccessKind KindOf(WorkloadSpec workload) => workload switch
    {
        PatternSpec pattern => pattern.Kind,
        TraceSpec trace => trace.Kind,
        _ => AccessKind.Read,
    };
}
