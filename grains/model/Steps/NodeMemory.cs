namespace Reclaim.Model.Steps;

/// <summary>The free pages of one NUMA node. Invariant: free + reserved + charged = size.</summary>
public sealed class NodeMemory(long pages)
{
    /// <summary>Pages of the node.</summary>
    public long Size { get; } = pages;

    /// <summary>Pages neither charged nor reserved.</summary>
    public long Free { get; private set; } = pages;

    /// <summary>Reserves up to <paramref name="wanted"/> pages for a step.</summary>
    /// <returns>The pages reserved.</returns>
    public long Reserve(long wanted)
    {
        var granted = Math.Clamp(wanted, 0, Free);
        Free -= granted;
        return granted;
    }

    /// <summary>Returns what a step did not take of its reservation; a negative <paramref name="taken"/> gives pages back.</summary>
    public void Settle(long reserved, long taken)
    {
        if (taken > reserved)
        {
            throw new ArgumentOutOfRangeException(nameof(taken), taken, $"a step took more pages than the {reserved} it was granted");
        }

        Free += reserved - taken;
    }
}
