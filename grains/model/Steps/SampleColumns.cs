using Reclaim.Model.Memcg;
using Reclaim.Model.Pressure;

namespace Reclaim.Model.Steps;

/// <summary>What a sample of a container has, in this order.</summary>
internal static class SampleColumns
{
    /// <summary>Generations, or lists of the classic policy, that are told apart: from the youngest on.</summary>
    private const int Ages = 4;

    private static readonly (string Name, Func<Sampled, long> Of)[] _columns =
    [
        ("accesses", at => at.Jobs.Sum(job => job.Counts.Accesses)),
        ("misses", at => at.Jobs.Sum(job => job.Counts.Misses)),
        ("device_reads", at => at.Jobs.Sum(job => job.Counts.DeviceReads)),
        ("workingset_refault_file", at => at.Memcg?.Stat.WorkingsetRefaultFile ?? 0),
        ("workingset_refault_anon", at => at.Memcg?.Stat.WorkingsetRefaultAnon ?? 0),
        ("pgscan", at => at.Memcg?.Stat.Pgscan ?? 0),
        ("pgsteal", at => at.Memcg?.Stat.Pgsteal ?? 0),
        ("pswpin", at => at.Memcg?.Stat.Pswpin ?? 0),
        ("pswpout", at => at.Memcg?.Stat.Pswpout ?? 0),
        ("charged", at => at.Memcg?.Charge.Usage ?? 0),
        ("file", at => at.Memcg?.FilePages ?? 0),
        ("anon", at => at.Memcg is { } memcg ? memcg.AnonPages + memcg.ProcessAnon : 0),
        ("memory_some", at => at.Pressure.Figures(PressureResource.Memory).Some.Total),
        ("memory_full", at => at.Pressure.Figures(PressureResource.Memory).Full.Total),
        ("io_some", at => at.Pressure.Figures(PressureResource.Io).Some.Total),
        .. Enumerable.Range(0, Ages).Select(age => ($"file_age{age}", (Func<Sampled, long>)(at => at.FileByAge[age]))),
        .. Enumerable.Range(0, Ages).Select(age => ($"anon_age{age}", (Func<Sampled, long>)(at => at.AnonByAge[age]))),
    ];

    /// <summary>Names: counters since the beginning under the kernel's names, sizes in pages, pressure in µs, and pages by age, 0 the youngest.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _columns.Select(column => column.Name)];

    /// <inheritdoc cref="Names"/>
    public static int Count => _columns.Length;

    /// <summary>Fills a sample.</summary>
    /// <param name="sample">Where it goes.</param>
    /// <param name="jobs">The container's jobs.</param>
    /// <param name="memcg">Its cgroup; null under a reference policy.</param>
    /// <param name="pressure">For how long its tasks got nowhere.</param>
    /// <param name="nowNs">Virtual time.</param>
    public static void Fill(Span<long> sample, Job[] jobs, MemoryCgroup? memcg, PressureGroup pressure, long nowNs)
    {
        // What is read later must not depend on this.
        var stalls = pressure.Copy();
        stalls.Collect(nowNs);
        var at = new Sampled(jobs, memcg, stalls, new long[Ages], new long[Ages]);
        memcg?.Lruvec.AddPagesByAge(at.FileByAge, at.AnonByAge);
        for (var column = 0; column < _columns.Length; column++)
        {
            sample[column] = _columns[column].Of(at);
        }
    }

    private sealed record Sampled(Job[] Jobs, MemoryCgroup? Memcg, PressureGroup Pressure, long[] FileByAge, long[] AnonByAge);
}
