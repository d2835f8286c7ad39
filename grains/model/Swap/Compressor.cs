namespace Reclaim.Model.Swap;

/// <summary>
/// What a compressor makes of a page, and what that costs.
///
/// Ratios and times of decompression: "Zram Performance Analysis" (random reads of 4 KiB: lz4 1.7 µs, lzo-rle 2.2 µs, zstd 5.7 µs; ratios
/// 2.63, 2.74, 3.37). Times of compression, with taking the page out of the page tables: estimates, within lz4 1.5–4 µs and zstd 5–15 µs.
/// </summary>
/// <param name="Ratio">Size of pages against their size compressed.</param>
/// <param name="InNs">Reading a page, nanoseconds of CPU.</param>
/// <param name="OutNs">Writing a page.</param>
public readonly record struct Compressor(double Ratio, long InNs, long OutNs)
{
    /// <summary>The default of zram and, here, of zswap.</summary>
    public const string Default = "lz4";

    /// <summary>Compressors by name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["lzo-rle", "lz4", "zstd"];

    /// <exception cref="ArgumentException">No such compressor.</exception>
    public static Compressor Of(string name) => name switch
    {
        "lzo-rle" => new(2.74, 2200, 3500),
        "lz4" => new(2.63, 1700, 3000),
        "zstd" => new(3.37, 5700, 10_000),
        _ => throw new ArgumentException($"no compressor is called '{name}': {string.Join(", ", Names)}", nameof(name)),
    };
}
