using Reclaim.Contracts.Spec;

namespace Reclaim.Client.Fio;

/// <summary>The options of an fio job while they are read; whatever is null was not given.</summary>
internal sealed class FioJob
{
    public string? Name { get; set; }

    public FioRw Rw { get; set; } = FioRw.Read;

    public int? RwMixRead { get; set; }

    public long Bs { get; set; } = 4096;

    public long? Size { get; set; }

    public long? FileSize { get; set; }

    public int NumJobs { get; set; } = 1;

    public int IoDepth { get; set; } = 1;

    public int BatchSubmit { get; set; }

    public int BatchComplete { get; set; }

    public FioDistribution Distribution { get; set; } = FioDistribution.Random;

    public bool NoRandomMap { get; set; }

    public bool TimeBased { get; set; }

    public long RampNs { get; set; }

    public long RuntimeNs { get; set; }

    public int Loops { get; set; } = 1;

    public long? IoSize { get; set; }

    public long ThinkNs { get; set; }

    public ulong? RandSeed { get; set; }

    public bool RandRepeat { get; set; } = true;

    public bool GroupReporting { get; set; }

    public string? FileName { get; set; }

    /// <summary>Whether the engine given waits for each request, which makes the depth 1.</summary>
    public bool Synchronous { get; set; }

    /// <summary>Whether it maps the file.</summary>
    public bool Mapped { get; set; }

    /// <summary>fadvise_hint; unspecified: by the type of the job.</summary>
    public AccessAdvice Advice { get; set; }

    public int KbBase { get; set; } = 1024;
}
