using Reclaim.Contracts.Spec;
using Reclaim.Model.Time;

namespace Reclaim.Grains;

/// <summary>The devices of a cgroup, by name.</summary>
internal sealed class DeviceLayout
{
    /// <summary>Swap to memory, compressed (<c>zram</c>) or not (<c>brd</c>), needs no device of the host's.</summary>
    private static readonly string[] _memoryTypes = ["zram", "brd"];

    private readonly Dictionary<string, Device> _devices;

    /// <exception cref="ArgumentException">A type of device that there is not.</exception>
    public DeviceLayout(HostSpec host)
    {
        _devices = host.Devices.ToDictionary(device => device.Name, device => new Device(TypeOf(device)), StringComparer.Ordinal);
    }

    /// <summary>Memory itself, which completes at once: the device of what lives on none.</summary>
    public Device Memory { get; } = new(DeviceType.Of("brd"));

    public Device this[string name] => _devices[name];

    /// <summary>Those that all cgroups of the host have together, of which each knows what is in the queue.</summary>
    public IReadOnlyList<Device> Shared(RunSpec spec, HostSpec host) =>
        HostPressure.IsShared(spec, host) ? [.. DeviceContention.Devices(host).Select(device => _devices[device.Name])] : [];

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

    /// <summary>Whether a type of swap area is memory itself, and not a device that the host calls so.</summary>
    public bool IsMemoryType(string type) => !_devices.ContainsKey(type) && _memoryTypes.Contains(type);

    /// <summary>What an area lies on. One on a device that holds files too shares its queue.</summary>
    /// <exception cref="ArgumentException">There is no such device.</exception>
    public Device SwapOn(string type)
    {
        if (_devices.TryGetValue(type, out var device))
        {
            return device;
        }

        return _memoryTypes.Contains(type) ? Memory : throw new ArgumentException($"no device '{type}' to swap to");
    }
}
