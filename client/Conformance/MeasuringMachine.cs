namespace Reclaim.Client.Conformance;

/// <summary>
/// What the machine that the measurements were taken on added to each cgroup: the process that made the accesses holds a page
/// or a few of its own, and kernel memory besides the page cache's tree nodes, throughout.
/// </summary>
internal static class MeasuringMachine
{
    /// <summary>The cgroup above all others.</summary>
    public const string Parent = "/lab";

    /// <summary>A measurement pauses, and reads memory.stat, so many times.</summary>
    public const int Pauses = 10;

    /// <summary>Kernel memory besides tree nodes, bytes (<c>kernel</c> less <c>slab</c> of <c>memory.stat.end</c>, charged in whole pages).</summary>
    public const long ProcessKernelBytes = 8192;

    /// <summary>What the process holds for itself, bytes, where <c>anon</c> of <c>memory.stat.end</c> cannot tell it from a stream's memory.</summary>
    public const long ProcessAnonBytes = 8192;

    /// <summary>
    /// Pages that left the free lists during a run and are in no cgroup: what the measuring processes hold themselves, and the CPU's own list
    /// of free pages, which grows while pages are reclaimed. Not fitted to what was read: it is <c>startFreePages</c> less <c>memory.current</c>
    /// of all cgroups at the end, less the middle of the low and high watermarks, where kswapd keeps what is free; in the mean over the
    /// runs under MGLRU 820 (v6.1, g2), 942 (v6.12, c3) and 1427 (v6.12, g2 and g2low). The middle one of the three stands for all.
    /// On v6.12 most of it are pages that a boost of the watermarks kept free, which the replay leaves out (docs/fidelity.md).
    /// </summary>
    public const int UnchargedPages = 942;

    /// <summary>
    /// Translations that the machine's CPU cached. It was emulated in software, so this is the emulator's own translation cache,
    /// which holds other numbers of pages than a CPU's.
    /// </summary>
    public const int TlbEntries = 256;

    /// <summary>Accesses in a turn where a measurement says nothing.</summary>
    public const int Batch = 64;

    /// <summary>All files lay on one RAM disk.</summary>
    public const string Device = "ram0";
}
