namespace Reclaim.Model.Time;

/// <summary>
/// A block device: so many requests at once, each taking its latency, and a common bandwidth.
///
/// <code>
///   request ──► free channel of queue_depth ──► latency ──► done
///                      └────────► bandwidth: transfers one after the other
/// </code>
///
/// brd is memory: its copy is CPU time of the caller and part of the miss, so it completes at once.
/// </summary>
public sealed class Device
{
    private readonly PriorityQueue<int, long> _channels = new();
    private readonly long _latencyNs;
    private readonly double _nsPerByte;
    private long _transferFreeNs;

    /// <param name="type">Its figures.</param>
    public Device(DeviceType type)
    {
        IsMemory = type.LatencyNs == 0 && type.BytesPerSecond == 0;
        _latencyNs = type.LatencyNs;
        _nsPerByte = type.BytesPerSecond == 0 ? 0 : 1e9 / type.BytesPerSecond;
        QueueDepth = type.QueueDepth;
    }

    /// <summary>Whether requests complete within the call.</summary>
    public bool IsMemory { get; }

    /// <summary>Requests served at the same time.</summary>
    public int QueueDepth { get; }

    /// <summary>Transfers started so far; a device that is memory has none.</summary>
    public long Transfers { get; private set; }

    /// <summary>Starts a transfer at <paramref name="nowNs"/>.</summary>
    /// <returns>When it is done.</returns>
    public long Submit(long nowNs, long bytes)
    {
        if (IsMemory)
        {
            return nowNs;
        }

        Transfers++;
        var start = nowNs;
        if (_channels.Count == QueueDepth)
        {
            _channels.TryDequeue(out _, out var freeNs);
            start = Math.Max(start, freeNs);
        }

        _transferFreeNs = Math.Max(_transferFreeNs, start) + (long)(bytes * _nsPerByte);
        var done = Math.Max(start + _latencyNs, _transferFreeNs);
        _channels.Enqueue(0, done);
        return done;
    }
}

/// <summary>The figures of a device.</summary>
/// <param name="LatencyNs">Time of one 4 KiB request on an idle device.</param>
/// <param name="BytesPerSecond">Bandwidth; 0: no bound.</param>
/// <param name="QueueDepth">Requests served at the same time.</param>
public readonly record struct DeviceType(long LatencyNs, long BytesPerSecond, int QueueDepth)
{
    /// <summary>The type whose head moves: a hard disk.</summary>
    public const string Rotational = "hdd";

    /// <summary>Types by name. <c>custom</c> takes its three figures from the scenario.</summary>
    public static IReadOnlyList<string> Names { get; } = ["brd", "nvme", "ssd", "hdd", "custom"];

    /// <summary>
    /// Typical figures: NVMe flash 60–120 µs at depth 1, 0.4–1 M IOPS deep, 3–7 GB/s; SATA SSD 80–200 µs, up to 100 k IOPS,
    /// 550 MB/s; hard disk 4–10 ms, 100–250 IOPS, 150–250 MB/s (ClickHouse, "A journey to io_uring, AIO and modern storage
    /// devices", 2021; vendors' sheets for disks).
    /// </summary>
    /// <exception cref="ArgumentException">No such type.</exception>
    public static DeviceType Of(string name) => name switch
    {
        "brd" => new(0, 0, int.MaxValue),
        "nvme" => new(80_000, 3_500_000_000, 48),
        "ssd" => new(120_000, 550_000_000, 11),
        "hdd" => new(7_000_000, 200_000_000, 1),
        "custom" => new(100_000, 0, 1),
        _ => throw new ArgumentException($"no device type is called '{name}': {string.Join(", ", Names)}", nameof(name)),
    };
}
