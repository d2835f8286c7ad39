using Reclaim.Contracts.Spec;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>
/// The regions of private anonymous memory of a cgroup's workloads: one for each workload, or part of a mix, that uses any, but threads
/// of a process that name the same heap share it.
/// </summary>
internal sealed class HeapLayout
{
    private readonly Dictionary<WorkloadSpec, int> _index = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(string Process, string Heap), int> _shared = [];
    private readonly List<int> _pages = [];

    /// <summary>Size of each in pages: that of the largest user.</summary>
    public IReadOnlyList<int> Pages => _pages;

    public static HeapLayout Of(CgroupSpec cgroup)
    {
        var layout = new HeapLayout();
        foreach (var workload in cgroup.Workloads)
        {
            layout.Add(workload, workload.Process);
        }

        return layout;
    }

    /// <summary>Number of the region of a workload or part of a mix.</summary>
    public int this[WorkloadSpec workload] => _index[workload];

    private void Add(WorkloadSpec workload, string? process)
    {
        if (workload is MixSpec mix)
        {
            foreach (var part in mix.Parts)
            {
                Add(part.Workload, process);
            }
        }
        else if (AccessPaths.Of(workload) == AccessPath.Anonymous)
        {
            var pages = checked((int)PagesOf(workload));
            if (process is null || workload.Heap is not { } heap)
            {
                _index[workload] = Region(pages);
                return;
            }

            if (!_shared.TryGetValue((process, heap), out var at))
            {
                _shared[(process, heap)] = at = Region(0);
            }

            _index[workload] = at;
            _pages[at] = Math.Max(_pages[at], pages);
        }
    }

    private int Region(int pages)
    {
        _pages.Add(pages);
        return _pages.Count - 1;
    }

    private static long PagesOf(WorkloadSpec workload) => workload switch
    {
        PatternSpec pattern => pattern.N,
        TraceSpec trace => trace.Pages,
        _ => throw new ArgumentException($"{workload.GetType().Name} has no anonymous memory"),
    };
}
