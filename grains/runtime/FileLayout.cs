using Reclaim.Contracts.Spec;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>The files that a cgroup's workloads use, in the order in which they are first named. Workloads that name the same file share it; one that names none has its own.</summary>
internal sealed class FileLayout(HostSpec host)
{
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly List<int> _pages = [];

    public IReadOnlyList<string> Names => _names;

    /// <summary>Size of each in pages: that of the largest user, or, of a file of the host, its own.</summary>
    public IReadOnlyList<int> Pages => _pages;

    public static FileLayout Of(HostSpec host, CgroupSpec cgroup)
    {
        var layout = new FileLayout(host);
        foreach (var workload in cgroup.Workloads)
        {
            layout.Add(workload);
        }

        return layout;
    }

    /// <summary>Number of a file.</summary>
    public int this[string name] => _index[name];

    /// <summary>Name of the file that a workload, or one of fio's clones, uses.</summary>
    public static string NameOf(WorkloadSpec workload, int clone = 0) => workload.File
        ?? (workload is FioSpec { SharedFile: false, NumJobs: > 1 } ? $"{workload.Name}.{clone}" : workload.Name);

    private void Add(WorkloadSpec workload)
    {
        switch (workload)
        {
            case MixSpec mix:
                foreach (var part in mix.Parts)
                {
                    Add(part.Workload);
                }

                break;

            case FioSpec fio:
                for (var clone = 0; clone < fio.NumJobs; clone++)
                {
                    Add(NameOf(fio, clone), PagesOf(Math.Max(fio.FileSizeBytes, fio.SizeBytes)));
                }

                break;

            case PatternSpec or TraceSpec when AccessPaths.Of(workload) == AccessPath.Anonymous:
                break;

            case PatternSpec pattern:
                Add(NameOf(pattern), pattern.N);
                break;

            case TraceSpec trace:
                Add(NameOf(trace), trace.Pages);
                break;
        }
    }

    /// <summary>Pages that so many bytes take.</summary>
    public static long PagesOf(long bytes) => (bytes + 4095) / 4096;

    private void Add(string name, long pages)
    {
        if (!_index.TryGetValue(name, out var at))
        {
            at = _names.Count;
            _index.Add(name, at);
            _names.Add(name);
            _pages.Add(0);
        }

        _pages[at] = Math.Max(_pages[at], checked((int)(host.Files.FirstOrDefault(file => file.Name == name) is { } shared ? PagesOf(shared.SizeBytes) : pages)));
    }
}
