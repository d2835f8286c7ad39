namespace Reclaim.Client.Explain;

/// <summary>What the kinds of time are called in sentences and tables.</summary>
internal static class KindNames
{
    private static readonly Dictionary<string, string> _names = new(StringComparer.Ordinal)
    {
        [Explanation.Misses] = "misses",
        ["hit"] = "reading from the page cache",
        ["load"] = "loads and stores through page tables",
        ["write"] = "writing to the page cache",
        ["remote"] = "memory farther away",
        ["numa_balancing"] = "finding and promoting hot pages",
        ["think"] = "thinking between requests",
        ["cpu_wait"] = "waiting for a CPU",
        ["cpu_throttle"] = "throttled by cpu.max",
        ["fault"] = "page faults",
        ["miss"] = "bringing pages in",
        ["swap"] = "swapping, in CPU time",
        ["device_wait"] = "waiting for the device",
        ["lru_lock_wait"] = "waiting for the lru_lock",
        ["lru_moves"] = "moving pages between lists",
        ["reclaim"] = "reclaim by the task itself",
        ["reclaim_wait"] = "reclaim waiting for writeback",
        ["dirty_throttle"] = "throttled for dirty pages",
        ["high_throttle"] = "throttled for memory.high",
    };

    public static string Of(string kind) => _names.GetValueOrDefault(kind, kind);
}
