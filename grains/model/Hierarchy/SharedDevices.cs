using Reclaim.Model.Time;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// The devices at which members of a domain may be in each other's way. Each hands on what is in their queues: a request waits behind those that came before it, whoever
/// made them. As members go on one after the other, some way beyond the next (<see cref="AheadNs"/>), it may not see one that comes shortly before it.
/// </summary>
/// <param name="types">Their figures.</param>
public sealed class SharedDevices(IReadOnlyList<DeviceType> types)
{
    /// <summary>The part of a request's latency by which the order of requests may differ from that of their times.</summary>
    private const int PartOfLatency = 4;

    /// <summary>A few accesses, if a device has no latency.</summary>
    private const long AtLeastNs = 1000;

    /// <summary>How far a member may run ahead of the next.</summary>
    public long AheadNs { get; } = types.Count == 0 ? long.MaxValue : Math.Max(AtLeastNs, types.Min(type => type.LatencyNs) / PartOfLatency);

    /// <summary>What is in their queues, to be told whoever is called next; null: nobody has used any. Never changed, but replaced.</summary>
    public IReadOnlyList<DeviceState?>? States { get; private set; }

    /// <summary>Nobody makes a request before then any more.</summary>
    public long SinceNs { get; internal set; }

    /// <summary>A member has used some of them, or none.</summary>
    public void Took(IReadOnlyList<DeviceState?>? changed)
    {
        if (changed is null)
        {
            return;
        }

        var states = new DeviceState?[changed.Count];
        for (var i = 0; i < states.Length; i++)
        {
            states[i] = changed[i] ?? States?[i];
        }

        States = states;
    }
}
