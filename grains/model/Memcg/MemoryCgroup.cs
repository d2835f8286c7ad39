using System.Runtime.CompilerServices;
using Reclaim.Model.Folios;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Numa;
using Reclaim.Model.Records;
using Reclaim.Model.Sharing;
using Reclaim.Model.Steps;
using Reclaim.Model.Swap;

namespace Reclaim.Model.Memcg;

/// <summary>
/// A memory cgroup: its charge and limit, its pages and page-cache trees, its counters, and reclaim on its own behalf.
///
/// A page that is missing is charged first, which may reclaim; then it goes into the page-cache tree, where a new leaf is
/// charged as kernel memory; then its shadow is looked at; then it enters the lruvec.
///
/// Source: try_charge_memcg in mm/memcontrol.c; filemap_add_folio in mm/filemap.c; try_to_free_mem_cgroup_pages,
/// do_try_to_free_pages in mm/vmscan.c, v6.8.
/// </summary>
internal sealed partial class MemoryCgroup
{
    private readonly ShadowShrinker _shadowShrinker = new();

    /// <param name="filePages">Size of each file in pages, in order.</param>
    /// <param name="max">memory.max in pages.</param>
    /// <param name="processAnon">Anonymous pages its processes hold throughout.</param>
    /// <param name="processKernel">Pages of kernel memory its processes hold throughout.</param>
    /// <param name="heapPages">Size of each region of anonymous memory in pages, in order.</param>
    /// <param name="swapPages">Swap it may use, in pages.</param>
    /// <param name="swapAreas">What it swaps to; one area that is memory if that is not said.</param>
    /// <param name="number">Number of its container.</param>
    /// <param name="sharedFiles">Files that other containers use too.</param>
    /// <exception cref="MemcgOutOfMemoryException">That alone exceeds the limit.</exception>
    public MemoryCgroup(ReadOnlySpan<int> filePages, long max, long processAnon, long processKernel, ReadOnlySpan<int> heapPages = default, long swapPages = 0,
        IReadOnlyList<SwapAreaPlan>? swapAreas = null, ushort number = 0, IReadOnlyList<SharedFilePlan>? sharedFiles = null)
    {
        var pages = 0;
        foreach (var file in filePages)
        {
            pages += PageCacheTree.LeavesOf(file) * 64;
        }

        var firstAnon = pages;
        foreach (var heap in heapPages)
        {
            pages += PageCacheTree.LeavesOf(heap) * 64;
        }

        Folios = new FolioTable(pages, firstAnon);
        Culprits = new Culprits(pages);
        Rmap = new ReverseMap([.. filePages, .. heapPages]);
        Swap = new SwapSpace(swapAreas ?? OneArea(swapPages), swapPages, Folios.FirstAnon, pages);
        Transfers = new SwapTransfers(Swap);
        if (Swap.HasAsynchronous)
        {
            Folios.TrackWriteback();
        }

        Tree = new PageCacheTree(filePages, sharedFiles?.Select(file => file.File).ToList());
        Shared = sharedFiles is { Count: > 0 } ? new SharedPages(this, number, sharedFiles) : null;
        if (sharedFiles?.Any(file => file.IsMappedElsewhere) == true)
        {
            Rmap.Expect();
        }

        Charge = new MemcgCharge(max);
        Kernel = new KernelMemory(processKernel);
        ProcessAnon = processAnon;
        for (var i = 0L; i < processAnon + processKernel; i++)
        {
            // There is nothing to reclaim yet.
            if (!Charge.TryConsumeStock() && !Charge.TryCharge(single: false))
            {
                throw OutOfMemory();
            }
        }
    }

    public FolioTable Folios { get; }

    /// <summary>For whom its pages were reclaimed.</summary>
    public Culprits Culprits { get; }

    /// <summary>What became of its pages.</summary>
    public PageFates Fates { get; } = new();

    public PageCacheTree Tree { get; }

    /// <summary>The files that it shares with others; null: none.</summary>
    public SharedPages? Shared { get; }

    public MemcgCharge Charge { get; }

    public KernelMemory Kernel { get; }

    public MemoryStat Stat { get; } = new();

    /// <summary>Which processes map what.</summary>
    public ReverseMap Rmap { get; }

    /// <summary>Anonymous pages in memory, those of the processes outside any workload apart.</summary>
    public long AnonPages { get; private set; }

    /// <summary>Anonymous pages outside any workload: they stay until the process they belong to is killed.</summary>
    public long ProcessAnon { get; private set; }

    /// <summary>File pages in memory: "file" in memory.stat.</summary>
    public long FilePages { get; private set; }

    /// <summary>The pages as the policy orders them. Set once, by the policy.</summary>
    public Lruvec Lruvec { get; set; } = null!;

    /// <summary>Which node each page is on; null: all are on one.</summary>
    public PageNodes? Nodes { get; init; }

    /// <summary>What reclaim has done so far, for pricing it; in the middle of it too.</summary>
    public ReclaimWork Work
    {
        get
        {
            (Lruvec as NodeLruvecs)?.Collect();
            return Lruvec.Work;
        }
    }

    /// <summary>Called when reclaim freed nothing: waits for writeback, and says whether there was any to wait for.</summary>
    public Func<bool>? WaitForWriteback { get; set; }

    /// <summary>Called when there is nothing left to reclaim: kills a process, and says whether there was one to kill; null: nobody does.</summary>
    public Func<bool>? KillForLimit { get; set; }

    /// <summary>Whether the process that charges was killed: it need not reclaim any more.</summary>
    public bool IsDying { get; set; }

    /// <summary>Called when reclaim met nothing but dirty pages that nobody writes yet (wakeup_flusher_threads); null if nothing writes.</summary>
    public Action? WakeFlushers { get; set; }

    /// <summary>Brings in a page that is not in memory; the caller has made sure of that.</summary>
    /// <exception cref="MemcgOutOfMemoryException">Nothing could be reclaimed.</exception>
    public void Fault<TPath>(TPath path, uint page, bool write, bool inFault = false)
        where TPath : struct, ILruvecPath
    {
        path.Allocate(page);
        ChargePage();
        ref var word = ref Folios.Word[page];
        var shadow = word;
        var nodes = Tree.Insert(page, shadow != 0);
        Shared?.Inserted(page, shadow != 0);
        if (nodes != 0)
        {
            ChargeNodes(nodes);
        }

        word = 0;
        FilePages++;
        Folios.Readahead?.Clear(page);

        // Page cache added for write(2) is not a refault: the page will be overwritten (__GFP_WRITE).
        var refaults = Stat.WorkingsetRefaultFile;
        path.Insert(page, write ? 0 : shadow, inFault);
        if (Stat.WorkingsetRefaultFile != refaults && Shared?.WasEvictedElsewhere(page) != true)
        {
            Culprits.Refaulted(page, Clock);
        }
    }

    /// <summary>Charges a page of page table entries (pte_alloc_one).</summary>
    public void ChargePageTable()
    {
        ChargePage();
        Kernel.AddPageTable();
    }

    /// <summary>Frees pages of page table entries (free_pgtables): kernel memory goes back to the stock (obj_cgroup_uncharge_pages).</summary>
    public void UnchargePageTables(int count)
    {
        Kernel.RemovePageTables(count);
        Charge.RefillStock(count);
    }

    /// <summary>
    /// Frees an anonymous page that nobody maps any more, wherever it is; it leaves no shadow. Batches must have been drained, as
    /// the kernel drains them before it frees what it unmapped (lru_add_drain in free_pages_and_swap_cache).
    /// </summary>
    /// <returns>Pages of memory freed, to be given to <see cref="Uncharge(int, int)"/>.</returns>
    public int FreeAnon(uint page)
    {
        FreeSwap(page);
        if (Folios.State[page] == 0)
        {
            return 0;
        }

        Lruvec.Remove(page);
        Nodes?.Free(Nodes.NodeOf[page], 1);
        Folios.Word[page] = 0;
        return 1;
    }

    /// <summary>The process is killed that the anonymous memory outside any workload belongs to.</summary>
    public void FreeProcessAnon()
    {
        Charge.Uncharge(ProcessAnon);
        ProcessAnon = 0;
    }

    /// <summary>Pages of each node that it has in use; null: all are on one.</summary>
    public long[]? PagesByNode()
    {
        if (Nodes is not { } nodes)
        {
            return null;
        }

        SettleNodes();
        return nodes.Held.ToArray();
    }

    /// <summary>Says on which nodes the pages are that no workload has.</summary>
    public void SettleNodes() => Nodes?.Settle(ProcessAnon + Kernel.Pages + Swap.CompressedPages);

    /// <summary>Records that a page was taken out of memory, leaving a shadow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evicted(uint page, uint shadow)
    {
        Folios.Word[page] = shadow;
        Culprits.Took(page);
        Tree.Evict(page);
        Shared?.Evicted(page, shadow);
    }

    /// <summary>Returns the pages of one eviction round to the counter, all at once.</summary>
    /// <param name="file">File pages freed.</param>
    /// <param name="anon">Anonymous pages freed.</param>
    public void Uncharge(int file, int anon)
    {
        FilePages -= file;
        AnonPages -= anon;
        Charge.Uncharge(file + anon);
    }

    /// <summary>Returns the pages of one eviction round to the counter, and to the node that they were on.</summary>
    public void Uncharge(int file, int anon, int node)
    {
        Uncharge(file, anon);
        Nodes?.Free(node, file + anon);
    }

    /// <summary>Reclaims on behalf of the cgroup (try_to_free_mem_cgroup_pages): priorities 12, 11, … until enough was freed.</summary>
    /// <param name="pages">Pages wanted.</param>
    /// <param name="proactive">For memory.reclaim.</param>
    /// <returns>Pages freed.</returns>
    public long TryToFreePages(long pages, bool proactive = false)
    {
        var (scanned, stolen, demoted) = (Stat.Pgscan, Stat.Pgsteal, Stat.Pgdemote);
        Nodes?.ReclaimFor(proactive ? ulong.MaxValue : Nodes.Plan.CpusetMask);
        var sc = new ScanControl { NrToReclaim = Math.Max(pages, ScanControl.SwapClusterMax), Proactive = proactive };
        var cause = Culprits.Current;
        Culprits.Current = proactive ? ReclaimCause.Proactive : cause;
        Records?.Begin(Culprits.Current switch { ReclaimCause.Proactive => ReclaimKind.Proactive, ReclaimCause.High => ReclaimKind.High, _ => ReclaimKind.Limit }, Clock());
        do
        {
            for (sc.Priority = ScanControl.DefaultPriority; sc.Priority >= 0; sc.Priority--)
            {
                EndSwapWrites();
                Shrink(Lruvec, ref sc);
                _shadowShrinker.Shrink(this, sc.Priority);
                if (sc.NrReclaimed >= sc.NrToReclaim)
                {
                    break;
                }
            }

            Lruvec.Snapshot();
        }
        while (sc.TryHarder());
        Culprits.Current = cause;

        if (proactive)
        {
            Stat.PgscanProactive += Stat.Pgscan - scanned;
            Stat.PgstealProactive += Stat.Pgsteal - stolen;
            Stat.PgdemoteProactive += Stat.Pgdemote - demoted;
        }

        return sc.NrReclaimed;
    }

    /// <summary>Reclaims on behalf of a limit above, or of the node, once, at one priority.</summary>
    /// <returns>Pages freed, and whether it was aged.</returns>
    public (long Freed, bool Aged) ShrinkFor(ShrinkOrder order)
    {
        var there = Lruvec is NodeLruvecs nodes ? nodes.On(order.Node) : Lruvec;
        if (order.AgeOnly)
        {
            there.Age();
            return (0, true);
        }

        var (scanned, stolen, demoted) = (Stat.Pgscan, Stat.Pgsteal, Stat.Pgdemote);
        Nodes?.ReclaimFor(order.Mems);
        var sc = new ScanControl
        {
            NrToReclaim = order.Wanted,
            Priority = order.Priority,
            Target = order.Target,
            MayDeactivate = (order.MayDeactivateAnon, order.MayDeactivate),
            Kswapd = order.Reason == ReclaimReason.Kswapd,
            AbortAfter = order.AbortAfter,
            Protected = order.Protected,
            FileIsTiny = order.FileIsTiny,
            NoSwap = order.NoSwap,
        };
        EndSwapWrites();
        (Culprits.Current, Rmap.Target) = (order.Cause, order.Target);
        ShrinkOrdered(there, ref sc, order.Mark);
        (Culprits.Current, Rmap.Target) = (ReclaimCause.Limit, int.MaxValue);
        _shadowShrinker.Shrink(this, order.Priority);
        if (sc.Kswapd)
        {
            Stat.PgscanKswapd += Stat.Pgscan - scanned;
            Stat.PgstealKswapd += Stat.Pgsteal - stolen;
            Stat.PgdemoteKswapd += Stat.Pgdemote - demoted;
        }

        return (sc.NrReclaimed, sc.Aged);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ChargePage()
    {
        if (!Charge.TryConsumeStock())
        {
            ChargeBatch();
        }
    }

    private void ChargeBatch()
    {
        var usage = Charge.Usage;
        if (IsDying)
        {
            Charge.Force();
        }
        else if (Charge.TryCharge(single: false))
        {
            NoteHigh((int)(Charge.Usage - usage));
        }
        else if (Charge.IsAtCeiling)
        {
            // The second page of an access whose first one still had room above: reclaim for that limit follows the access.
            Charge.Force();
        }
        else
        {
            NoteHigh(ReclaimAndCharge());
        }
    }

    private void ChargeNodes(int nodes)
    {
        for (; nodes > 0; nodes--)
        {
            if (!Kernel.TryAllocateNode())
            {
                ChargePage();
                Kernel.AddPage();
                Kernel.TryAllocateNode();
            }
        }
    }

    private MemcgOutOfMemoryException OutOfMemory()
    {
        var what = $"memory.max of {Charge.Max} pages leaves nothing to reclaim: {ProcessAnon + AnonPages} anonymous and {Kernel.Pages} kernel pages stay";
        return new(KillForLimit is null ? what : FormattableString.Invariant($"at {Clock() / 1e9:0.000} s {what}, and there is no process to kill"));
    }

    /// <returns>Pages charged: one, or none if reclaim left one in the stock.</returns>
    private int ReclaimAndCharge()
    {
        for (var retries = ScanControl.MaxReclaimRetries; ;)
        {
            Stat.EventsMax++;
            var freed = TryToFreePages(1);
            if (Charge.TryConsumeStock())
            {
                return 0;
            }

            if (Charge.TryCharge(single: true))
            {
                return 1;
            }

            if (freed == 0 && WaitForWriteback?.Invoke() != true && retries-- == 0)
            {
                Stat.EventsOom++;
                if (KillForLimit?.Invoke() != true)
                {
                    throw OutOfMemory();
                }

                if (IsDying)
                {
                    Charge.Force();
                    return 1;
                }

                retries = ScanControl.MaxReclaimRetries;
            }
        }
    }
}
