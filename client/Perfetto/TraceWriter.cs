using Google.Protobuf;
using Reclaim.Client.Perfetto.Format;

namespace Reclaim.Client.Perfetto;

/// <summary>
/// Writes tracks and what is on them, packet by packet, as Perfetto reads it. Names that come again are written once and referred to by number.
/// What stands on one track must be written in its order; tracks may be written one after the other.
/// </summary>
internal sealed class TraceWriter : IDisposable
{
    /// <summary>Of <c>sequence_flags</c>.</summary>
    private const uint IncrementalStateCleared = 1;

    /// <inheritdoc cref="IncrementalStateCleared"/>
    private const uint NeedsIncrementalState = 2;

    /// <summary>All packets are of one sequence.</summary>
    private const uint Sequence = 1;

    private readonly CodedOutputStream _output;
    private readonly Dictionary<string, ulong> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ulong> _arguments = new(StringComparer.Ordinal);
    private ulong _track;
    private ulong _flow;
    private bool _begun;

    /// <param name="output">Where to; it stays open.</param>
    public TraceWriter(Stream output) => _output = new CodedOutputStream(output, leaveOpen: true);

    public void Dispose() => _output.Dispose();

    /// <summary>A number for an arrow that nothing else has.</summary>
    public ulong NextFlow() => ++_flow;

    /// <summary>Adds a process: a group of tracks of its own.</summary>
    /// <returns>Its track.</returns>
    public ulong Process(int pid, string name) => Track(new TrackDescriptor
    {
        Process = new ProcessDescriptor { Pid = pid, ProcessName = name },
        ChildOrdering = TrackDescriptor.Types.ChildTracksOrdering.Explicit,
    });

    /// <summary>Adds a track.</summary>
    /// <param name="parent">The track that it stands below.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="rank">Where it stands among those of its parent.</param>
    /// <param name="description">What it shows.</param>
    public ulong Track(ulong parent, string name, int rank, string? description = null)
    {
        var track = new TrackDescriptor { ParentUuid = parent, Name = name, SiblingOrderRank = rank, ChildOrdering = TrackDescriptor.Types.ChildTracksOrdering.Explicit };
        if (description is not null)
        {
            track.Description = description;
        }

        return Track(track);
    }

    /// <summary>Adds a track that shows a number over time.</summary>
    /// <param name="parent">The track that it stands below.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="rank">Where it stands among those of its parent.</param>
    /// <param name="unit">What it counts.</param>
    public ulong Counter(ulong parent, string name, int rank, string unit) =>
        Track(new TrackDescriptor { ParentUuid = parent, Name = name, SiblingOrderRank = rank, Counter = new CounterDescriptor { UnitName = unit } });

    /// <summary>Something begins.</summary>
    /// <param name="track">Where.</param>
    /// <param name="atNs">Virtual time.</param>
    /// <param name="name">What.</param>
    /// <param name="arguments">What there is to say of it; nulls are left out.</param>
    /// <param name="from">Arrows that begin here.</param>
    /// <param name="to">Arrows that end here.</param>
    public void Begin(ulong track, long atNs, string name, ReadOnlySpan<TraceArgument> arguments = default, IEnumerable<ulong>? from = null, IEnumerable<ulong>? to = null) =>
        Event(track, atNs, TrackEvent.Types.Type.SliceBegin, name, arguments, from, to);

    /// <summary>What began last ends.</summary>
    public void End(ulong track, long atNs) => Write(atNs, new TrackEvent { Type = TrackEvent.Types.Type.SliceEnd, TrackUuid = track }, null);

    /// <summary>Something happens.</summary>
    /// <inheritdoc cref="Begin"/>
    public void Instant(ulong track, long atNs, string name, ReadOnlySpan<TraceArgument> arguments = default, IEnumerable<ulong>? to = null) =>
        Event(track, atNs, TrackEvent.Types.Type.Instant, name, arguments, null, to);

    /// <summary>The number has another value from now on.</summary>
    public void Count(ulong track, long atNs, long value) =>
        Write(atNs, new TrackEvent { Type = TrackEvent.Types.Type.Counter, TrackUuid = track, CounterValue = value }, null);

    private void Event(
        ulong track, long atNs, TrackEvent.Types.Type type, string name, ReadOnlySpan<TraceArgument> arguments, IEnumerable<ulong>? from, IEnumerable<ulong>? to)
    {
        InternedData? names = null;
        var packet = new TrackEvent { Type = type, TrackUuid = track, NameIid = Number(_names, name, ref names, data => data.EventNames) };
        foreach (var argument in arguments)
        {
            if (!argument.IsThere)
            {
                continue;
            }

            var annotation = new DebugAnnotation { NameIid = Number(_arguments, argument.Name, ref names, data => data.DebugAnnotationNames) };
            if (argument.Text is { } text)
            {
                annotation.StringValue = text;
            }
            else
            {
                annotation.IntValue = argument.Number!.Value;
            }

            packet.DebugAnnotations.Add(annotation);
        }

        packet.FlowIds.AddRange(from ?? []);
        packet.TerminatingFlowIds.AddRange(to ?? []);
        Write(atNs, packet, names);
    }

    private static ulong Number(Dictionary<string, ulong> known, string name, ref InternedData? news, Func<InternedData, Google.Protobuf.Collections.RepeatedField<InternedName>> of)
    {
        if (!known.TryGetValue(name, out var number))
        {
            number = (ulong)known.Count + 1;
            known.Add(name, number);
            of(news ??= new InternedData()).Add(new InternedName { Iid = number, Name = name });
        }

        return number;
    }

    private ulong Track(TrackDescriptor track)
    {
        track.Uuid = ++_track;
        Write(new TracePacket { TrackDescriptor = track });
        return track.Uuid;
    }

    private void Write(long atNs, TrackEvent item, InternedData? names)
    {
        var packet = new TracePacket { Timestamp = (ulong)atNs, TrackEvent = item };
        if (names is not null)
        {
            packet.InternedData = names;
        }

        Write(packet);
    }

    private void Write(TracePacket packet)
    {
        packet.TrustedPacketSequenceId = Sequence;
        packet.SequenceFlags = _begun ? NeedsIncrementalState : IncrementalStateCleared;
        _begun = true;
        _output.WriteTag(Trace.PacketFieldNumber, WireFormat.WireType.LengthDelimited);
        _output.WriteMessage(packet);
    }
}

/// <summary>What there is to say of something on a track.</summary>
/// <param name="Name">Under which name.</param>
/// <param name="Number">The number, or null.</param>
/// <param name="Text">The text, or null.</param>
internal readonly record struct TraceArgument(string Name, long? Number, string? Text)
{
    public TraceArgument(string name, long? number)
        : this(name, number, null)
    {
    }

    public TraceArgument(string name, string? text)
        : this(name, null, text)
    {
    }

    /// <summary>Whether there is one.</summary>
    public bool IsThere => Number is not null || Text is not null;
}
