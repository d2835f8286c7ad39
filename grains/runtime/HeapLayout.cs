using Reclaim.Contracts.Spec;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>The regions of private anonymous memory of a cgroup's workloads: one for each workload, or part of a mix, that uses any. Nothing shares them.</summary>
internal sealed class HeapLayout
{
    private readonly Dictionary<WorkloadSpec, int> _index = new(ReferenceEqualityComparer.Instance);
    private readonly List<int> _pages = [];

    /// <summary>Size of each in pages.</summary>
    public IReadOnlyList<int> Pages => _pages;

    public static HeapLayout Of(CgroupSpec cgroup)
    {
        var layout = new HeapLayout();
        foreach (var workload in cgroup.Workloads)
        {
            layout.Add(workload);
        }

        return layout;
    }

    /// <summary>Number of the region of a workload or part of a mix.</summary>
    public int this[WorkloadSpec workload] => _index[workload];

    private void Add(WorkloadSpec workload)
    {
        if (workload is MixSpec mix)
        {
            foreach (var part in mix.Parts)
            {
                Add(part.Workload);
            }
        }
        else if (AccessPaths.Of(workload) == AccessPath.Anonymous)
        {
            _index[workload] = _pages.Count;
            _pages.Add(checked((int)PagesOf(workload)));
        }
    }

    private static long PagesOf(WorkloadSpec workload) => workload switch
    {
        PatternSpec pattern => pattern.N,
        TraceSpec trace => trace.Pages,
        _ => throw new ArgumentException($"{workload.GetType().Name} has no anonymous memory"),
    };
}
