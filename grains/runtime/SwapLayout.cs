using Reclaim.Contracts.Spec;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;

namespace Reclaim.Grains;

/// <summary>The areas that a cgroup swaps to.</summary>
internal static class SwapLayout
{
    private const long PageBytes = 4096;
    private const string Zram = "zram";

    /// <summary>swapon gives the first area that comes without a priority −2, the next −3.</summary>
    private const int FirstPriority = -2;

    /// <exception cref="ArgumentException">Something that the model refuses.</exception>
    public static IReadOnlyList<SwapAreaPlan> Areas(HostSpec host, DeviceLayout devices, CostTable costs)
    {
        var areas = new List<SwapAreaPlan>();
        var least = FirstPriority;
        foreach (var area in host.Swap)
        {
            var (inNs, outNs) = Prices(host, area.Compressor, costs);
            areas.Add(new SwapAreaPlan
            {
                Pages = area.SizeBytes / PageBytes,
                Device = devices.SwapOn(area.Type),
                Priority = area.Priority ?? least--,
                Rotational = host.Devices.Any(device => device.Name == area.Type && device.Type == DeviceType.Rotational),
                InNs = inNs,
                OutNs = outNs,
                Ratio = area.Type == Zram && devices.IsMemoryType(Zram) ? area.Ratio ?? Compressor.Of(area.Compressor ?? Compressor.Default).Ratio : 0,
            });
        }

        return areas;
    }

    /// <summary>zswap as a cgroup has it: each as if it were alone.</summary>
    /// <exception cref="ArgumentException">Something that the model refuses.</exception>
    public static ZswapPlan? Zswap(HostSpec host, CgroupSpec cgroup, CostTable costs)
    {
        if (host.Zswap is not { } zswap)
        {
            return null;
        }

        var (inNs, outNs) = Prices(host, zswap.Compressor, costs);
        return new ZswapPlan
        {
            Ratio = zswap.Ratio ?? Compressor.Of(zswap.Compressor ?? Compressor.Default).Ratio,
            InNs = inNs,
            OutNs = outNs,
            MaxPoolPages = (long)((Int128)NumaLayout.Nodes(host).Sum(node => HostAssembly.Memory(host, node).Size) * zswap.MaxPoolPercent / 100),
            AcceptThresholdPercent = zswap.AcceptThresholdPercent,
            MaxPages = (cgroup.ZswapMax ?? long.MaxValue) / PageBytes,
            Writeback = cgroup.ZswapWriteback,
        };
    }

    /// <summary>
    /// Whether what one cgroup swaps out may matter to another: there may come to be more than the first area holds, or half of all, from
    /// where on slots are given back early.
    /// </summary>
    public static bool IsShort(HostSpec host)
    {
        var (devices, areas) = (new DeviceLayout(host), host.Swap.Sum(area => area.SizeBytes) / PageBytes);
        var swapping = host.Cgroups.Select(cgroup => Math.Min(cgroup.SwapMax / PageBytes ?? long.MaxValue, HeapLayout.Of(cgroup).Pages.Sum(pages => (long)pages))).Where(pages => pages > 0).ToList();
        return areas > 0 && swapping.Count > 1
            && swapping.Sum(pages => Math.Min(pages, areas)) > Math.Min(areas / 2, Areas(host, devices, CostTable.Default).MaxBy(area => area.Priority)!.Pages);
    }

    /// <summary>Most pages of the host's memory that swapping a cgroup to compressed areas takes.</summary>
    public static long CompressedLimit(HostSpec host, CgroupSpec cgroup)
    {
        var swap = Math.Min(host.Swap.Sum(area => area.SizeBytes), cgroup.SwapMax ?? long.MaxValue) / PageBytes;
        return SwapAreaPlan.CompressedLimit(Areas(host, new DeviceLayout(host), CostTable.Default), Math.Min(swap, HeapLayout.Of(cgroup).Pages.Sum(pages => (long)pages)));
    }

    /// <summary>What a page in and a page out cost: as the cost table says, unless a compressor is named and the scenario does not price swapping itself.</summary>
    internal static (long InNs, long OutNs) Prices(HostSpec host, string? compressor, CostTable costs)
    {
        if (compressor is null)
        {
            return (costs.SwapInNs, costs.SwapOutNs);
        }

        var of = Compressor.Of(compressor);
        return (IsSaid("swap_in") ? costs.SwapInNs : of.InNs, IsSaid("swap_out") ? costs.SwapOutNs : of.OutNs);

        bool IsSaid(string cost) => host.Costs.Any(said => said.Name == cost);
    }
}
