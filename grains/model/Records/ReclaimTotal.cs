namespace Reclaim.Model.Records;

/// <summary>All reclaims of one kind, whether they were kept or not.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Count">How many.</param>
/// <param name="Scanned">Pages looked at.</param>
/// <param name="Reclaimed">Pages freed.</param>
public readonly record struct ReclaimTotal(ReclaimKind Kind, long Count, long Scanned, long Reclaimed);
