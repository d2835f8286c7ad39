using Reclaim.Model.Memcg;
using Reclaim.Model.Pressure;

namespace Reclaim.Model.Steps;

/// <summary>What a sample of a container has, in this order.</summary>
internal static class SampleColumns
{
    /// <summary>Generations, or lists of the classic policy, that are told apart: from the youngest on.</summary>
    private const int Ages = 4;

    private static readonly string[] _names =
    [
        "accesses", "misses", "device_reads", "workingset_refault_file", "workingset_refault_anon", "pgscan", "pgsteal", "pswpin", "pswpout",
        "charged", "file", "anon", "memory_some", "memory_full", "io_some",
        .. Enumerable.Range(0, Ages).Select(age => $"file_age{age}"),
        .. Enumerable.Range(0, Ages).Select(age => $"anon_age{age}"),
    ];

    /// <summary>Names: counters since the beginning under the kernel's names, sizes in pages, pressure in µs, and pages by age, 0 the youngest.</summary>
    public static IReadOnlyList<string> Names => _names;

    /// <inheritdoc cref="Names"/>
    public static int Count => _names.Length;

    /// <summary>Fills a sample.</summary>
    /// <param name="sample">Where it goes.</param>
    /// <param name="jobs">The container's jobs.</param>
    /// <param name="memcg">Its cgroup; null under a reference policy.</param>
    /// <param name="pressure">For how long its tasks got nowhere.</param>
    /// <param name="nowNs">Virtual time.</param>
    public static void Fill(Span<long> sample, Job[] jobs, MemoryCgroup? memcg, PressureGroup pressure, long nowNs)
    {
        sample.Clear();
        foreach (var job in jobs)
        {
            sample[0] += job.Counts.Accesses;
            sample[1] += job.Counts.Misses;
            sample[2] += job.Counts.DeviceReads;
        }

        var stalls = pressure.Copy();
        stalls.Collect(nowNs);
        var (memory, io) = (stalls.Figures(PressureResource.Memory), stalls.Figures(PressureResource.Io));
        (sample[12], sample[13], sample[14]) = (memory.Some.Total, memory.Full.Total, io.Some.Total);
        if (memcg is null)
        {
            return;
        }

        var stat = memcg.Stat;
        (sample[3], sample[4], sample[5], sample[6]) = (stat.WorkingsetRefaultFile, stat.WorkingsetRefaultAnon, stat.Pgscan, stat.Pgsteal);
        (sample[7], sample[8]) = (stat.Pswpin, stat.Pswpout);
        (sample[9], sample[10], sample[11]) = (memcg.Charge.Usage, memcg.FilePages, memcg.AnonPages + memcg.ProcessAnon);
        memcg.Lruvec.AddPagesByAge(sample.Slice(15, Ages), sample.Slice(15 + Ages, Ages));
    }
}
