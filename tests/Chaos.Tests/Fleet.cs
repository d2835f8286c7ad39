using System.Buffers.Binary;

namespace Reclaim.Chaos.Tests;

/// <summary>What runs meanwhile: three machines short of memory, one of whose cgroups replays a trace that its client must send.</summary>
internal static class Fleet
{
    private const int TracePages = 20_000;
    private const int TraceAccesses = 1_500_000;

    /// <summary>Writes the scenario and its trace.</summary>
    /// <returns>Path of the scenario.</returns>
    public static string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        WriteTrace(Path.Combine(folder, "trace.u32"));
        var scenario = Path.Combine(folder, "fleet.yaml");
        File.WriteAllText(scenario, $$"""
            schema: reclaim/1
            name: fleet
            kernel: { variant: v6.12.117, swappiness: 100 }
            hosts:
              - count: 3
                name: node
                nodes: [ { memory: 96M, used: 16M } ]
                swap: [ { type: zram, size: 64M } ]
                devices: { disk: { type: nvme } }
                cgroups:
                  db: { memory.low: 16M, workloads: [ { pattern: { pattern: zipf, n: 12000, theta: 0.9, acc: 12000000, device: disk } } ] }
                  scan: { workloads: [ { pattern: { pattern: scan, n: 30000, acc: 800000, device: disk } } ] }
                  heap: { workloads: [ { pattern: { kind: anon-read, pattern: zipf, n: 8000, theta: 0.7, acc: 2000000, wr: 200, prefill: yes } } ] }
                  replay: { workloads: [ { trace: { file: trace.u32, format: u32, kind: read, pages: {{TracePages}}, device: disk } } ] }
            """);
        return scenario;
    }

    /// <summary>Pages of which a few are popular, from a generator of 64 bits.</summary>
    private static void WriteTrace(string path)
    {
        var pages = new byte[TraceAccesses * sizeof(uint)];
        var state = 1UL;
        for (var i = 0; i < TraceAccesses; i++)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            var draw = (uint)(state >> 33);
            var page = (draw & 7) != 0 ? (draw >> 3) % (TracePages / 8) : (draw >> 3) % TracePages;
            BinaryPrimitives.WriteUInt32LittleEndian(pages.AsSpan(i * sizeof(uint)), page);
        }

        File.WriteAllBytes(path, pages);
    }
}
