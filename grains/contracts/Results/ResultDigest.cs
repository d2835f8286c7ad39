using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace Reclaim.Contracts.Results;

/// <summary>
/// The digest of a run: SHA-256 over the UTF-8 JSON of the results with <c>wallSeconds</c> 0 and <c>digest</c> empty.
/// The same scenario and seed give the same digest on any number of silos, placement and machine.
/// </summary>
public static class ResultDigest
{
    /// <summary>How results are written: camel case, kernel counters under the kernel's names.</summary>
    public static JsonSerializerOptions Json { get; } = Make(indented: false);

    /// <summary>As <see cref="Json"/>, for people to read.</summary>
    public static JsonSerializerOptions IndentedJson { get; } = Make(indented: true);

    /// <summary>Returns the results with their digest filled in.</summary>
    public static RunResults Sealed(RunResults results)
    {
        var bare = results with { WallSeconds = 0, Digest = "", Interventions = default, Hosts = [.. results.Hosts.Select(WithoutWay)] };
        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(bare, Json));
        return results with { Digest = Convert.ToHexStringLower(hash) };
    }

    /// <summary>What a run was like on the way may be left out of its results, and is no part of what came of it.</summary>
    private static HostResult WithoutWay(HostResult host) => host.Cgroups.Values.All(IsBare) ? host with { Reclaims = default }
        : host with
        {
            Reclaims = default,
            Cgroups = host.Cgroups.ToImmutableSortedDictionary(entry => entry.Key, entry => Bare(entry.Value), host.Cgroups.KeyComparer),
        };

    private static bool IsBare(CgroupResult cgroup) => cgroup is { Series: null, Records: null } && cgroup.Workloads.All(workload => workload.LatencyHistogram is null);

    private static CgroupResult Bare(CgroupResult cgroup) =>
        cgroup with { Series = null, Records = null, Workloads = [.. cgroup.Workloads.Select(workload => workload with { LatencyHistogram = null })] };

    private static JsonSerializerOptions Make(bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = indented,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.Converters.Add(new CounterListConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
