namespace Reclaim.Model.Workloads.Fio;

/// <summary>What a job's options must satisfy; messages name the option as fio does.</summary>
internal static class FioJobRules
{
    private const long MaxBlocks = 1L << 31;

    /// <exception cref="ArgumentException">A rule is broken; the parameter's name is the option's.</exception>
    public static void Check(FioJob job)
    {
        Require(Enum.IsDefined(job.Rw), "rw", $"rw must be one of read, write, randread, randwrite, rw, randrw, not {job.Rw}");
        Require(job.RwMixRead is >= 0 and <= 100, "rwmixread", $"rwmixread must be 0 to 100 per cent, not {job.RwMixRead}");
        Require(job.Bs >= 1, "bs", $"bs must be at least 1 byte, not {job.Bs}");
        Require(job.Size >= job.Bs, "size", $"size must be at least bs = {job.Bs} bytes, not {job.Size}");
        Require(job.Size / job.Bs <= MaxBlocks, "size", $"size must be at most {MaxBlocks} requests of bs = {job.Bs} bytes, not {job.Size / job.Bs}");
        Require(job.IoSize >= 0, "io_size", $"io_size must not be negative, but is {job.IoSize}");
        Require(job.Loops >= 1, "loops", $"loops must be at least 1, not {job.Loops}");
        Require(job.ThreadNumber >= 1, "thread_number", $"jobs are numbered from 1, not {job.ThreadNumber}");
        CheckDistribution(job);
    }

    private static void CheckDistribution(FioJob job)
    {
        const string option = "random_distribution";
        var value = job.Value;
        switch (job.Distribution)
        {
            case FioSpread.Random:
                return;
            case FioSpread.Zipf:
                Require(value is > 0 and <= 64 && value != 1, option, $"zipf's theta must be above 0, at most 64 and not 1, but is {value}");
                break;
            case FioSpread.Pareto:
                Require(value is > 0 and < 1, option, $"pareto's h must lie between 0 and 1, but is {value}");
                break;
            case FioSpread.Normal:
                Require(value is >= 0 and < 100, option, $"normal's deviation must be at least 0 and below 100 per cent, but is {value}");
                break;
            case FioSpread.Zoned:
                CheckZones(job.Zones, job.Size / job.Bs);
                return;
            default:
                Require(false, option, $"random_distribution {job.Distribution} is not known");
                return;
        }

        Require(job.Center is -1 or (>= 0 and <= 1), option, $"the centre of {job.Distribution} must be 0 to 1, not {job.Center}");
    }

    private static void CheckZones(IReadOnlyList<FioZoneShare> zones, long blockCount)
    {
        const string option = "random_distribution";
        Require(zones.Count > 0, option, "zoned needs at least one zone");
        long accesses = 0;
        long size = 0;
        foreach (var zone in zones)
        {
            Require(zone.AccessPercent is >= 0 and <= 100 && zone.SizePercent is >= 0 and <= 100, option,
                $"shares of a zone must be 0 to 100 per cent, not {zone.AccessPercent}/{zone.SizePercent}");
            Require(zone.AccessPercent == 0 || blockCount * zone.SizePercent >= 100, option,
                $"zone {zone.AccessPercent}/{zone.SizePercent} has accesses but not a block of the file");
            accesses += zone.AccessPercent;
            size += zone.SizePercent;
        }

        Require(accesses == 100, option, $"the accesses of all zones must be 100 per cent together, not {accesses}");
        Require(size <= 100, option, $"the sizes of all zones must be at most 100 per cent together, not {size}");
    }

    private static void Require(bool holds, string option, string message)
    {
        if (!holds)
            throw new ArgumentException(message, option);
    }
}
