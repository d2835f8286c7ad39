using System.IO.Compression;
using Reclaim.Client.Perfetto.Format;
using Xunit;

namespace Reclaim.Client.Tests.Perfetto;

/// <summary>
/// A trace as a reader has it: packets sorted by time, names looked up, slices nested by when they begin and end on their track. What a reader
/// would drop or repair in silence fails here.
/// </summary>
internal sealed class TraceReading
{
    private readonly Dictionary<ulong, TrackDescriptor> _tracks = [];
    private readonly Dictionary<ulong, string> _names = [];
    private readonly Dictionary<ulong, string> _arguments = [];
    private readonly Dictionary<ulong, Stack<Slice>> _open = [];

    public TraceReading(byte[] file)
    {
        using var plain = new MemoryStream();
        if (file is [0x1f, 0x8b, ..])
        {
            using var compressed = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
            compressed.CopyTo(plain);
        }
        else
        {
            plain.Write(file);
        }

        var packets = Trace.Parser.ParseFrom(plain.ToArray()).Packet;
        Assert.Equal(1u, packets[0].SequenceFlags);
        foreach (var packet in packets)
        {
            Assert.Equal(1u, packet.TrustedPacketSequenceId);
            Learn(packet);
        }

        foreach (var packet in packets.Where(packet => packet.TrackEvent is not null).OrderBy(packet => packet.Timestamp))
        {
            Read((long)packet.Timestamp, packet.TrackEvent);
        }

        Assert.All(_open, track => Assert.Empty(track.Value));
    }

    public List<Slice> Slices { get; } = [];

    public List<Slice> Instants { get; } = [];

    /// <summary>Counters by the path of their track.</summary>
    public Dictionary<string, List<(long AtNs, long Value)>> Counters { get; } = [];

    /// <summary>Paths of all tracks.</summary>
    public IEnumerable<string> Tracks => _tracks.Keys.Select(PathOf);

    /// <summary>What a track says of itself.</summary>
    public string DescriptionOf(string path) => _tracks.Values.First(track => PathOf(track.Uuid) == path).Description;

    /// <summary>From where each arrow goes to where.</summary>
    public IEnumerable<(Slice From, Slice To)> Arrows()
    {
        var ends = Slices.Concat(Instants).SelectMany(slice => slice.To.Select(arrow => (arrow, slice))).ToDictionary(end => end.arrow, end => end.slice);
        var begins = Slices.SelectMany(slice => slice.From.Select(arrow => (arrow, slice))).ToDictionary(begin => begin.arrow, begin => begin.slice);
        Assert.Equal(begins.Keys.Order(), ends.Keys.Order());
        return begins.Select(begin => (begin.Value, ends[begin.Key]));
    }

    private void Learn(TracePacket packet)
    {
        if (packet.TrackDescriptor is { } track)
        {
            Assert.True(_tracks.TryAdd(track.Uuid, track), $"two tracks {track.Uuid}");
            Assert.True(track.Process is not null || _tracks.ContainsKey(track.ParentUuid), $"{track.Name} has no parent");
        }

        foreach (var name in packet.InternedData?.EventNames ?? [])
        {
            Assert.True(_names.TryAdd(name.Iid, name.Name), $"two names {name.Iid}");
        }

        foreach (var name in packet.InternedData?.DebugAnnotationNames ?? [])
        {
            Assert.True(_arguments.TryAdd(name.Iid, name.Name), $"two arguments {name.Iid}");
        }
    }

    private void Read(long atNs, TrackEvent item)
    {
        var path = PathOf(item.TrackUuid);
        switch (item.Type)
        {
            case TrackEvent.Types.Type.Counter:
                var counter = Counters.TryGetValue(path, out var known) ? known : Counters[path] = [];
                Assert.True(counter.Count == 0 || counter[^1].AtNs <= atNs);
                counter.Add((atNs, item.CounterValue));
                break;
            case TrackEvent.Types.Type.SliceEnd:
                _open[item.TrackUuid].Pop().EndNs = atNs;
                break;
            default:
                var open = _open.TryGetValue(item.TrackUuid, out var stack) ? stack : _open[item.TrackUuid] = [];
                var slice = new Slice(path, _names[item.NameIid], atNs, open.Count == 0 ? null : open.Peek())
                {
                    EndNs = atNs,
                    From = [.. item.FlowIds],
                    To = [.. item.TerminatingFlowIds],
                    Arguments = item.DebugAnnotations.ToDictionary(argument => _arguments[argument.NameIid], argument => argument.HasStringValue ? argument.StringValue : $"{argument.IntValue}"),
                };
                if (item.Type == TrackEvent.Types.Type.SliceBegin)
                {
                    open.Push(slice);
                    Slices.Add(slice);
                }
                else
                {
                    Instants.Add(slice);
                }

                break;
        }
    }

    private string PathOf(ulong track) => _tracks[track] is { Process: { } process } ? process.ProcessName : $"{PathOf(_tracks[track].ParentUuid)} > {_tracks[track].Name}";

    /// <summary>Something on a track.</summary>
    internal sealed class Slice(string track, string name, long startNs, Slice? parent)
    {
        public string Track => track;

        public string Name => name;

        public long StartNs => startNs;

        /// <summary>What it is a part of.</summary>
        public Slice? Parent => parent;

        public long EndNs { get; set; }

        public ulong[] From { get; init; } = [];

        public ulong[] To { get; init; } = [];

        public Dictionary<string, string> Arguments { get; init; } = [];

        public long Number(string argument) => long.Parse(Arguments[argument], System.Globalization.CultureInfo.InvariantCulture);
    }
}
