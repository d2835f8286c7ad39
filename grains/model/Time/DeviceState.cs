namespace Reclaim.Model.Time;

/// <summary>What is in the queue of a device. Compared by reference: a state that is handed back is the same one.</summary>
/// <param name="startsNs">When requests get their channel, ascending; those that have it already, and are not done, may be missing.</param>
/// <param name="donesNs">When they give it back, ascending.</param>
/// <param name="transferring">Times at which something is transferred, ascending; no two touch.</param>
public sealed class DeviceState(IReadOnlyList<long> startsNs, IReadOnlyList<long> donesNs, IReadOnlyList<(long FromNs, long ToNs)> transferring)
{
    /// <summary>When requests get their channel, ascending; those that have it already, and are not done, may be missing.</summary>
    public IReadOnlyList<long> StartsNs { get; } = startsNs;

    /// <summary>When they give it back, ascending.</summary>
    public IReadOnlyList<long> DonesNs { get; } = donesNs;

    /// <summary>Times at which something is transferred, ascending; no two touch.</summary>
    public IReadOnlyList<(long FromNs, long ToNs)> Transferring { get; } = transferring;
}
