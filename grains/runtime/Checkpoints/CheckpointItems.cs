using System.Globalization;

namespace Reclaim.Grains.Checkpoints;

/// <summary>What the parts of a checkpoint are called in the store: the host's own is written last, and makes it whole.</summary>
internal static class CheckpointItems
{
    /// <summary>The part of a host.</summary>
    public static string Host(int host, long number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix(host)}{number:D8}");

    /// <summary>The part of a memcg that is not on the silo of its host.</summary>
    public static string Memcg(int host, long number, int cgroup) => string.Create(CultureInfo.InvariantCulture, $"{Host(host, number)}.cgroup{cgroup}");

    /// <summary>Numbers of the checkpoints of a host that are whole, the last first.</summary>
    public static IEnumerable<long> Numbers(IEnumerable<string> items, int host) => items
        .Where(item => item.StartsWith(Prefix(host), StringComparison.Ordinal))
        .Select(item => long.TryParse(item.AsSpan(Prefix(host).Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
        .Where(number => number > 0).OrderDescending();

    /// <summary>The highest number of a checkpoint of a host of which there is anything; 0: none.</summary>
    public static long Highest(IEnumerable<string> items, int host) => items
        .Where(item => item.StartsWith(Prefix(host), StringComparison.Ordinal))
        .Select(item => item.AsSpan(Prefix(host).Length) is var rest && rest.IndexOf('.') is var end
            && long.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
        .DefaultIfEmpty().Max();

    /// <summary>Whether an item is part of a checkpoint.</summary>
    public static bool IsPart(string item) => item.StartsWith("host", StringComparison.Ordinal);

    private static string Prefix(int host) => string.Create(CultureInfo.InvariantCulture, $"host{host}.");
}
