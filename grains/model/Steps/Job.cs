using Reclaim.Model.Mappings;
using Reclaim.Model.Pressure;
using Reclaim.Model.Records;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;

namespace Reclaim.Model.Steps;

/// <summary>A job while it runs.</summary>
internal sealed class Job
{
    private int _stream;
    private int _rotationLeft;
    private long _asleepNs;
    private long _awakeNs = -1;
    private long _takenCpuNs;

    /// <param name="plan">What it does.</param>
    /// <param name="fileBase">Page number of each file's first page.</param>
    /// <param name="mm">Its memory, if it maps any.</param>
    /// <param name="map">Makes the mapping that a stream goes through; the flag says that threads share it.</param>
    public Job(JobPlan plan, ReadOnlySpan<uint> fileBase, AddressSpace? mm = null, Func<StreamPlan, AddressSpace, bool, Vma>? map = null)
    {
        Plan = plan;
        Mm = mm;
        Streams = new Stream[plan.Streams.Count];
        for (var i = 0; i < Streams.Length; i++)
        {
            var stream = plan.Streams[i];
            Streams[i] = stream.Path == AccessPath.Descriptor
                ? new Stream(stream, fileBase[stream.File])
                : new Stream(stream, stream.Path == AccessPath.Mapped ? fileBase[stream.File] : 0) { Vma = map!(stream, mm!, plan.Process >= 0) };
        }

        _rotationLeft = plan.Streams[0].Rotation;
        Ramped = plan.RampNs <= plan.StartNs;
        NowNs = BatchStartNs = plan.StartNs;
        Begun = plan.StartNs == 0;
    }

    /// <summary>Whether every stream has ended.</summary>
    public bool Ended { get; private set; }

    public JobPlan Plan { get; }

    /// <summary>Its number in the container.</summary>
    public int Number { get; init; }

    public Stream[] Streams { get; }

    /// <summary>What its cgroup's pressure knows of it. Set once, by the loop that runs it.</summary>
    public PressureTask Pressure { get; set; } = null!;

    /// <summary>Where its stalls are written down; null: nowhere.</summary>
    public StallLog? Stalls { get; set; }

    /// <summary>Its memory, if it maps any.</summary>
    public AddressSpace? Mm { get; }

    /// <summary>Whether its process is there: from its first turn on.</summary>
    public bool Begun;

    /// <summary>Whether it is done and that was seen to.</summary>
    public bool Over;

    /// <summary>Its clock.</summary>
    public long NowNs;

    /// <summary>When its request began, or went on after it had been interrupted.</summary>
    public long BeginNs;

    /// <summary>Whether its figures count already.</summary>
    public bool Ramped;

    /// <summary>Since the beginning.</summary>
    public JobCounts Counts;

    /// <summary>What <see cref="Counts"/> was when the ramp ended.</summary>
    public JobCounts AtRamp;

    /// <summary>When the batch of requests being submitted began, and how many of it are done.</summary>
    public long BatchStartNs;

    public int Batched;

    /// <summary>The latency of the last request, if it was recorded when the request ended; −1: the next one's begins with <see cref="BatchStartNs"/>.</summary>
    public long RecordedNs = -1;

    /// <summary>Completion times of requests in flight.</summary>
    public PriorityQueue<long, long> InFlight { get; } = new();

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Accesses the current stream may make before the rotation goes on; unbounded with one stream.</summary>
    public long StreamBudget => Streams.Length == 1 ? long.MaxValue : _rotationLeft;

    public Stream Current => Streams[_stream];

    /// <summary>Counts accesses of the current stream; goes on to the next when its share is used or it has ended.</summary>
    public void Rotate(long made)
    {
        _rotationLeft -= (int)Math.Min(made, _rotationLeft);
        if (!Current.Ended && (_rotationLeft > 0 || Streams.Length == 1))
        {
            return;
        }

        for (var tried = 0; tried < Streams.Length; tried++)
        {
            _stream = (_stream + 1) % Streams.Length;
            if (!Current.Ended)
            {
                _rotationLeft = Plan.Streams[_stream].Rotation;
                return;
            }
        }

        Ended = true;
    }

    /// <summary>It makes no access any more: its process was killed.</summary>
    public void End() => Ended = true;

    /// <summary>Lets go of the CPU until then: waits, or is made to wait.</summary>
    /// <param name="untilNs">Virtual time.</param>
    /// <param name="states">What it lacks meanwhile.</param>
    /// <param name="counter">What the time counts as.</param>
    /// <param name="kind">What it is written down as; null: as what its states say.</param>
    public void SleepUntil(long untilNs, TaskStates states, ref long counter, StallKind? kind = null)
    {
        if (untilNs <= NowNs)
        {
            return;
        }

        if (NowNs != _awakeNs)
        {
            _asleepNs = NowNs;
        }

        counter += untilNs - NowNs;
        OffCpuNs += untilNs - NowNs;
        Pressure.Sleep(NowNs, untilNs, states);
        if (states != TaskStates.None)
        {
            Stalls?.Add(Number, kind ?? ((states & TaskStates.MemStall) != 0 ? StallKind.Thrashing : StallKind.Io), NowNs, untilNs);
        }

        NowNs = _awakeNs = untilNs;
    }

    /// <summary>Time it had no CPU, since it began.</summary>
    public long OffCpuNs { get; private set; }

    /// <summary>Time it had one.</summary>
    public long OnCpuNs => NowNs - Plan.StartNs - OffCpuNs;

    /// <summary>Time it had one since this was last asked.</summary>
    public long TakeCpuNs()
    {
        var since = OnCpuNs - _takenCpuNs;
        _takenCpuNs += since;
        return since;
    }

    /// <summary>Waits until a CPU is free.</summary>
    public void WaitForCpu(long untilNs) => WaitForCpu(untilNs, ref Counts.CpuWaitNs);

    /// <summary>Waits until it may have a CPU.</summary>
    /// <param name="untilNs">When that is.</param>
    /// <param name="counter">What the time counts as.</param>
    public void WaitForCpu(long untilNs, ref long counter)
    {
        Pressure.Wait(NowNs, untilNs);
        counter += untilNs - NowNs;
        OffCpuNs += untilNs - NowNs;
        NowNs = untilNs;
    }

    /// <summary>Time passes in which it sleeps, whatever for.</summary>
    public void NoteOffCpu(long ns) => OffCpuNs += ns;

    /// <summary>Virtual time from which on its CPU is free for others: now, or since it fell asleep.</summary>
    public long CpuFreeNs => NowNs == _awakeNs ? _asleepNs : NowNs;

    /// <summary>Ends the ramp if it is over.</summary>
    public void PassRamp()
    {
        if (!Ramped && NowNs >= Plan.RampNs)
        {
            Ramped = true;
            AtRamp = Counts;
            Latency.Clear();
        }
    }
}

/// <summary>Counters of a job.</summary>
internal struct JobCounts
{
    public long Requests;
    public long Accesses;
    public long Misses;
    public long Writes;

    /// <summary>Accesses through page tables, and page faults among them.</summary>
    public long Loads;

    public long Faults;
    public long DeviceReads;

    /// <summary>Pages read from swap, part of <see cref="Misses"/> and <see cref="DeviceReads"/>; and what swapping cost in CPU time.</summary>
    public long SwapIns;

    public long SwapNs;

    /// <summary>Pages brought in that the request which did so had not asked for: part of <see cref="DeviceReads"/>, not of <see cref="Misses"/>.</summary>
    public long ReadaheadPages;

    public long ReclaimNs;
    public long LockWaitNs;

    /// <summary>Of <see cref="ReclaimNs"/>, what <see cref="LockWaitNs"/> and <see cref="SwapNs"/> count too.</summary>
    public long ReclaimElsewhereNs;

    /// <summary>Waited for writeback in reclaim.</summary>
    public long ReclaimWaitNs;

    /// <summary>Held the lru_lock to move pages in batches.</summary>
    public long MovesNs;

    /// <summary>Was ready, and had no CPU.</summary>
    public long CpuWaitNs;

    /// <summary>Waited for the next period of cpu.max.</summary>
    public long BandwidthNs;

    public long DeviceWaitNs;
    public long ThrottleNs;

    /// <summary>Slept for having charged above memory.high.</summary>
    public long HighNs;

    /// <summary>Time between requests.</summary>
    public long ThinkNs;

    /// <summary>Time that accesses took longer because their pages were on nodes farther away, where a cgroup has pages on several.</summary>
    public long FarNs;

    /// <summary>Time that it took to find hot pages in slower memory and to promote them, faults apart.</summary>
    public long BalancingNs;

    public void Add(JobCounts other)
    {
        BalancingNs += other.BalancingNs;
        Requests += other.Requests;
        Accesses += other.Accesses;
        Misses += other.Misses;
        Writes += other.Writes;
        Loads += other.Loads;
        Faults += other.Faults;
        SwapIns += other.SwapIns;
        SwapNs += other.SwapNs;
        DeviceReads += other.DeviceReads;
        ReadaheadPages += other.ReadaheadPages;
        ReclaimNs += other.ReclaimNs;
        LockWaitNs += other.LockWaitNs;
        ReclaimElsewhereNs += other.ReclaimElsewhereNs;
        ReclaimWaitNs += other.ReclaimWaitNs;
        MovesNs += other.MovesNs;
        CpuWaitNs += other.CpuWaitNs;
        BandwidthNs += other.BandwidthNs;
        DeviceWaitNs += other.DeviceWaitNs;
        ThrottleNs += other.ThrottleNs;
        HighNs += other.HighNs;
        ThinkNs += other.ThinkNs;
        FarNs += other.FarNs;
    }
}

/// <summary>An open file while it is read.</summary>
internal sealed class Stream(StreamPlan plan, uint fileBase)
{
    /// <summary>Requests that it takes from its source at a time.</summary>
    public const int RequestsAtOnce = 1024;

    private readonly uint[] _buffer = new uint[RequestsAtOnce];
    private int _at;
    private int _filled;

    /// <summary>The mapping it goes through; null for a file descriptor.</summary>
    public Vma? Vma { get; init; }

    /// <summary>Page number of the file's first page.</summary>
    public uint Base { get; } = fileBase;

    public int BlockBytes { get; } = plan.BlockBytes;

    /// <summary>Pages that a request goes through.</summary>
    public int PagesOfRequest { get; } = Math.Max(1, plan.BlockBytes >> 12);

    public Device Device { get; } = plan.Device;

    public AccessSource Source { get; } = plan.Source;

    /// <summary>Whether some of its requests give pages back.</summary>
    public bool Frees { get; } = plan.Source.Frees;

    /// <summary>Page in which the previous read through this open file ended; an immediate read of the same page is not counted as an access.</summary>
    public uint Previous = uint.MaxValue;

    /// <summary>A request that ran out of pages in the middle, and goes on from there; null: none.</summary>
    public RequestProgress? Interrupted;

    /// <summary>Whether the source has no more.</summary>
    public bool Ended { get; private set; }

    /// <summary>Whether each request is one page and done when the call returns: the loop's short path.</summary>
    public bool IsPageWise { get; } = plan.BlockBytes == 4096 && plan.Device.IsMemory && plan.ReadAheadPages == 0;

    /// <summary>Its readahead; null if it has none.</summary>
    public OpenFile? OpenFile { get; private set; } = OpenFile.Of(plan);

    /// <summary>Threads that share a mapping share the open file behind it.</summary>
    public void ShareOpenFile(Stream other) => OpenFile = OpenFile is null ? null : other.OpenFile ?? OpenFile;

    /// <summary>The requests at hand; empty when the source has ended.</summary>
    public ReadOnlySpan<uint> Ready()
    {
        if (_at == _filled)
        {
            _at = 0;
            _filled = Source.Fill(_buffer);
            if (_filled == 0)
            {
                if (Source.Starved)
                {
                    throw new InvalidOperationException("a trace runs on before its next batch has arrived");
                }

                Ended = true;
            }
        }

        return _buffer.AsSpan(_at, _filled - _at);
    }

    /// <summary>Takes so many of the requests at hand.</summary>
    public void Take(int requests)
    {
        _at += requests;
        if (_at == _filled)
        {
            // Looks ahead, so that a stream that has ended says so at once.
            Ready();
        }
    }
}
