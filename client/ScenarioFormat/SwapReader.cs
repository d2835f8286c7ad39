using System.Collections.Immutable;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads a host's <c>swap:</c>, <c>none</c> or a list of areas, and its <c>zswap:</c>.</summary>
internal static class SwapReader
{
    private const int PageSize = 4096;

    /// <summary>swapon takes a priority of 16 bits, and none below 0.</summary>
    private const int MaxPriority = 32_767;

    private const double MaxRatio = 1000;

    /// <summary>MAX_SWAPFILES, less what the kernel keeps for itself.</summary>
    private const int MaxAreas = 28;

    private const string Zram = "zram";

    /// <summary>Swap to memory: compressed, or a RAM disk that needs no entry under <c>devices</c>.</summary>
    private static readonly string[] _memoryTypes = [Zram, "brd"];

    public static ImmutableArray<SwapSpec> ReadAll(MapReader host, ScenarioContext context, ImmutableArray<DeviceSpec> devices)
    {
        if (host.Take("swap")?.Value is ScenarioScalar scalar)
        {
            if (scalar.Text != "none")
            {
                host.Error("swap", $"'{scalar.Text}' is neither 'none' nor a list of areas, for example [ {{ type: zram, size: 8G }} ]");
            }

            return [];
        }

        var areas = host.Mappings("swap").Select(reader => Area(reader, context, devices)).ToImmutableArray();
        if (areas.Length > MaxAreas)
        {
            host.Error("swap", $"{areas.Length} areas; the kernel takes {MaxAreas}");
        }

        return areas;
    }

    /// <summary>Reads <c>zswap:</c>, a mapping with <c>enabled: yes</c>.</summary>
    public static ZswapSpec? Zswap(MapReader host, ScenarioContext context, ImmutableArray<SwapSpec> swap)
    {
        if (host.Mapping("zswap") is not { } reader)
        {
            return null;
        }

        var (compressor, ratio) = Compression(reader, context);
        var defaults = new ZswapSpec();
        var zswap = new ZswapSpec
        {
            Compressor = compressor,
            Ratio = ratio,
            MaxPoolPercent = (int)(reader.Integer("max_pool_percent", 0, 100) ?? defaults.MaxPoolPercent),
            AcceptThresholdPercent = (int)(reader.Integer("accept_threshold_percent", 0, 100) ?? defaults.AcceptThresholdPercent),
        };
        var enabled = reader.Flag("enabled") ?? true;
        reader.Finish();
        if (enabled && swap.IsEmpty)
        {
            host.Warn("zswap", "has no effect: the host has no swap for it to stand in front of");
        }

        return enabled ? zswap : null;
    }

    /// <summary>Reads <c>compressor</c> and <c>ratio</c>, of a zram area or of zswap.</summary>
    public static (string? Compressor, double? Ratio) Compression(MapReader reader, ScenarioContext context) =>
        (reader.OneOf("compressor", "compressor", context.Names.Compressors), reader.Number("ratio", 1, MaxRatio));

    private static SwapSpec Area(MapReader reader, ScenarioContext context, ImmutableArray<DeviceSpec> devices)
    {
        string[] types = [.. _memoryTypes, .. devices.Select(device => device.Name).Except(_memoryTypes)];
        foreach (var key in new[] { "type", "size" })
        {
            if (!reader.Has(key))
            {
                reader.Error(key, key == "type"
                    ? $"missing: what is swapped to: {string.Join(", ", types)}"
                    : "missing: the area's size, for example 8G");
            }
        }

        var (compressor, ratio) = Compression(reader, context);
        var area = new SwapSpec(reader.OneOf("type", "swap type or device", types) ?? types[0], reader.Size("size", PageSize) ?? PageSize)
        {
            Priority = (int?)reader.Integer("priority", 0, MaxPriority),
            Compressor = compressor,
            Ratio = ratio,
        };
        foreach (var key in new[] { "compressor", "ratio" })
        {
            if (reader.Has(key) && (area.Type != Zram || devices.Any(device => device.Name == Zram)))
            {
                reader.Error(key, $"goes with zram only: what is written to {area.Type} is not compressed");
            }
        }

        reader.Finish();
        return area;
    }
}
