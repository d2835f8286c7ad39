using Reclaim.Model.Workloads;

namespace Reclaim.Model.Nodes;

/// <summary>
/// The lots of a memcg LRU. Each is drawn for who moves, how, and into which generation, not from one stream for all. The kernel's are as independent
/// (get_random_u32_below); but so two runs under one seed that differ in little, a limit or a moment, draw alike for all that has not changed,
/// and what differs between them is what was changed.
/// </summary>
/// <param name="seed">Of all of them.</param>
internal readonly struct MemcgLots(ulong seed)
{
    /// <summary>Stirred, as those of several nodes and hosts lie a multiple of the same constants apart.</summary>
    private readonly ulong _seed = new SplitMix64(seed).Next();

    /// <summary>The bin of a lruvec that moves.</summary>
    /// <param name="lruvec">Its number.</param>
    /// <param name="seq">The generation that it moves into.</param>
    /// <param name="operation">How.</param>
    public int Bin(int lruvec, long seq, MemcgLruOperation operation) => Draw(lruvec, seq, (ulong)operation);

    /// <summary>The bin at which a pass begins.</summary>
    /// <param name="pass">How many there have been over this generation.</param>
    /// <param name="seq">The generation.</param>
    public int First(int pass, long seq) => Draw(pass, seq, ulong.MaxValue);

    /// <summary>The constants are those of SplitMix64.</summary>
    private int Draw(int number, long seq, ulong kind)
    {
        var random = new SplitMix64(_seed + 0x9E3779B97F4A7C15 * (ulong)number + 0xBF58476D1CE4E5B9 * (ulong)seq + 0x94D049BB133111EB * kind);
        return (int)random.Below(MemcgLru.Bins);
    }
}
