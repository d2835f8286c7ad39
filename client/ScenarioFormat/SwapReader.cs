using System.Collections.Immutable;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads a host's <c>swap:</c>, <c>none</c> or a list of areas.</summary>
internal static class SwapReader
{
    private const int PageSize = 4096;

    /// <summary>Swap to memory: compressed, or a RAM disk that needs no entry under <c>devices</c>.</summary>
    private static readonly string[] _memoryTypes = ["zram", "brd"];

    public static ImmutableArray<SwapSpec> ReadAll(MapReader host, ImmutableArray<DeviceSpec> devices)
    {
        if (host.Take("swap")?.Value is ScenarioScalar scalar)
        {
            if (scalar.Text != "none")
            {
                host.Error("swap", $"'{scalar.Text}' is neither 'none' nor a list of areas, for example [ {{ type: zram, size: 8G }} ]");
            }

            return [];
        }

        var areas = host.Mappings("swap").Select(reader => Area(reader, devices)).ToImmutableArray();
        if (areas.Length > 1)
        {
            host.Error("swap", "not in this version: several swap areas");
        }

        return areas;
    }

    private static SwapSpec Area(MapReader reader, ImmutableArray<DeviceSpec> devices)
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

        var area = new SwapSpec(reader.OneOf("type", "swap type or device", types) ?? types[0], reader.Size("size", PageSize) ?? PageSize);
        reader.NotYet(("priority", "several swap areas"));
        reader.Finish();
        return area;
    }
}
