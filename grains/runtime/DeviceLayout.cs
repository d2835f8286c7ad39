using Reclaim.Contracts.Spec;
using Reclaim.Model.Time;

namespace Reclaim.Grains;

/// <summary>The devices that a cgroup has to itself, by name, and what it swaps to.</summary>
internal sealed class DeviceLayout
{
    /// <summary>Swap to memory, compressed (<c>zram</c>) or not (<c>brd</c>), needs no device of the host's.</summary>
    private static readonly string[] _memoryTypes = ["zram", "brd"];

    private readonly Dictionary<string, Device> _devices;

    /// <exception cref="ArgumentException">A type of device, or a device to swap to, that there is not.</exception>
    public DeviceLayout(HostSpec host)
    {
        _devices = host.Devices.ToDictionary(device => device.Name, device => new Device(TypeOf(device)), StringComparer.Ordinal);
        if (!host.Swap.IsEmpty)
        {
            Swap = SwapOn(host.Swap[0].Type);
        }
    }

    /// <summary>Memory itself, which completes at once: the device of what lives on none.</summary>
    public Device Memory { get; } = new(DeviceType.Of("brd"));

    /// <summary>What the host swaps to; null without swap. An area on a device that holds files too shares its queue.</summary>
    public Device? Swap { get; }

    public Device this[string name] => _devices[name];

    /// <summary>The figures of a device: those of its type, with what the scenario says instead.</summary>
    public static DeviceType TypeOf(DeviceSpec device)
    {
        var type = DeviceType.Of(device.Type);
        return type with
        {
            LatencyNs = device.LatencyNs ?? type.LatencyNs,
            BytesPerSecond = device.BandwidthBytesPerSecond ?? type.BytesPerSecond,
            QueueDepth = device.QueueDepth ?? type.QueueDepth,
        };
    }

    private Device SwapOn(string type)
    {
        if (_devices.TryGetValue(type, out var device))
        {
            return device;
        }

        return _memoryTypes.Contains(type) ? Memory : throw new ArgumentException($"no device '{type}' to swap to");
    }
}
