using System.Globalization;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.Fio;

/// <summary>
/// Every option of fio that this program knows, with fio's names, aliases and units: honoured, harmless (a named warning says
/// why), or refused (an error says why). The three forms of a job all go through it, so they mean the same.
/// </summary>
internal static class FioOptionTable
{
    private static readonly List<FioOption> _options = [.. Honoured(), .. Harmless(), .. Refused()];

    private static readonly Dictionary<string, FioOption> _byName = _options
        .SelectMany(option => option.Aliases.Prepend(option.Name).Select(name => (name, option)))
        .ToDictionary(pair => pair.name, pair => pair.option, StringComparer.Ordinal);

    public static IEnumerable<string> Names => _byName.Keys;

    public static FioOption? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The alias under which a mapping gives an option; the option's own name if it does not.</summary>
    public static string WrittenAs(ScenarioMap map, string option) =>
        Find(option)?.Aliases.FirstOrDefault(alias => map.Find(alias) is not null) ?? option;

    /// <summary>Reads the options of a mapping into a job, the unit base first, as fio does.</summary>
    /// <param name="job">The job.</param>
    /// <param name="reader">The mapping.</param>
    /// <param name="ours">Keys of the mapping that are no options of fio.</param>
    public static void Apply(FioJob job, MapReader reader, params IReadOnlyCollection<string> ours)
    {
        foreach (var entry in reader.Map.Entries.Where(entry => !ours.Contains(entry.Key)).OrderBy(entry => entry.Key == "kb_base" ? 0 : 1))
        {
            if (entry.Value is ScenarioScalar scalar)
            {
                Apply(job, entry.Key, scalar.IsNull ? "" : scalar.Text.Trim(), reader);
            }
            else
            {
                reader.Error(entry.Key, $"must be a single value, not {entry.Value.Kind}");
            }
        }
    }

    private static void Apply(FioJob job, string name, string value, MapReader reader)
    {
        if (Find(name) is not { } option)
        {
            reader.Error(name, $"fio has no option '{name}'{Nearest.Suggestion(name, Names)}");
            return;
        }

        if (value.Length == 0)
        {
            if (!option.IsFlag)
            {
                reader.Error(name, "needs a value");
                return;
            }

            value = "1";
        }

        if (option.Apply(job, value) is { } wrong)
        {
            reader.Error(name, wrong);
        }
        else if (option.Warning(value) is { } warning)
        {
            reader.Warn(name, warning);
        }
    }

    private static IEnumerable<FioOption> Honoured() =>
    [
        new() { Name = "name", Apply = (job, value) => Done(job.Name = value) },
        new() { Name = "rw", Aliases = ["readwrite"], Apply = Rw },
        new() { Name = "rwmixread", Apply = (job, value) => Integer(value, 0, 100, v => job.RwMixRead = (int)v) },
        new() { Name = "rwmixwrite", Apply = (job, value) => Integer(value, 0, 100, v => job.RwMixRead = 100 - (int)v) },
        new() { Name = "bs", Aliases = ["blocksize"], Apply = BlockSize },
        new() { Name = "size", Apply = (job, value) => Size(job, value, v => job.Size = v) },
        new() { Name = "filesize", Apply = (job, value) => Size(job, value, v => job.FileSize = v) },
        new() { Name = "io_size", Aliases = ["io_limit"], Apply = (job, value) => Size(job, value, v => job.IoSize = v) },
        new() { Name = "numjobs", Apply = (job, value) => Integer(value, 1, 4096, v => job.NumJobs = (int)v) },
        new() { Name = "iodepth", Apply = (job, value) => Integer(value, 1, 65536, v => job.IoDepth = (int)v) },
        new()
        {
            Name = "iodepth_batch", Aliases = ["iodepth_batch_submit"],
            Apply = (job, value) => Integer(value, 0, 65536, v => job.BatchSubmit = (int)v),
        },
        new()
        {
            Name = "iodepth_batch_complete", Aliases = ["iodepth_batch_complete_min"],
            Apply = (job, value) => Integer(value, 0, 65536, v => job.BatchComplete = (int)v),
        },
        new() { Name = "random_distribution", Apply = (job, value) => FioDistributionText.Read(value, v => job.Distribution = v) },
        new() { Name = "norandommap", IsFlag = true, Apply = (job, value) => Flag(value, v => job.NoRandomMap = v) },
        new() { Name = "time_based", IsFlag = true, Apply = (job, value) => Flag(value, v => job.TimeBased = v) },
        new() { Name = "ramp_time", Apply = (job, value) => Time(value, 1_000_000_000, v => job.RampNs = v) },
        new() { Name = "runtime", Aliases = ["timeout"], Apply = (job, value) => Time(value, 1_000_000_000, v => job.RuntimeNs = v) },
        new() { Name = "loops", Apply = (job, value) => Integer(value, 1, int.MaxValue, v => job.Loops = (int)v) },
        new() { Name = "thinktime", Apply = (job, value) => Time(value, 1_000, v => job.ThinkNs = v) },
        new() { Name = "randseed", Apply = RandSeed },
        new() { Name = "randrepeat", IsFlag = true, Apply = (job, value) => Flag(value, v => job.RandRepeat = v) },
        new() { Name = "group_reporting", IsFlag = true, Apply = (job, value) => Flag(value, v => job.GroupReporting = v) },
        new() { Name = "filename", Apply = FileName },
        new() { Name = "kb_base", Apply = KbBase },
        new() { Name = "buffered", IsFlag = true, Apply = (_, value) => Only(value, "1", "only buffered I/O goes through the page cache") },
        new() { Name = "direct", IsFlag = true, Apply = (_, value) => Only(value, "0", "direct I/O bypasses the page cache, so there is nothing to reclaim") },
        new() { Name = "ioengine", Apply = Engine, Warning = EngineWarning },
        new() { Name = "stonewall", Aliases = ["wait_for_previous"], IsFlag = true, Apply = (_, value) => Only(value, "0", "jobs always start together") },
        new() { Name = "nrfiles", Apply = (_, value) => Only(value, "1", "each job works on one file") },
        new() { Name = "openfiles", Apply = (_, value) => Only(value, "1", "each job works on one file") },
        new() { Name = "offset", Apply = (_, value) => Only(value, "0", "jobs work on the whole file") },
        new() { Name = "startdelay", Apply = (_, value) => Only(value, "0", "jobs always start together") },
        new() { Name = "verify", Apply = (_, value) => Only(value, "0", "data is not modelled, so there is none to verify") },
        new() { Name = "do_verify", IsFlag = true, Apply = (_, value) => Only(value, "0", "data is not modelled, so there is none to verify") },
        new() { Name = "random_generator", Apply = (_, value) => value is "tausworthe" or "tausworthe64" ? null : $"'{value}' is not supported (tausworthe is)" },
        new()
        {
            Name = "invalidate", IsFlag = true, Apply = (_, value) => Flag(value, _ => { }),
            Warning = value => value == "0" ? "has no effect: a run always starts with an empty page cache" : null,
        },
        new() { Name = "fadvise_hint", Apply = Advice },
    ];

    private static IEnumerable<FioOption> Harmless()
    {
        const string reporting = "has no effect: it only changes what fio prints";
        const string layout = "has no effect: files exist when the run starts and their place is not modelled";
        const string processor = "has no effect: jobs run on whichever of the host's CPUs is free";
        const string buffers = "has no effect: the job's own buffers are not modelled";
        (string Names, bool IsFlag, string Why)[] table =
        [
            ("directory", false, "has no effect: files live on the workload's device"),
            ("description,unit_base,log_avg_msec,write_bw_log,write_lat_log,write_iops_log,write_hist_log,percentile_list,significant_figures,output,output-format,eta,eta-newline,eta-interval,status-interval,bwavgtime,iopsavgtime", false, reporting),
            ("minimal,terse-version,disable_lat,disable_clat,disable_slat,disable_bw,disable_bw_measurement,lat_percentiles,clat_percentiles,slat_percentiles,gtod_reduce,per_job_logs,unified_rw_reporting,disk_util,stats", true, reporting),
            ("fallocate,filename_format,file_service_type,opendir,lockfile", false, layout),
            ("create_serialize,create_fsync,create_on_open,create_only,unlink,unlink_each_loop,overwrite,fsync_on_close,fill_device,readonly,allow_file_create", true, layout),
            ("cpus_allowed,cpumask,cpus_allowed_policy,nice,prio,prioclass,numa_cpu_nodes,numa_mem_policy", false, processor),
            ("thread,clat_cpu,gtod_cpu", true, processor),
            ("mem,iomem,iomem_align,mem_align,buffer_pattern,buffer_compress_percentage,buffer_compress_chunk,dedupe_percentage,clocksource", false, buffers),
            ("lockmem,zero_buffers,refill_buffers,scramble_buffers,fixedbufs,registerfiles,sqthread_poll,nonvectored", true, buffers),
            ("allrandrepeat", true, "has no effect: every sequence follows from the seed"),
            ("softrandommap", true, "has no effect: the map of blocks always fits"),
        ];
        return table.SelectMany(row => row.Names.Split(',').Select(name => new FioOption
        {
            Name = name,
            IsFlag = row.IsFlag,
            Apply = (_, _) => null,
            Warning = _ => row.Why,
        }));
    }

    private static IEnumerable<FioOption> Refused()
    {
        (string Names, string Why)[] table =
        [
            ("rate,rate_min,rate_iops,rate_iops_min,rate_process,rate_cycle,rate_ignore_thinktime,latency_target,latency_window,latency_percentile,latency_run,max_latency,flow,flow_id,flow_sleep", "rates are not limited in this version"),
            ("sync,fsync,fdatasync,end_fsync,sync_file_range,write_barrier,atomic", "synchronous writing is not in this version"),
            ("bsrange,bssplit,bs_unaligned,blocksize_unaligned,blockalign,ba,bs_is_seq_rand,blocksize_range", "one block size for all requests in this version"),
            ("percentage_random,percentage_sequential,sequencer,rw_sequencer,rwmixcycle", "each job is wholly sequential or wholly random in this version"),
            ("offset_increment,offset_align,number_ios,io_submit_mode,serialize_overlap,iodepth_low,iodepth_batch_complete_max,hipri,uncached,nowait,rwf", "not in this version"),
            ("thinktime_spin,thinktime_blocks,thinktime_blocks_type,thinktime_iotime", "think time stands after each request in this version"),
            ("verify_pattern,verify_fatal,verify_only,verify_backlog,verify_interval,verify_offset,verify_async,experimental_verify,trim_percentage", "data is not modelled, so there is none to verify"),
            ("read_iolog,write_iolog,replay_no_stall,replay_redirect,merge_blktrace_file", "replay a trace with a 'trace:' workload instead"),
            ("zonemode,zonesize,zonerange,zoneskip,zonecapacity,max_open_zones", "zones are not in this version"),
            ("exec_prerun,exec_postrun,include,section,client,server,profile,cmdprio_percentage,exitall,exitall_on_error,exit_what,new_group,continue_on_error,error_dump,steadystate,steadystate_duration,steadystate_ramp_time,pre_read,hugepage-size,iodepth_batch_complete_min_max,ss,cgroup,cgroup_weight,cgroup_nodelete,uid,gid,wait_for,ioscheduler,cpuload,cpuchunks", "not in this version"),
        ];
        return table.SelectMany(row => row.Names.Split(',').Select(name => new FioOption
        {
            Name = name,
            IsFlag = true,
            Apply = (_, _) => $"cannot be honoured: {row.Why}",
        }));
    }

    private static string? Done(string _) => null;

    private static string? Only(string value, string allowed, string why) =>
        value == allowed || (allowed == "0" && value is "false" or "no") || (allowed == "1" && value is "true" or "yes")
            ? null
            : $"'{value}' cannot be honoured: {why}";

    private static string? Integer(string value, long min, long max, Action<long> take)
    {
        if (!FioUnits.TryInteger(value, out var number))
        {
            return $"'{value}' is not a whole number";
        }

        if (number < min || number > max)
        {
            return $"{value} is outside {min} to {max}";
        }

        take(number);
        return null;
    }

    private static string? Size(FioJob job, string value, Action<long> take)
    {
        if (value.EndsWith('%'))
        {
            return $"'{value}': sizes in per cent are not in this version";
        }

        if (!FioUnits.TrySize(value, job.KbBase, out var bytes))
        {
            return $"'{value}' is not a size (1024m, 4k, or plain bytes)";
        }

        if (bytes <= 0)
        {
            return bytes == 0 ? "must not be zero" : $"{value} is negative";
        }

        if (bytes > 16L << 40)
        {
            return $"{value} is too large (at most 16T)";
        }

        take(bytes);
        return null;
    }

    private static string? Time(string value, long unit, Action<long> take)
    {
        if (!FioUnits.TryTime(value, unit, out var ns))
        {
            return $"'{value}' is not a time (5m, 300s, 250ms)";
        }

        if (ns < 0)
        {
            return $"{value} is negative";
        }

        take(ns);
        return null;
    }

    private static string? Flag(string value, Action<bool> take)
    {
        switch (value.ToLowerInvariant())
        {
            case "1" or "true" or "yes":
                take(true);
                return null;
            case "0" or "false" or "no":
                take(false);
                return null;
            default:
                return $"'{value}' is not 0 or 1";
        }
    }

    private static string? Rw(FioJob job, string value)
    {
        (string Name, FioRw Rw)[] names =
        [
            ("read", FioRw.Read), ("write", FioRw.Write), ("randread", FioRw.RandRead), ("randwrite", FioRw.RandWrite),
            ("rw", FioRw.ReadWrite), ("readwrite", FioRw.ReadWrite), ("randrw", FioRw.RandRw),
        ];
        if (value.Contains("trim", StringComparison.Ordinal))
        {
            return $"'{value}' cannot be honoured: trims are not in this version";
        }

        if (value.Contains(':'))
        {
            return $"'{value}' cannot be honoured: runs of requests after a colon are not in this version";
        }

        var found = Array.Find(names, name => name.Name == value);
        if (found.Name is null)
        {
            return $"'{value}' is no rw{Nearest.Suggestion(value, names.Select(name => name.Name))}";
        }

        job.Rw = found.Rw;
        return null;
    }

    private static string? BlockSize(FioJob job, string value)
    {
        var parts = value.Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || parts.Distinct().Count() > 1)
        {
            return $"'{value}' cannot be honoured: one block size for all requests in this version";
        }

        return Size(job, parts[0], v => job.Bs = v);
    }

    private static string? RandSeed(FioJob job, string value)
    {
        if (!ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed))
        {
            return $"'{value}' is not a seed (a whole number from 0 to 2^64 - 1)";
        }

        job.RandSeed = seed;
        return null;
    }

    private static string? FileName(FioJob job, string value)
    {
        if (value.Contains(':'))
        {
            return $"'{value}' cannot be honoured: one file in this version, not a list";
        }

        job.FileName = value;
        return null;
    }

    private static string? KbBase(FioJob job, string value)
    {
        if (value is not ("1000" or "1024"))
        {
            return $"'{value}' is not 1000 or 1024";
        }

        job.KbBase = int.Parse(value, CultureInfo.InvariantCulture);
        return null;
    }

    private static string? Engine(FioJob job, string value)
    {
        switch (value)
        {
            case "io_uring" or "libaio" or "posixaio":
                (job.Synchronous, job.Mapped) = (false, false);
                return null;
            case "sync" or "psync" or "vsync" or "pvsync" or "pvsync2":
                (job.Synchronous, job.Mapped) = (true, false);
                return null;
            case "mmap":
                (job.Synchronous, job.Mapped) = (true, true);
                return null;
            default:
                return $"'{value}' cannot be honoured; engines: io_uring, libaio, posixaio, sync, psync, vsync, pvsync, pvsync2, mmap";
        }
    }

    private static string? EngineWarning(string value) => value switch
    {
        "io_uring" or "libaio" or "posixaio" => $"{value}: iodepth requests are outstanding, the engine's own cost is not modelled",
        "mmap" => "mmap: each job is a process; to copy a page costs what a load costs, and iodepth counts as 1",
        _ => $"{value} waits for each request: iodepth counts as 1; the engine's own cost is not modelled",
    };

    private static string? Advice(FioJob job, string value)
    {
        AccessAdvice? advice = value switch
        {
            "0" or "none" => AccessAdvice.Normal,
            "1" or "type" => AccessAdvice.Unspecified,
            "random" => AccessAdvice.Random,
            "sequential" => AccessAdvice.Sequential,
            _ => null,
        };
        job.Advice = advice ?? job.Advice;
        return advice is null ? $"'{value}' is none of 0 or none, 1 or type, random, sequential" : null;
    }
}
