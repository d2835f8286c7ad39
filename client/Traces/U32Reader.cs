using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Reclaim.Client.Traces;

/// <summary>Reads <see cref="TraceFormat.U32"/>.</summary>
internal sealed class U32Reader(string path, Stream content) : TraceReader
{
    public override int Read(Span<uint> pages)
    {
        var bytes = content.ReadAtLeast(MemoryMarshal.AsBytes(pages), pages.Length * sizeof(uint), throwOnEndOfStream: false);
        if (bytes % sizeof(uint) != 0)
            throw new TraceException(path, $"its {content.Position} bytes of content are not a multiple of four: truncated, or not of format u32");
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(pages, pages);
        return bytes / sizeof(uint);
    }
}
