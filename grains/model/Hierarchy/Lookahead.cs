using Reclaim.Model.Nodes;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// How far apart the clocks of containers may be that share a node: about as far as its free pages will last, at the rate at which
/// they go. Till kswapd wakes they are nothing to each other; from then on, till the min watermark is reached.
/// </summary>
/// <param name="quantumNs">How far at most while kswapd is awake, and if there is no node; an eighth of it at least, a hundred times as far at most while kswapd sleeps.</param>
/// <param name="node">The node, or null: what they share are limits alone.</param>
internal sealed class Lookahead(long quantumNs, NumaNode? node)
{
    private const int AtLeast = 8;
    private const int AtMost = 100;
    private long _asleepSinceNs;
    private long _freeThen = node?.Free ?? 0;

    /// <summary>Pages a nanosecond while kswapd slept the last time.</summary>
    private double _rate;
    private bool _awake;

    /// <summary>kswapd wakes.</summary>
    public void Wake(long nowNs)
    {
        _rate = RateSince(Math.Max(nowNs, _asleepSinceNs + 1));
        _awake = true;
    }

    /// <summary>kswapd sleeps.</summary>
    public void Sleep(long nowNs) => (_awake, _asleepSinceNs, _freeThen) = (false, nowNs, node!.Free);

    /// <summary>How far the one who is furthest behind may run ahead of the next.</summary>
    /// <param name="earliestNs">Where it is.</param>
    public long Ahead(long earliestNs)
    {
        if (node is null)
        {
            return quantumNs;
        }

        var spare = node.Spare(_awake);
        var lasts = spare <= 0 ? 0 : spare / Math.Max(_rate, RateSince(Math.Max(earliestNs, _asleepSinceNs + quantumNs)));
        return (long)Math.Clamp(lasts, quantumNs / (double)AtLeast, _awake ? quantumNs : quantumNs * (double)AtMost);
    }

    private double RateSince(long nowNs) => (double)Math.Max(0, _freeThen - node!.Free) / (nowNs - _asleepSinceNs);
}
