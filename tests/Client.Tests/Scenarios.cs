using Reclaim.Client.ScenarioFormat;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Reads scenario text as if it stood in <c>s.yaml</c>.</summary>
internal static class Scenarios
{
    /// <summary>A small scenario, right in every key.</summary>
    public const string Small = """
        schema: reclaim/1
        name: small
        seed: 7
        kernel: { policy: mglru, variant: v6.8 }
        host:
          cpus: 2
          nodes: [ { memory: 1G } ]
          devices:
            ram0: { type: brd }
          cgroups:
            bench:
              memory.max: 64M
              workloads:
                - pattern: { pattern: zipf, theta: 0.5, n: 49152, nf: 12, seed: 1, acc: 300000, file: f0 }
        """;

    public static Scenario Read(string text, params string[] set) =>
        ScenarioFile.Parse("s.yaml", text, new ScenarioSettings(Names.Known) { Set = set });

    /// <summary>What is said about a wrong scenario, one line a problem.</summary>
    public static string[] Problems(string text, params string[] set) =>
        Assert.Throws<InputException>(() => Read(text, set)).Message.Split('\n');
}
