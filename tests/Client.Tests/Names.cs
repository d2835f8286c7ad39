using System.Collections.Immutable;
using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Tests;

/// <summary>Names as the model gives them, fixed here so that these tests are about the format alone.</summary>
internal static class Names
{
    public static KernelNames Known { get; } = new(
        ["mglru", "classic", "lru", "fifo", "clock"],
        ["v6.1.192", "v6.7-rc4", "v6.8", "v6.12.117", "rfc-v4", "v6.12.117-unfixed", "v6.12.117-refault-distance"],
        new Dictionary<string, ImmutableArray<string>>
        {
            ["protect.saturated"] = ["yes", "no"],
            ["insert.coldFile"] = ["oldest", "fixed"],
        }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        ["brd", "nvme", "ssd", "hdd", "custom"],
        ["hit", "miss"]);
}
