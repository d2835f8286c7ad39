namespace Reclaim.Model.Tests.LruGenFiles;

/// <summary>
/// The two texts of lru_gen_full in "Re: [PATCH mm-unstable v1 1/4] mm/mglru: fix underprotected page cache" (LKML, December 2023),
/// in the columns the kernel gave them before a mail client wrapped the lines.
/// </summary>
internal static class SeedDumps
{
    /// <summary>MongoDB on 6.7-rc with the series, LRU_REFS_WIDTH 2.</summary>
    public static string ThisPatch { get; } = Read("this-patch");

    /// <summary>The same on the refault-distance RFC.</summary>
    public static string Rfc { get; } = Read("rfc");

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "LruGenFiles", name + ".lru_gen_full"));
}
