namespace Reclaim.Chaos.Tests;

/// <summary>What can happen to a run.</summary>
internal enum Fault
{
    /// <summary>One silo gets SIGKILL; nobody brings it back.</summary>
    KillSilo,

    /// <summary>One silo gets SIGKILL, and another is started in its place.</summary>
    ReplaceSilo,

    /// <summary>One silo gets SIGTERM: it gives up what it has in good order.</summary>
    DrainSilo,

    /// <summary>Two silos get SIGKILL, one right after the other.</summary>
    KillTwoSilos,

    /// <summary>All silos get SIGKILL, and new ones are started.</summary>
    KillAllSilos,

    /// <summary>The client that sends a trace gets SIGKILL, and another takes up the run.</summary>
    KillClient,

    /// <summary>The store takes and gives nothing for ten seconds.</summary>
    FailStore,
}

/// <summary>Faults, each so long after the one before it.</summary>
internal sealed record FaultSchedule(int Seed, IReadOnlyList<(TimeSpan After, Fault Fault)> Faults)
{
    private const int Most = 4;

    /// <summary>Faults by lot, at times by lot. Every kind turns up within seven seeds in a row.</summary>
    public static FaultSchedule Of(int seed)
    {
        var random = new Random(seed);
        var kinds = Enum.GetValues<Fault>();
        var first = kinds[seed % kinds.Length];
        return new FaultSchedule(seed, [.. Enumerable.Range(0, 1 + random.Next(Most)).Select(i =>
            (TimeSpan.FromMilliseconds(300 + random.Next(3_000)), i == 0 ? first : kinds[random.Next(kinds.Length)]))]);
    }

    public override string ToString() => $"schedule {Seed}: {string.Join(", ", Faults.Select(fault => $"{fault.Fault} after {fault.After.TotalSeconds:0.0} s"))}";
}
