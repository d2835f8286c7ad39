using CsCheck;
using Reclaim.Model.Kernels;
using Reclaim.Model.MultiGen;

namespace Reclaim.Model.Tests.Memcg;

/// <summary>A small cgroup under a policy and what is read in it.</summary>
/// <param name="Policy">mglru or classic.</param>
/// <param name="Variant">Name of the kernel.</param>
/// <param name="Width">LRU_REFS_WIDTH.</param>
/// <param name="Swappiness">0 without swap.</param>
/// <param name="Max">memory.max in pages.</param>
/// <param name="File">Pages of the file.</param>
/// <param name="Anon">Pages of the processes.</param>
/// <param name="Trace">The pages read.</param>
internal sealed record TraceCase(string Policy, string Variant, int Width, int Swappiness, int Max, int File, int Anon, uint[] Trace)
{
    public Cgroup Build(long? max = null) => Policy == KernelChoice.MultiGen
        ? Cgroup.MultiGen(max ?? Max, File, Variant, Width, Swappiness, Anon, kernel: 2)
        : Cgroup.OfClassic(max ?? Max, File, Variant, Anon, kernel: 2);

    public override string ToString() =>
        $"{Policy} {Variant} W={Width} swappiness={Swappiness} max={Max} file={File} anon={Anon} trace=[{string.Join(",", Trace)}]";

    /// <summary>All that can be seen of a cgroup from outside.</summary>
    public static string Dump(Cgroup cgroup)
    {
        var stat = cgroup.Memcg.Stat;
        var text = cgroup.Memcg.Lruvec is MultiGenLruvec lruvec ? LruGenText.Full(lruvec, 1, "/A", 0) : "";
        return text + string.Join(' ',
            stat.WorkingsetRefaultFile, stat.WorkingsetActivateFile, stat.WorkingsetRestoreFile, stat.WorkingsetNodereclaim, stat.Pgscan,
            stat.Pgsteal, stat.Pgrefill, stat.Pgactivate, stat.Pgdeactivate, stat.EventsMax, cgroup.Memcg.Charge.Usage,
            string.Join(',', cgroup.Resident));
    }
}

/// <summary>Random cases. Half of the reads go to few pages, so that pages saturate, refault and are protected.</summary>
internal static class TraceCases
{
    public static Gen<TraceCase> MultiGen { get; } = Of(KernelChoice.MultiGen);

    public static Gen<TraceCase> Classic { get; } = Of(KernelChoice.Classic);

    private static Gen<TraceCase> Of(string policy) =>
        from variant in Gen.Int[0, KernelChoice.Variants.Count - 1].Select(i => KernelChoice.Variants[i])
        from width in Gen.Int[0, 2]
        from swappiness in Gen.Int[0, 2].Select(i => i == 2 ? 60 : 0)
        from max in Gen.Int[160, 600]
        from file in Gen.Int[100, 4000]
        from processAnon in Gen.Int[0, 3]

        // Nothing swaps out what the processes hold, so with swap they hold nothing.
        let anon = swappiness == 0 ? processAnon : 0
        from hot in Gen.UInt[1, 400]
        from length in Gen.Int[0, 4000]
        from skew in Gen.Int[0, 3]
        let page = Gen.UInt[0, (uint)file - 1]
        let hotPage = Gen.UInt[0, Math.Min(hot, (uint)file - 1)]
        from trace in (skew == 0 ? page : Gen.Frequency((1, page), (skew, hotPage))).Array[length]
        select new TraceCase(policy, variant, width, swappiness, max, file, anon, trace);
}
