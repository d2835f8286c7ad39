namespace Reclaim.Model.Numa;

/// <summary>The knobs of numa_balancing 2.</summary>
/// <param name="HotThresholdMs">numa_balancing/hot_threshold_ms in debugfs: pages used so soon after they were marked are hot.</param>
/// <param name="RateLimitMBps">kernel.numa_balancing_promote_rate_limit_MBps: candidates that a node takes in a second, MiB.</param>
public sealed record PromotionPlan(long HotThresholdMs = 1000, long RateLimitMBps = 65536)
{
    /// <summary>The rate limit in pages a second.</summary>
    public long RateLimitPages => RateLimitMBps << (20 - 12);
}
