namespace Reclaim.Model.Time;

/// <summary>The devices of a container that others of its host may be in the way at: told what is in their queues before it runs, asked after.</summary>
internal sealed class DeviceQueues
{
    private readonly IReadOnlyList<Device> _devices;
    private readonly long[] _transfers;

    /// <param name="devices">The devices, in the order that all containers of the host have them in.</param>
    public DeviceQueues(IReadOnlyList<Device> devices)
    {
        (_devices, _transfers) = (devices, new long[devices.Count]);
        foreach (var device in devices)
        {
            device.IsShared = true;
        }
    }

    /// <summary>Takes over what others have left in the queues; null: nobody has.</summary>
    /// <param name="states">By device.</param>
    /// <param name="sinceNs">Nobody makes a request before then any more.</param>
    public void Know(IReadOnlyList<DeviceState?>? states, long sinceNs)
    {
        for (var i = 0; i < states?.Count; i++)
        {
            _devices[i].SinceNs = sinceNs;
            if (states[i] is { } state)
            {
                _devices[i].State = state;
            }
        }
    }

    /// <summary>What is in those that it has used since it was asked last; null: it has used none.</summary>
    public DeviceState?[]? TakeChanged()
    {
        DeviceState?[]? changed = null;
        for (var i = 0; i < _transfers.Length; i++)
        {
            if (_devices[i].Transfers != _transfers[i])
            {
                _transfers[i] = _devices[i].Transfers;
                (changed ??= new DeviceState?[_transfers.Length])[i] = _devices[i].State;
            }
        }

        return changed;
    }
}
