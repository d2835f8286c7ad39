using System.Text.Json;

namespace Reclaim.Model.Tests.LruGenFiles;

/// <summary>Texts that kernels printed.</summary>
internal static class LruGenTexts
{
    /// <summary>
    /// MongoDB under TPC-C on "mm/mglru: fix underprotected page cache", after 919 s, and on its RFC v4, after 908 s.
    /// Source: LKML, "Re: [PATCH mm-unstable v1 1/4] mm/mglru: fix underprotected page cache", 19 Dec 2023.
    /// </summary>
    public static readonly string[] Published = ["this-patch", "rfc-v4"];

    private static readonly string Measurements = Path.Combine(AppContext.BaseDirectory, "ground-truth");

    public static string OfPublished(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "LruGenFiles", name + ".txt"));

    /// <summary>The names of all measurements.</summary>
    public static IEnumerable<string> Measured() =>
        Directory.EnumerateFiles(Measurements, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal);

    /// <summary>lru_gen_full at the end of a measurement.</summary>
    public static string FullOf(string name)
    {
        using var truth = Load(name);
        return truth.RootElement.GetProperty("measured").GetProperty("lru_gen_full").GetString()!;
    }

    /// <summary>lru_gen at each observation of a measurement.</summary>
    public static string[] SeriesOf(string name)
    {
        using var truth = Load(name);
        return
        [
            .. truth.RootElement.GetProperty("series").EnumerateArray()
                .Where(point => point.TryGetProperty("lru_gen", out _)).Select(point => point.GetProperty("lru_gen").GetString()!),
        ];
    }

    private static JsonDocument Load(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Measurements, name + ".json")));
}
