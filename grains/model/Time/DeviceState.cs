namespace Reclaim.Model.Time;

/// <summary>What is in the queue of a device. Compared by reference: a state that is handed back is the same one.</summary>
/// <param name="startsNs">When requests get their channel, ascending.</param>
/// <param name="donesNs">When they give it back, ascending.</param>
/// <param name="transferring">Times at which something is transferred, ascending; no two touch.</param>
public sealed class DeviceState(IReadOnlyList<long> startsNs, IReadOnlyList<long> donesNs, IReadOnlyList<(long FromNs, long ToNs)> transferring)
{
    /// <summary>Requests below which nothing is forgotten: it is not worth it.</summary>
    private const int Few = 64;

    /// <summary>When requests get their channel, ascending.</summary>
    public IReadOnlyList<long> StartsNs { get; } = startsNs;

    /// <summary>When they give it back, ascending.</summary>
    public IReadOnlyList<long> DonesNs { get; } = donesNs;

    /// <summary>Times at which something is transferred, ascending; no two touch.</summary>
    public IReadOnlyList<(long FromNs, long ToNs)> Transferring { get; } = transferring;

    /// <summary>The same without what was over by then; it itself if that is little.</summary>
    public DeviceState Since(long nowNs)
    {
        if (DonesNs.Count < Few || DonesNs[Few / 2] > nowNs)
        {
            return this;
        }

        List<long> starts = [.. StartsNs];
        List<long> dones = [.. DonesNs];
        List<(long, long)> transfers = [.. Transferring];
        Forget(nowNs, starts, dones, transfers);
        return new DeviceState(starts.ToArray(), dones.ToArray(), transfers.ToArray());
    }

    /// <summary>
    /// Forgets what was over by then. How many have a channel at a later time is how many have started by then less how many are done: so it does not matter which of those that have
    /// started are forgotten, but how many.
    /// </summary>
    internal static void Forget(long nowNs, List<long> starts, List<long> dones, List<(long FromNs, long ToNs)> transferring)
    {
        var over = 0;
        while (over < dones.Count && dones[over] <= nowNs)
        {
            over++;
        }

        starts.RemoveRange(0, over);
        dones.RemoveRange(0, over);
        over = 0;
        while (over < transferring.Count && transferring[over].ToNs <= nowNs)
        {
            over++;
        }

        transferring.RemoveRange(0, over);
    }
}
