using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Reclaim.Model.Tests.Reference;

/// <summary>A trace of the folder <c>traces</c>.</summary>
internal sealed record RealTrace(uint[] Requests, int Pages)
{
    public static RealTrace Read(string name)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "traces", $"cache2k-{name}.u32.gz"));
        using var unzipped = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionMode.Decompress))
            gzip.CopyTo(unzipped);

        var requests = MemoryMarshal.Cast<byte, uint>(unzipped.ToArray()).ToArray();
        return new RealTrace(requests, (int)requests.Max() + 1);
    }
}
