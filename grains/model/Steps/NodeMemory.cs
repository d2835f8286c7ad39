namespace Reclaim.Model.Steps;

/// <summary>The pages of one NUMA node. Invariant: <see cref="Free"/> + <see cref="Reserved"/> + <see cref="Charged"/> = <see cref="Size"/>.</summary>
public sealed class NodeMemory(long pages)
{
    /// <summary>Pages of the node.</summary>
    public long Size { get; } = pages;

    /// <summary>Pages neither charged nor reserved.</summary>
    public long Free { get; private set; } = pages;

    /// <summary>Pages set aside for the step in flight.</summary>
    public long Reserved { get; private set; }

    /// <summary>Pages that memcgs hold.</summary>
    public long Charged { get; private set; }

    /// <summary>Reserves up to <paramref name="wanted"/> pages for a step.</summary>
    /// <returns>The pages reserved.</returns>
    public long Reserve(long wanted)
    {
        var granted = Math.Clamp(wanted, 0, Free);
        Free -= granted;
        Reserved += granted;
        return granted;
    }

    /// <summary>Returns what a step did not take of its reservation; a negative <paramref name="taken"/> gives pages back.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More was taken than reserved, or given back than charged.</exception>
    public void Settle(long reserved, long taken)
    {
        if (taken > reserved)
        {
            throw new ArgumentOutOfRangeException(nameof(taken), taken, $"a step took more pages than the {reserved} it was granted");
        }

        if (taken < -Charged)
        {
            throw new ArgumentOutOfRangeException(nameof(taken), taken, $"a step gave back more pages than the {Charged} that are charged");
        }

        Reserved -= reserved;
        Charged += taken;
        Free += reserved - taken;
    }
}
