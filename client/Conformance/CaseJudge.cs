using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Conformance;

/// <summary>Puts the results of a replayed case beside the kernel's.</summary>
internal static class CaseJudge
{
    /// <summary>Figure: pages read from devices for all streams.</summary>
    public const string AllReads = "deviceReads";

    /// <summary>Begin of the figures' names of one stream.</summary>
    public const string Stream = "stream";

    private static readonly string[] _counters =
        ["workingset_refault_file", "workingset_activate_file", "workingset_restore_file", "pgscan", "pgsteal"];

    /// <summary>What is worth a line only where there is swap.</summary>
    private static readonly string[] _swapCounters = ["workingset_refault_anon"];

    /// <summary>The per-stream reads of this kernel's measurements lack swap-ins.</summary>
    private const string WithoutSwapIns = "v6.1.192";

    public static ConformanceCase Skipped(GroundTruthCase truth, string reason) => Head(truth) with { Supported = false, Reason = reason };

    /// <param name="truth">What the kernel did.</param>
    /// <param name="places">Where the streams stand in the results.</param>
    /// <param name="runs">What the simulator did, one run for each seed.</param>
    public static ConformanceCase Judge(GroundTruthCase truth, ImmutableArray<CaseScenario.Place> places, params IReadOnlyList<RunResults> runs)
    {
        IReadOnlyList<HostResult> hosts = [.. runs.Select(run => run.Hosts[0])];
        var figures = ImmutableArray.CreateBuilder<ConformanceFigure>();
        figures.Add(Figure(AllReads, truth, run => run.Measured.DeviceReads, hosts, host => places.Sum(place => Workload(host, place).DeviceReads)));
        var swap = truth.First.Host.Swap != GroundTruthHost.NoSwap;
        if (swap)
        {
            AddSwap(figures, truth, hosts);
        }

        string[] counters = swap ? [.. _counters, .. _swapCounters] : _counters;
        foreach (var group in truth.First.Cgroups.Keys.Order(StringComparer.Ordinal))
        {
            var path = CaseScenario.CgroupPath(truth.First, group);
            foreach (var counter in counters)
            {
                if (hosts.All(host => Stat(host, path, counter) is not null) && truth.Runs.All(run => Stat(run, group, counter) is not null))
                {
                    figures.Add(Figure($"{group}.{counter}", truth, run => Stat(run, group, counter)!.Value, hosts, host => Stat(host, path, counter)!.Value));
                }
            }
        }

        var perStream = !swap || truth.First.Kernel.Variant != WithoutSwapIns;
        for (var i = 0; perStream && i < places.Length; i++)
        {
            var stream = i;
            if (truth.Runs.All(run => run.Measured.PerStream.Count > stream))
            {
                figures.Add(Figure(
                    $"{Stream}[{i}].{AllReads}", truth, run => run.Measured.PerStream[stream].DeviceReads,
                    hosts, host => Workload(host, places[stream]).DeviceReads));
            }
        }

        return Head(truth) with
        {
            Supported = true,
            Figures = figures.ToImmutable(),
            Lottery = truth.First.IsGlobal
                ? LotteryVerdict.Of(figures, [.. truth.Runs.Select(run => (double)run.Measured.DeviceReads)], [.. hosts.Select(host => (double)places.Sum(place => Workload(host, place).DeviceReads))])
                : null,
            ResidentAgreement = hosts.Average(host => Agreement(truth.First, places, host)),
            Digest = Digest(runs),
        };
    }

    private static void AddSwap(ImmutableArray<ConformanceFigure>.Builder figures, GroundTruthCase truth, IReadOnlyList<HostResult> hosts)
    {
        if (hosts.All(host => host.Vmstat.ContainsKey("pswpin")))
        {
            figures.Add(Figure("pswpin", truth, run => run.Measured.Pswpin, hosts, host => host.Vmstat["pswpin"]));
        }

        if (hosts.All(host => host.Vmstat.ContainsKey("pswpout")))
        {
            figures.Add(Figure("pswpout", truth, run => run.Measured.Pswpout, hosts, host => host.Vmstat["pswpout"]));
        }
    }

    private static ConformanceCase Head(GroundTruthCase truth) => new()
    {
        File = truth.File,
        Name = truth.First.Name,
        Variant = truth.First.Kernel.Variant,
        Policy = truth.First.Kernel.Policy,
        LruRefsWidth = truth.First.Kernel.LruRefsWidth,
    };

    private static ConformanceFigure Figure(
        string name, GroundTruthCase truth, Func<GroundTruthFile, long> measured, IReadOnlyList<HostResult> hosts, Func<HostResult, long> simulated)
    {
        var kernel = Spread.Of([.. truth.Runs.Select(run => (double)measured(run))]);
        var simulator = Spread.Of([.. hosts.Select(host => (double)simulated(host))]);
        return new ConformanceFigure
        {
            Name = name,
            Measured = kernel.Mean,
            MeasuredRange = Range(kernel),
            MeasuredRuns = kernel.Runs > 1 ? kernel.Runs : null,
            Simulated = simulator.Mean,
            SimulatedRange = Range(simulator),
            SimulatedRuns = simulator.Runs > 1 ? simulator.Runs : null,
            ErrorPercent = Math.Round((simulator.Mean - kernel.Mean) / Math.Max(kernel.Mean, 1) * 100, 4),
        };
    }

    private static ImmutableArray<double> Range(Spread spread) => spread.Runs > 1 ? [spread.Min, spread.Max] : default;

    private static string Digest(IReadOnlyList<RunResults> runs) => runs.Count == 1
        ? runs[0].Digest
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(runs.Select(run => run.Digest + "\n")))));

    private static long? Stat(GroundTruthFile run, string group, string counter) =>
        run.Measured.Cgroups.TryGetValue(group, out var cgroup) && cgroup.StatDelta.TryGetValue(counter, out var value) ? value : null;

    private static long? Stat(HostResult host, string path, string counter) => host.Cgroups.GetValueOrDefault(path)?.StatOrNull(counter);

    private static WorkloadResult Workload(HostResult host, CaseScenario.Place place) => host.Cgroups[place.Cgroup].Workloads[place.Workload];

    private static double? Agreement(GroundTruthFile truth, ImmutableArray<CaseScenario.Place> places, HostResult host)
    {
        long both = 0;
        long either = 0;
        var seen = new HashSet<string>();
        for (var i = 0; i < places.Length; i++)
        {
            if (truth.ResidentBitmap.GetValueOrDefault(i.ToString(CultureInfo.InvariantCulture)) is not { } measured || !seen.Add(places[i].File))
            {
                continue;
            }

            var simulated = Resident(host, places, places[i].File);
            if (simulated is null)
            {
                return null;
            }

            Overlap(Convert.FromHexString(measured.Bitmap), simulated, ref both, ref either);
        }

        return either == 0 ? null : (double)both / either;
    }

    /// <summary>A file's resident pages over all cgroups that read it.</summary>
    private static byte[]? Resident(HostResult host, ImmutableArray<CaseScenario.Place> places, string file)
    {
        byte[]? all = null;
        foreach (var path in places.Where(place => place.File == file).Select(place => place.Cgroup).Distinct())
        {
            var residency = host.Cgroups[path].Residency;
            foreach (var resident in residency.IsDefault ? [] : residency.Where(resident => resident.File == file))
            {
                all ??= new byte[resident.Bitmap.Length];
                for (var i = 0; i < Math.Min(all.Length, resident.Bitmap.Length); i++)
                {
                    all[i] |= resident.Bitmap[i];
                }
            }
        }

        return all;
    }

    private static void Overlap(byte[] measured, byte[] simulated, ref long both, ref long either)
    {
        for (var i = 0; i < Math.Max(measured.Length, simulated.Length); i++)
        {
            var m = i < measured.Length ? measured[i] : (byte)0;
            var s = i < simulated.Length ? simulated[i] : (byte)0;
            both += byte.PopCount((byte)(m & s));
            either += byte.PopCount((byte)(m | s));
        }
    }
}
