namespace Reclaim.Model.Workloads.Fio;

/// <summary>What decides where one fio job goes, each option under fio's own name and meaning.</summary>
public sealed record FioJob
{
    /// <summary>fio's own <c>randseed</c> where none is given.</summary>
    public const ulong DefaultRandSeed = 0x89;

    public FioDirection Rw { get; init; }

    /// <summary>Percentage of reads in <see cref="FioDirection.ReadWrite"/> and <see cref="FioDirection.RandRw"/>.</summary>
    public int RwMixRead { get; init; } = 50;

    /// <summary>Bytes of one request.</summary>
    public long Bs { get; init; } = 4096;

    /// <summary>Bytes of file that the job works on; what is left of it over whole requests is not touched.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes to transfer; 0: as <see cref="Size"/>.</summary>
    public long IoSize { get; init; }

    public int Loops { get; init; } = 1;

    /// <summary>The job has no end of its own: it goes on from the start of the file, or over it in a new random order.</summary>
    public bool TimeBased { get; init; }

    /// <summary>Random offsets may repeat; otherwise each block comes once a pass. The distributions other than random imply it, as in fio.</summary>
    public bool NoRandomMap { get; init; }

    public FioSpread Distribution { get; init; }

    /// <summary>zipf: theta; pareto: h; normal: deviation in per cent.</summary>
    public double Value { get; init; }

    /// <summary>zipf, pareto, normal: shift of the offsets as a fraction of the file; −1: fio's default.</summary>
    public double Center { get; init; } = -1;

    /// <summary>zoned: shares of the accesses and of the file, from its start.</summary>
    public IReadOnlyList<FioZoneShare> Zones { get; init; } = [];

    /// <summary>Seed given for the job, or null: fio's own.</summary>
    public ulong? RandSeed { get; init; }

    /// <summary>Whether a loop over the file repeats the one before; fio turns it off where <see cref="RandSeed"/> is given.</summary>
    public bool RandRepeat { get; init; } = true;

    /// <summary>Stands in for the system's entropy, which fio takes its seeds from where neither of the two above says otherwise.</summary>
    public ulong EntropySeed { get; init; }

    /// <summary>Number of the job among all jobs of the run, from 1 (clones of <c>numjobs</c> count one each).</summary>
    public int ThreadNumber { get; init; } = 1;

    /// <summary>The file's name as fio has it (by default <c>NAME.JOB.FILE</c>, as in <c>job.0.0</c>): it seeds zipf, pareto and normal.</summary>
    public string FileName { get; init; } = "job.0.0";

    /// <summary>Name of the file that fio gives to a job by default. It numbers the clones of <c>numjobs</c> from the last to the first.</summary>
    /// <param name="job">Name of the job.</param>
    /// <param name="clone">Which of its clones, from 0 in the order of their thread numbers.</param>
    /// <param name="numJobs">How many clones there are.</param>
    public static string DefaultFileName(string job, int clone, int numJobs) => $"{job}.{(clone == 0 ? 0 : numJobs - clone)}.0";
}

/// <summary>fio's <c>rw</c>.</summary>
public enum FioDirection
{
    Read,
    Write,
    RandRead,
    RandWrite,
    ReadWrite,
    RandRw,
}

/// <summary>fio's <c>random_distribution</c>.</summary>
public enum FioSpread
{
    Random,
    Zipf,
    Pareto,
    Normal,
    Zoned,
}

/// <summary>A zone of fio's <c>zoned</c> distribution, in per cent of the accesses and of the file.</summary>
public readonly record struct FioZoneShare(int AccessPercent, int SizePercent);
