namespace Reclaim.Model.Swap;

/// <summary>What a cgroup must know of the others that swap to the same areas, or below the same memory.swap.max. Slots.</summary>
/// <param name="Max">Until some memory.swap.max above is reached; <see cref="long.MaxValue"/>: there is none.</param>
/// <param name="Half">Until half of it is.</param>
/// <param name="Others">By area: those that others use; null: none.</param>
public readonly record struct SwapRoom(long Max, long Half, IReadOnlyList<long>? Others)
{
    /// <summary>There is nobody else.</summary>
    public static SwapRoom Alone { get; } = new(long.MaxValue, long.MaxValue, null);
}
