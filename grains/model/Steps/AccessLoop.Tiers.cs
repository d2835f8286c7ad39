using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Numa;

namespace Reclaim.Model.Steps;

/// <content>What finding hot pages in slower memory costs the tasks that use them: the scan, and the hint faults that come of it.</content>
internal abstract partial class AccessLoop
{
    /// <summary>A task scans its own page tables when its time has come (task_numa_work).</summary>
    private void ScanHints(Job job, HintScanner scanner)
    {
        if (job.NowNs >= scanner.NextNs)
        {
            var ns = scanner.Scan(job.Mm!, Memcg!, job.NowNs) * Costs.PteNs;
            job.NowNs += ns;
            job.Counts.BalancingNs += ns;
        }
    }
}

/// <content>A page whose entry was made inaccessible is used (do_numa_page).</content>
internal sealed partial class AccessLoop<TCache>
{
    private void TakeHint(Job job, Vma vma, int index)
    {
        AccessNs = job.NowNs;
        job.NowNs += Costs.FaultNs;
        job.Counts.Faults++;
        if (Memcg!.HintFault(vma, index, AccessNs))
        {
            job.NowNs += Costs.MigrateNs;
            job.Counts.BalancingNs += Costs.MigrateNs;
            vma.Mm.Scanner!.Promoted(vma.Mm, AccessNs);
            ((NodeLruvecs)Memcg.Lruvec).Collect();
            LockForMoves(job);
        }
    }
}
