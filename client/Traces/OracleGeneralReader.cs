using System.Buffers.Binary;

namespace Reclaim.Client.Traces;

/// <summary>Reads <see cref="TraceFormat.OracleGeneral"/>.</summary>
internal sealed class OracleGeneralReader(string path, Stream content) : TraceReader
{
    private const int RecordLength = 24;
    private const int IdOffset = 4;

    private readonly Dictionary<ulong, uint> _pages = [];
    private readonly byte[] _records = new byte[RecordLength * 1024];

    public override int Read(Span<uint> pages)
    {
        var wanted = Math.Min(pages.Length * RecordLength, _records.Length);
        var bytes = content.ReadAtLeast(_records.AsSpan(0, wanted), wanted, throwOnEndOfStream: false);
        if (bytes % RecordLength != 0)
        {
            throw new TraceException(
                path, $"record {content.Position / RecordLength} is cut short after {bytes % RecordLength} of its {RecordLength} bytes: truncated, or not of format oracleGeneral");
        }

        for (var i = 0; i < bytes / RecordLength; i++)
            pages[i] = Page(BinaryPrimitives.ReadUInt64LittleEndian(_records.AsSpan(i * RecordLength + IdOffset)));
        return bytes / RecordLength;
    }

    private uint Page(ulong id)
    {
        if (!_pages.TryGetValue(id, out var page))
            _pages.Add(id, page = (uint)_pages.Count);
        return page;
    }
}
