using Reclaim.Model.Folios;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;

namespace Reclaim.Model.Numa;

/// <summary>
/// Makes the page table entries of a process inaccessible, some at a time and round and round, that map pages of slower memory: the next
/// access to each is a hint fault, which says how soon it came.
///
/// It looks at 256 MiB at a time, once a second; of a larger process more often, ten times a second at most. Mapped files that nobody writes
/// through the mapping, and dirty pages of files, are passed over. Each round in which a page was promoted doubles the period, up to a minute (as
/// often as that of a larger process): of faults on slower memory none counts as local.
///
/// Source: task_numa_work, task_scan_min, task_scan_start, task_scan_max, update_task_scan_period in kernel/sched/fair.c; change_pte_range in
/// mm/mprotect.c, v6.12.
/// Simplified: the period is the process's, where each thread has one; it goes by virtual time and not by the CPU time of a thread as well; every
/// mapping is gone through in each round, whoever has used it (from v6.4 on vma_is_accessed passes over those that the scanning task has not).
/// </summary>
/// <param name="startNs">When the process begins.</param>
internal sealed class HintScanner(long startNs)
{
    /// <summary>numa_balancing/scan_period_max_ms.</summary>
    public const long PeriodMaxMs = 60_000;

    /// <summary>numa_balancing/scan_delay_ms and scan_period_min_ms.</summary>
    private const long DelayMs = 1000;

    /// <summary>numa_balancing/scan_size_mb, in pages.</summary>
    private const int ScanPages = 256 << 8;

    /// <summary>MAX_SCAN_WINDOW allows so many scans a second.</summary>
    private const long PeriodAtLeastMs = 100;

    private const long NsPerMs = 1_000_000;

    private uint _offset;
    private long _periodMs;
    private long _periodMaxMs;

    /// <summary>Whether a round has ended since the period was last changed.</summary>
    private bool _wrapped;

    /// <summary>When it goes on.</summary>
    public long NextNs { get; private set; } = startNs + DelayMs * NsPerMs;

    /// <summary>Goes on from where it was.</summary>
    /// <param name="mm">The process.</param>
    /// <param name="memcg">Its cgroup.</param>
    /// <param name="nowNs">Virtual time.</param>
    /// <returns>Entries looked at.</returns>
    public int Scan(AddressSpace mm, MemoryCgroup memcg, long nowNs)
    {
        if (_periodMs == 0)
        {
            (_periodMs, _periodMaxMs) = Periods(mm);
        }

        NextNs = nowNs + _periodMs * NsPerMs;
        var (pages, entries) = (ScanPages, ScanPages * 8);
        var looked = 0;
        if (mm.Vmas.Count == 0 || mm.Vmas[^1].End <= _offset)
        {
            Wrap();
        }

        foreach (var vma in mm.Vmas)
        {
            if (vma.End <= _offset || !(vma.Anonymous || vma.IsWritten))
            {
                continue;
            }

            for (var start = Math.Max(_offset, vma.Start); start < vma.End; start = _offset)
            {
                _offset = Math.Min((start + (uint)pages + AddressSpace.TablePages - 1) / AddressSpace.TablePages * AddressSpace.TablePages, vma.End);
                var range = (int)(_offset - start);
                pages -= Mark(vma, (int)(start - vma.Start), (int)(_offset - vma.Start), memcg, nowNs) != 0 ? range : 0;
                entries -= range;
                looked += range;
                if (pages <= 0 || entries <= 0)
                {
                    return looked;
                }
            }
        }

        Wrap();
        return looked;
    }

    /// <summary>A page of the process was promoted.</summary>
    public void Promoted(AddressSpace mm, long nowNs)
    {
        if (_wrapped)
        {
            _wrapped = false;
            (_, _periodMaxMs) = Periods(mm);
            _periodMs = Math.Min(_periodMaxMs, _periodMs * 2);
            NextNs = nowNs + _periodMs * NsPerMs;
        }
    }

    private void Wrap() => (_offset, _wrapped) = (0, true);

    private static int Mark(Vma vma, int first, int end, MemoryCgroup memcg, long nowNs)
    {
        var promotion = memcg.Nodes!.Promotion!;
        var writeback = memcg.Folios.Writeback;
        var marked = 0;
        for (var index = first; index < end; index++)
        {
            ref var pte = ref vma.Pte[index];
            var page = vma.FirstFolio + (uint)index;
            if ((pte & (PteFlags.Present | PteFlags.Zero | PteFlags.Hint)) != PteFlags.Present || !promotion.IsBelow(page)
                || (!vma.Anonymous && writeback.Length != 0 && (writeback[page] & WritebackFlags.Dirty) != 0))
            {
                continue;
            }

            pte |= PteFlags.Hint;
            vma.Mm.FlushPage(vma.Start + (uint)index);
            promotion.Mark(page, nowNs);
            marked++;
        }

        memcg.Stat.NumaPteUpdates += marked;
        return marked;
    }

    /// <summary>The shortest period, with which it begins, and the longest: shorter, the more of the process is in memory.</summary>
    private static (long Min, long Max) Periods(AddressSpace mm)
    {
        var resident = mm.Vmas.Sum(vma => (long)vma.Pte.Count(pte => (pte & (PteFlags.Present | PteFlags.Zero)) == PteFlags.Present));
        var windows = Math.Max(1, (resident + ScanPages - 1) / ScanPages);
        var min = Math.Max(PeriodAtLeastMs, DelayMs / windows);
        return (min, Math.Max(min, PeriodMaxMs / windows));
    }
}
