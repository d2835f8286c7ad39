using System.IO.Compression;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Perfetto;

/// <summary>
/// A run, or several side by side, as a trace that Perfetto shows: https://ui.perfetto.dev.
///
/// <code>
///   process: host (of a side)
///    ├─ kswapd0                              rounds, and the scans that they came to
///    ├─ node 0: free pages
///    └─ /cgroup
///        ├─ task                             reclaim that it does for its own cgroup, with its scans; where it gets nowhere
///        ├─ reclaim above                    what a task of it waits for: a limit above, its node ──┐ arrow: took from
///        ├─ control files                                                                          │
///        ├─ taken by kswapd and others  ◄──────────────────────────────────────────────────────────┘──┐ arrow: came back
///        ├─ refaults  ◄───────────────────────────────────────────────────────────────────────────────┘
///        └─ charged, file_age0, …            samples
/// </code>
/// </summary>
internal static class PerfettoTrace
{
    /// <summary>Names of files that are compressed end with it.</summary>
    private const string Gzip = ".gz";

    /// <summary>The bytes of the file.</summary>
    /// <param name="runs">The runs, each with the name of its side, or one without.</param>
    /// <param name="path">The file's name.</param>
    public static byte[] Of(IReadOnlyList<(string? Side, RunResults Run)> runs, string path)
    {
        using var file = new MemoryStream();
        if (path.EndsWith(Gzip, StringComparison.Ordinal))
        {
            using var compressed = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true);
            Write(runs, compressed);
        }
        else
        {
            Write(runs, file);
        }

        return file.ToArray();
    }

    private static void Write(IReadOnlyList<(string? Side, RunResults Run)> runs, Stream stream)
    {
        using var writer = new TraceWriter(stream);
        var pid = 0;
        foreach (var (side, run) in runs)
        {
            foreach (var host in run.Hosts)
            {
                var process = writer.Process(++pid, side is null ? host.Name : $"{side}: {host.Name}");
                new HostTracks(writer, process, host).Write();
            }
        }
    }
}
