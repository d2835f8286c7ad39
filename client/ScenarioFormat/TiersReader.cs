using System.Collections.Immutable;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads what a host does with memory of two tiers: nodes with CPUs, and nodes without.</summary>
internal static class TiersReader
{
    private const string BalancingKey = "numa_balancing";
    private const string RateLimitKey = "numa_balancing_promote_rate_limit_MBps";
    private const string HotThresholdKey = "numa_balancing_hot_threshold_ms";

    /// <summary>NUMA_BALANCING_MEMORY_TIERING.</summary>
    private const int Tiering = 2;

    /// <summary>So that a rate in pages a second, times a minute, has room.</summary>
    private const long MaxRate = 1L << 40;

    private const long MaxThreshold = 1L << 31;

    /// <summary>demotion_enabled.</summary>
    public static bool Demotion(MapReader reader, ImmutableArray<NodeSpec> nodes)
    {
        var on = reader.Flag("demotion_enabled") ?? false;
        WarnWithoutTiers(reader, "demotion_enabled", on, nodes);
        return on;
    }

    /// <summary>numa_balancing: of its modes the one that goes by tiers.</summary>
    public static int Balancing(MapReader reader, ImmutableArray<NodeSpec> nodes)
    {
        if (reader.Integer(BalancingKey, 0, 3) is not { } mode)
        {
            return 0;
        }

        if (mode is not (0 or Tiering))
        {
            reader.Error(BalancingKey, $"{mode} is not in this version: 0, or {Tiering}, which brings pages back from nodes without CPUs");
            return 0;
        }

        WarnWithoutTiers(reader, BalancingKey, mode != 0, nodes);
        return (int)mode;
    }

    /// <summary>kernel.numa_balancing_promote_rate_limit_MBps.</summary>
    public static long RateLimit(MapReader reader) => Knob(reader, RateLimitKey, MaxRate) ?? new HostSpec().PromoteRateLimitMBps;

    /// <summary>numa_balancing/hot_threshold_ms of debugfs.</summary>
    public static long HotThreshold(MapReader reader) => Knob(reader, HotThresholdKey, MaxThreshold) ?? new HostSpec().HotThresholdMs;

    private static long? Knob(MapReader reader, string key, long most)
    {
        var value = reader.Integer(key, 1, most);
        if (value is not null && reader.Text(BalancingKey) != $"{Tiering}")
        {
            reader.Warn(key, $"has no effect without '{BalancingKey}: {Tiering}'");
        }

        return value;
    }

    private static void WarnWithoutTiers(MapReader reader, string key, bool on, ImmutableArray<NodeSpec> nodes)
    {
        if (on && !nodes.Any(node => node.IsMemoryOnly))
        {
            reader.Warn(key, "has no effect: there is no node with 'cpus: none' for pages to go to");
        }
    }
}
