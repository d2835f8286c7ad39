using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Oom;

/// <summary>
/// A process as the OOM killer sees it: its threads, its memory and its oom_score_adj. One that only reads and writes files has no memory
/// of its own. What processes hold outside any workload belongs to the first that is there; a process without threads stands for it where
/// there is none.
/// </summary>
/// <param name="jobs">Its threads.</param>
internal sealed class Process(Job[] jobs)
{
    public Job[] Jobs => jobs;

    /// <summary>Its memory, if it maps any.</summary>
    public AddressSpace? Mm { get; } = Array.Find(jobs, job => job.Mm is not null)?.Mm;

    /// <summary>oom_score_adj: that of the first thread that gives one.</summary>
    public int ScoreAdj { get; } = Array.Find(jobs, job => job.Plan.OomScoreAdj != 0)?.Plan.OomScoreAdj ?? 0;

    /// <summary>Whether it was chosen.</summary>
    public bool Killed { get; set; }

    /// <summary>Whether it has begun, and has neither exited nor been killed.</summary>
    public bool IsThere => !Killed && (jobs.Length == 0
        || (Array.Exists(jobs, job => job.Begun) && !(Array.TrueForAll(jobs, job => job.Over) && Array.Exists(jobs, job => job.Plan.Exits))));

    /// <summary>Workloads that run in it, by number.</summary>
    public IReadOnlyList<int> Workloads => [.. jobs.Select(job => job.Plan.Workload).Distinct()];

    /// <summary>Pages in its page tables (get_mm_rss), swapped out (MM_SWAPENTS), and of page tables; upper levels are not in the model.</summary>
    public long Pages(MemoryCgroup memcg)
    {
        var pages = 0L;
        foreach (var vma in Mm?.Vmas ?? [])
        {
            for (var table = 0; table < vma.TableCount; table++)
            {
                pages += (vma.Table(table) & TableFlags.Allocated) != 0 ? 1 : 0;
            }

            for (var index = 0; index < vma.Pte.Length; index++)
            {
                var pte = vma.Pte[index];
                pages += (pte & PteFlags.Present) != 0 ? (pte & PteFlags.Zero) != 0 ? 0 : 1
                    : vma.Anonymous && memcg.Swap.HasSlot(vma.FirstFolio + (uint)index) ? 1 : 0;
            }
        }

        return pages;
    }
}
