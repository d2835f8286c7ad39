namespace Reclaim.Model.Writeback;

/// <summary>The kernel's tick, in which writers sleep and rates are measured: CONFIG_HZ is 250, as distributions have it.</summary>
internal static class Jiffies
{
    /// <summary>Ticks of a second.</summary>
    public const int Hz = 250;

    /// <summary>Nanoseconds of a tick.</summary>
    public const long Ns = 1_000_000_000 / Hz;

    /// <summary>HZ rounded up to a power of two.</summary>
    public const int RoundHz = 256;

    /// <summary>Ticks passed.</summary>
    public static long At(long nowNs) => nowNs / Ns;
}
