using Reclaim.Contracts.Spec;

namespace Reclaim.Client.Fio;

/// <summary>Makes a workload of a job whose options have been read.</summary>
internal static class FioBuild
{
    private const int PageSize = 4096;

    /// <param name="job">The job.</param>
    /// <param name="name">Its name in the results.</param>
    /// <param name="device">The device its files live on unless <c>filename</c> names another.</param>
    /// <param name="devices">Names of the host's devices.</param>
    /// <param name="error">Reports a problem of an option, by its name.</param>
    public static FioSpec ToSpec(FioJob job, string name, string device, IReadOnlyCollection<string> devices, Action<string, string> error)
    {
        if (job.Size is null && job.FileSize is null)
        {
            error("size", "missing: the bytes that each job works on, for example size=1024m");
        }

        var size = job.Size ?? job.FileSize ?? PageSize;
        if (job.Bs % PageSize != 0)
        {
            error("bs", $"{job.Bs} is not a multiple of the page size, {PageSize}: not in this version");
        }
        else if (job.Mapped && job.Bs != PageSize)
        {
            error("bs", $"with ioengine=mmap only {PageSize} in this version");
        }
        else if (job.Bs > int.MaxValue)
        {
            error("bs", "is too large (at most 1G)");
        }
        else if (size < job.Bs)
        {
            error("size", $"{Units.Size(size)} is smaller than one block of {Units.Size(job.Bs)}");
        }

        if (job.FileSize is { } fileSize && fileSize < size)
        {
            error("filesize", $"{Units.Size(fileSize)} is smaller than size, {Units.Size(size)}");
        }

        if (job.TimeBased && job.RuntimeNs == 0)
        {
            error("time_based", "needs a runtime");
        }

        // A file system is named by its device (ram0, /dev/ram0); anything else is one file that all jobs share.
        var onDevice = job.FileName is null ? null : devices.FirstOrDefault(d => d == job.FileName || $"/dev/{d}" == job.FileName);
        var shared = job.FileName is not null && onDevice is null;
        return new FioSpec
        {
            Name = name,
            Device = onDevice ?? device,
            File = shared ? job.FileName : null,
            SharedFile = shared,
            Rw = job.Rw,
            RwMixRead = job.RwMixRead ?? 50,
            BsBytes = (int)Math.Min(job.Bs, int.MaxValue),
            SizeBytes = size,
            FileSizeBytes = job.FileSize ?? 0,
            NumJobs = job.NumJobs,
            IoDepth = job.Synchronous ? 1 : job.IoDepth,
            IoDepthBatchSubmit = job.Synchronous ? 0 : job.BatchSubmit,
            IoDepthBatchComplete = job.Synchronous ? 0 : job.BatchComplete,
            Distribution = job.Distribution,
            NoRandomMap = job.NoRandomMap,
            TimeBased = job.TimeBased,
            RampTimeNs = job.RampNs,
            RuntimeNs = job.RuntimeNs,
            Loops = job.Loops,
            IoSizeBytes = job.IoSize ?? 0,
            ThinkTimeNs = job.ThinkNs,
            RandSeed = job.RandSeed,
            RandRepeat = job.RandRepeat,
            GroupReporting = job.GroupReporting,
            Mmap = job.Mapped,
            Advice = job.Advice,
        };
    }
}
