using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads a host's <c>vm.dirty_…</c> keys, which are sysctl's.</summary>
internal static class DirtyReader
{
    /// <summary>The kernel takes no vm.dirty_bytes below two pages.</summary>
    private const long MinDirtyBytes = 2 * 4096;

    public static DirtySpec Read(MapReader host)
    {
        var usual = new DirtySpec();
        OneOfTwo(host, "vm.dirty_bytes", "vm.dirty_ratio");
        OneOfTwo(host, "vm.dirty_background_bytes", "vm.dirty_background_ratio");
        return new DirtySpec
        {
            Ratio = (int)(host.Integer("vm.dirty_ratio", 0, 100) ?? usual.Ratio),
            BackgroundRatio = (int)(host.Integer("vm.dirty_background_ratio", 0, 100) ?? usual.BackgroundRatio),
            Bytes = host.Size("vm.dirty_bytes", MinDirtyBytes) ?? 0,
            BackgroundBytes = host.Size("vm.dirty_background_bytes", 1) ?? 0,
            ExpireCentisecs = (int)(host.Integer("vm.dirty_expire_centisecs", 0, int.MaxValue) ?? usual.ExpireCentisecs),
            WritebackCentisecs = (int)(host.Integer("vm.dirty_writeback_centisecs", 0, int.MaxValue) ?? usual.WritebackCentisecs),
        };
    }

    private static void OneOfTwo(MapReader host, string bytes, string ratio)
    {
        if (host.Has(bytes) && host.Has(ratio))
        {
            host.Error(bytes, $"stands beside '{ratio}'; the kernel goes by one or the other");
        }
    }
}
