using System.Collections.Immutable;

namespace Reclaim.Model.Steps;

/// <summary>
/// A node's part in a step: reservations for all memcgs of the host before they run, in canonical order, and their settlement after.
/// Canonical order makes the outcome independent of who runs, and reports, first.
/// </summary>
public sealed class NodeReservations(NodeMemory memory)
{
    private ImmutableArray<long> open = [];

    /// <summary>The node whose pages these are.</summary>
    public NodeMemory Memory { get; } = memory;

    /// <summary>Reserves for each memcg what it wants, as far as pages are free; the first in order is served first.</summary>
    /// <returns>The pages reserved for each.</returns>
    public ImmutableArray<long> Reserve(ImmutableArray<long> wanted)
    {
        if (!open.IsEmpty)
        {
            throw new InvalidOperationException("a step's reservations must be settled before the next are made");
        }

        var granted = ImmutableArray.CreateBuilder<long>(wanted.Length);
        foreach (var pages in wanted)
        {
            granted.Add(Memory.Reserve(pages));
        }

        return open = granted.MoveToImmutable();
    }

    /// <summary>Settles what each memcg took of its reservation (negative: gave back).</summary>
    public void Settle(ImmutableArray<long> taken)
    {
        if (taken.Length != open.Length)
        {
            throw new ArgumentException($"{open.Length} reservations are open, not {taken.Length}", nameof(taken));
        }

        for (var i = 0; i < taken.Length; i++)
        {
            Memory.Settle(open[i], taken[i]);
        }

        open = [];
    }
}
