namespace Reclaim.Model.Steps;

/// <summary>What a memcg did in one step. Counts are of this step alone.</summary>
/// <param name="Stop">Why it stopped.</param>
/// <param name="NowNs">Virtual time it has reached.</param>
/// <param name="PagesTaken">Pages it took from its node; negative: gave back.</param>
/// <param name="Accesses">Accesses made.</param>
/// <param name="Misses">Accesses that found no page.</param>
/// <param name="Refaults">Misses on a page whose shadow was found.</param>
/// <param name="Scanned">Pages that reclaim looked at.</param>
/// <param name="Reclaimed">Pages that reclaim freed.</param>
public readonly record struct Report(
    StopReason Stop, long NowNs, long PagesTaken, long Accesses, long Misses, long Refaults, long Scanned, long Reclaimed);
