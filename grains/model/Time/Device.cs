namespace Reclaim.Model.Time;

/// <summary>
/// A block device: so many requests at once, each taking its latency, and a common bandwidth.
///
/// <code>
///   request ──► free channel of queue_depth ──► latency ──► done
///                      └────────► bandwidth: transfers one after the other
/// </code>
///
/// Who makes requests does not always make them in the order of their times: one that reclaims for a while comes late, and is simulated at once. So a request finds the
/// channels and the bandwidth as they are at its time, and takes what those that come later leave; only that these do not give way any more.
///
/// brd is memory: its copy is CPU time of the caller and part of the miss, so it completes at once.
///
/// Containers of one host that may be in each other's way at it have one each, and hand on what is in its queue (<see cref="DeviceState"/>).
/// </summary>
public sealed class Device
{
    private readonly long _latencyNs;
    private readonly double _nsPerByte;

    /// <summary>When requests get their channel, and when they give it back, each in ascending order. Those that have one already, and are not done, may be missing from the first.</summary>
    private readonly List<long> _starts = [];
    private readonly List<long> _dones = [];

    /// <summary>Times at which something is transferred, in ascending order; no two touch.</summary>
    private readonly List<(long FromNs, long ToNs)> _transferring = [];

    /// <summary>Its state when it was last told or asked for, unless there was a transfer since.</summary>
    private DeviceState? _state;

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

    /// <summary>Whether others use it too.</summary>
    public bool IsShared { get; internal set; }

    /// <summary>If others do: nobody makes a request before then any more.</summary>
    public long SinceNs { get; internal set; }

    /// <summary>Starts a transfer at <paramref name="nowNs"/>.</summary>
    /// <returns>When it is done.</returns>
    public long Submit(long nowNs, long bytes)
    {
        if (IsMemory)
        {
            return nowNs;
        }

        Transfers++;
        _state = null;
        Forget(IsShared ? SinceNs : nowNs);
        var start = FreeChannel(nowNs);
        var done = Math.Max(start + _latencyNs, Transfer(start, (long)(bytes * _nsPerByte)));
        Insert(_starts, start);
        Insert(_dones, done);
        return done;
    }

    /// <summary>What is in its queue.</summary>
    public DeviceState State
    {
        get => _state ??= new DeviceState(_starts.ToArray(), _dones.ToArray(), _transferring.ToArray());
        set
        {
            if (_state == value)
            {
                return;
            }

            _state = value;
            Take(_starts, value.StartsNs);
            Take(_dones, value.DonesNs);
            Take(_transferring, value.Transferring);
        }
    }

    /// <summary>
    /// Forgets what was over by then. How many have a channel at a later time is how many have started by then less how many are done: so it does not matter which of those that have
    /// started are forgotten, but how many. If nobody comes before, it is enough to know that they have.
    /// </summary>
    private void Forget(long nowNs)
    {
        var over = Over(_dones, nowNs);
        _dones.RemoveRange(0, over);
        _starts.RemoveRange(0, IsShared ? Over(_starts, nowNs) : over);
        over = 0;
        while (over < _transferring.Count && _transferring[over].ToNs <= nowNs)
        {
            over++;
        }

        _transferring.RemoveRange(0, over);
    }

    private static void Take<T>(List<T> list, IReadOnlyList<T> values)
    {
        list.Clear();
        list.AddRange(values);
    }

    /// <summary>When a channel is free, from <paramref name="fromNs"/> on: fewer have one then than there are.</summary>
    private long FreeChannel(long fromNs)
    {
        var (started, done, before) = (Above(_starts, fromNs), Above(_dones, fromNs), _dones.Count - _starts.Count);
        while (before + started - done >= QueueDepth)
        {
            fromNs = _dones[done++];
            while (started < _starts.Count && _starts[started] <= fromNs)
            {
                started++;
            }
        }

        return fromNs;
    }

    /// <summary>Transfers whenever nothing else is.</summary>
    /// <returns>When that is over.</returns>
    private long Transfer(long fromNs, long takesNs)
    {
        if (takesNs == 0)
        {
            return fromNs;
        }

        var first = _transferring.Count;
        while (first > 0 && _transferring[first - 1].ToNs >= fromNs)
        {
            first--;
        }

        // From here on gaps are filled, so that it becomes one with all that it touches.
        var (from, to, next) = (fromNs, fromNs, first);
        while (next < _transferring.Count && _transferring[next].FromNs < to + takesNs)
        {
            takesNs -= Math.Max(0, _transferring[next].FromNs - to);
            from = Math.Min(from, _transferring[next].FromNs);
            to = _transferring[next++].ToNs;
        }

        var over = to + takesNs;
        to = next < _transferring.Count && _transferring[next].FromNs == over ? _transferring[next++].ToNs : over;
        _transferring.RemoveRange(first, next - first);
        _transferring.Insert(first, (from, to));
        return over;
    }

    private static void Insert(List<long> times, long time) => times.Insert(Above(times, time), time);

    /// <summary>How many are not later; looked for from the end, where it mostly is.</summary>
    private static int Above(List<long> times, long time)
    {
        var at = times.Count;
        while (at > 0 && times[at - 1] > time)
        {
            at--;
        }

        return at;
    }

    /// <summary>How many are not later; looked for from the beginning.</summary>
    private static int Over(List<long> times, long time)
    {
        var at = 0;
        while (at < times.Count && times[at] <= time)
        {
            at++;
        }

        return at;
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
