using System.Security.Cryptography;
using System.Text;
using Reclaim.Silo.Live;

namespace Reclaim.Live.Tests;

/// <summary>What is served is what the sources say.</summary>
public class LiveAssetTests
{
    [Theory]
    [InlineData("live.js")]
    [InlineData("live.css")]
    public void The_page_was_built_from_its_sources(string name)
    {
        var sources = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "live")).OrderBy(Path.GetFileName, StringComparer.Ordinal);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var source in sources)
        {
            hash.AppendData([.. Encoding.UTF8.GetBytes(Path.GetFileName(source)), 0, .. File.ReadAllBytes(source), 0]);
        }

        var expected = $"/*! reclaim live page, sources {Convert.ToHexStringLower(hash.GetHashAndReset())};";
        Assert.True(Served(name).StartsWith(expected, StringComparison.Ordinal), $"{name} is older than live/src: npm run build in live/");
    }

    private static string Served(string name)
    {
        using var stream = typeof(LiveAssets).Assembly.GetManifestResourceStream($"live/{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
