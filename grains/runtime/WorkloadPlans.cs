using Reclaim.Contracts.Spec;
using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;
using Reclaim.Model.Workloads;
using Reclaim.Model.Workloads.Fio;

namespace Reclaim.Grains;

/// <summary>Turns the workloads of a cgroup into the model's jobs.</summary>
internal static class WorkloadPlans
{
    /// <summary>Feeds of the parts of a mix are numbered <c>workload + 1024 × (part + 1)</c>.</summary>
    private const int FeedsOfMix = 1024;

    /// <summary>The jobs, in the order in which they take turns.</summary>
    /// <exception cref="ArgumentException">A parameter that the model refuses.</exception>
    public static IReadOnlyList<JobPlan> Jobs(RunSpec spec, int host, int cgroup, CgroupLayout layout)
    {
        var hostSpec = spec.Hosts[host];
        var jobs = new List<JobPlan>();
        var advised = ContainerFactory.Choice(spec.Kernel).ResolveRules().AdvisedMapping;
        var workloads = hostSpec.Cgroups[cgroup].Workloads;

        var processes = workloads.Select(workload => workload.Process).OfType<string>().Distinct(StringComparer.Ordinal).ToList();

        // fio numbers its jobs through all of a run, and seeds each by its number.
        var thread = 1 + hostSpec.Cgroups.Take(cgroup).SelectMany(other => other.Workloads).Sum(FioJobs);
        for (var i = 0; i < workloads.Length; i++)
        {
            var turn = workloads[i].Turn ?? hostSpec.Turn;
            if (workloads[i] is FioSpec fio)
            {
                for (var clone = 0; clone < fio.NumJobs; clone++)
                {
                    jobs.Add(Fio(spec, hostSpec, fio, i, clone, thread++, layout, advised) with { Turn = turn });
                }
            }
            else
            {
                jobs.Add(new JobPlan
                {
                    Workload = i,
                    Streams = Streams(hostSpec, workloads[i], i, layout, advised),
                    Turn = turn,
                    StartNs = workloads[i].StartNs,
                    EndNs = workloads[i].StopNs,
                    OomScoreAdj = workloads[i].OomScoreAdj,
                    Exits = workloads[i].Exit ?? workloads[i].StopNs is not null,
                    Process = workloads[i].Process is { } process ? processes.IndexOf(process) : -1,
                });
            }
        }

        return jobs;
    }

    /// <summary>Jobs that a workload has.</summary>
    public static int JobCount(WorkloadSpec workload) => workload is FioSpec fio ? fio.NumJobs : 1;

    /// <summary>Whether any workload of a cgroup must be fed.</summary>
    public static bool ReplaysTraces(CgroupSpec cgroup) => cgroup.Workloads.Any(workload => workload is TraceSpec || workload is MixSpec mix && mix.Parts.Any(part => part.Workload is TraceSpec));

    private static int FioJobs(WorkloadSpec workload) => workload is FioSpec fio ? fio.NumJobs : 0;

    private static StreamPlan[] Streams(HostSpec host, WorkloadSpec workload, int index, CgroupLayout layout, AdvisedMapping advised)
    {
        if (workload is not MixSpec mix)
        {
            return [Stream(host, workload, index, layout, advised)];
        }

        return [.. mix.Parts.Select((part, p) =>
            Stream(host, part.Workload, index + FeedsOfMix * (p + 1), layout, advised) with { Rotation = part.Accesses })];
    }

    private static StreamPlan Stream(HostSpec host, WorkloadSpec workload, int feed, CgroupLayout layout, AdvisedMapping advised)
    {
        var (ahead, advice) = AccessPaths.Readahead(host, workload);
        var path = AccessPaths.Of(workload);
        var anonymous = path == AccessPath.Anonymous;
        var write = AccessPaths.Writes(workload);
        var plan = new StreamPlan
        {
            Source = null!,
            File = anonymous ? layout.Heaps[workload] : layout.Files[FileLayout.NameOf(workload)],
            Path = path,
            Recency = AccessPaths.RecencyOf(workload, advised),
            Executable = workload.Executable,
            Device = anonymous ? layout.Devices.Memory : layout.Devices[workload.Device],
            Writes = write && !anonymous,
            ReadAheadPages = ahead,
            Advice = advice,
        };
        return workload switch
        {
            PatternSpec pattern => plan with { Source = Pattern(pattern, write) },
            TraceSpec trace => plan with { Source = new TraceSource(trace.Accesses, trace.Pages, write), Feed = feed },
            _ => throw new ArgumentException($"a mix takes patterns and traces, not {workload.GetType().Name}"),
        };
    }

    private static AccessSource Pattern(PatternSpec pattern, bool write)
    {
        var anonymous = AccessPaths.Of(pattern) == AccessPath.Anonymous;
        if (Patterns.IsHeap(pattern.Pattern) && !anonymous)
        {
            throw new ArgumentException($"the pattern {pattern.Pattern} goes with anonymous memory only");
        }

        var source = Patterns.Create(pattern.Pattern, pattern.N, pattern.Acc, pattern.Seed, pattern.Theta, pattern.Nf, pattern.W, pattern.P, write,
            pattern.Free, pattern.Stay, startsStoring: anonymous);
        if (!pattern.Prefill && pattern.Wr == 0)
        {
            return source;
        }

        return anonymous
            ? new AnonymousSource(source, pattern.Prefill ? pattern.N : 0, pattern.Wr)
            : throw new ArgumentException("wr and prefill go with anonymous memory only");
    }

    private static JobPlan Fio(RunSpec spec, HostSpec host, FioSpec fio, int workload, int clone, int thread, CgroupLayout layout, AdvisedMapping advised)
    {
        var file = fio.SharedFile ? fio.File ?? fio.Name : FioJob.DefaultFileName(fio.Name, clone, fio.NumJobs);
        var source = new FioSource(new FioJob
        {
            Rw = fio.Rw switch
            {
                FioRw.Read => FioDirection.Read,
                FioRw.Write => FioDirection.Write,
                FioRw.RandRead => FioDirection.RandRead,
                FioRw.RandWrite => FioDirection.RandWrite,
                FioRw.ReadWrite => FioDirection.ReadWrite,
                _ => FioDirection.RandRw,
            },
            RwMixRead = fio.RwMixRead,
            Bs = fio.BsBytes,
            Size = fio.SizeBytes,
            IoSize = fio.IoSizeBytes,
            Loops = fio.Loops,
            TimeBased = fio.TimeBased,
            NoRandomMap = fio.NoRandomMap,
            Distribution = Enum.Parse<FioSpread>(fio.Distribution.Kind, ignoreCase: true),
            Value = fio.Distribution.Value,
            Center = fio.Distribution.Center,
            Zones = [.. fio.Distribution.Zones.Select(zone => new FioZoneShare(zone.AccessPercent, zone.SizePercent))],
            RandSeed = fio.RandSeed ?? (spec.Seed == 1 ? null : spec.Seed),
            RandRepeat = fio.RandRepeat,
            EntropySeed = spec.Seed,
            ThreadNumber = thread,
            FileName = file,
        });
        var (ahead, advice) = AccessPaths.Readahead(host, fio);
        return new JobPlan
        {
            Workload = workload,
            Streams =
            [
                new StreamPlan
                {
                    Source = source,
                    File = layout.Files[FileLayout.NameOf(fio, clone)],
                    Path = AccessPaths.Of(fio),
                    Recency = AccessPaths.RecencyOf(fio, advised),
                    Device = layout.Devices[fio.Device],
                    BlockBytes = fio.BsBytes,
                    Writes = fio.Rw is not (FioRw.Read or FioRw.RandRead),
                    ReadAheadPages = ahead,
                    Advice = advice,
                },
            ],
            Depth = fio.IoDepth,
            BatchSubmit = Math.Max(1, fio.IoDepthBatchSubmit),
            BatchComplete = Math.Max(1, fio.IoDepthBatchComplete),
            ThinkNs = fio.ThinkTimeNs,
            OomScoreAdj = fio.OomScoreAdj,
            Exits = fio.Exit ?? fio.Mmap,
            StartNs = fio.StartNs,
            RampNs = fio.StartNs + fio.RampTimeNs,
            EndNs = fio.RuntimeNs > 0 ? Math.Min(fio.StartNs + fio.RampTimeNs + fio.RuntimeNs, fio.StopNs ?? long.MaxValue) : fio.StopNs,
        };
    }
}
