using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Reclaim.Grains.Storage;

namespace Reclaim.Silo.Remote;

/// <summary>What runs of a cluster are called.</summary>
public static partial class RunNames
{
    /// <summary>Room for the time.</summary>
    private const int LongestScenario = StoreNames.MaxLength - 24;

    /// <summary>Whether a run can be called so.</summary>
    public static bool IsName(string name) => StoreNames.IsName(name);

    /// <summary>A name that no other run has: the scenario's, and the time, so that those of a scenario sort by it.</summary>
    public static string For(string scenario)
    {
        var bare = Other().Replace(scenario, "-").Trim('-', '.', '_');
        bare = bare.Length == 0 ? "run" : bare.Length > LongestScenario ? bare[..LongestScenario] : bare;
        var time = DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        return $"{bare}-{time}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}";
    }

    [GeneratedRegex("[^A-Za-z0-9._-]+")]
    private static partial Regex Other();
}
