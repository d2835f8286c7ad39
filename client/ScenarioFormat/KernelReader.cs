using System.Collections.Immutable;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads <c>kernel:</c>.</summary>
internal static class KernelReader
{
    public static KernelSpec Read(MapReader? reader, ScenarioContext context)
    {
        var kernel = new KernelSpec();
        if (reader is null)
        {
            return kernel;
        }

        kernel = new KernelSpec
        {
            Policy = reader.OneOf("policy", "policy", context.Names.Policies) ?? kernel.Policy,
            Variant = reader.OneOf("variant", "variant", context.Names.Variants) ?? kernel.Variant,
            LruRefsWidth = (int)(reader.Integer("lru_refs_width", 0, 2) ?? kernel.LruRefsWidth),
            Swappiness = (int)(reader.Integer("swappiness", 0, 200) ?? kernel.Swappiness),
            MinTtlMs = (int)(reader.Integer("min_ttl_ms", 0, int.MaxValue) ?? 0),
            LruGenStats = reader.Flag("lru_gen_stats"),
            Rules = Rules(reader, context),
            PageCluster = (int)(reader.Integer("page_cluster", 0, context.Names.MaxPageCluster) ?? kernel.PageCluster),
        };
        reader.Finish();
        return kernel;
    }

    /// <summary>Says what the hosts leave without effect.</summary>
    public static void CheckSwap(MapReader? reader, KernelSpec kernel, ImmutableArray<HostSpec> hosts)
    {
        if (reader?.Has("page_cluster") == true && hosts.All(host => host.Swap.IsEmpty))
        {
            reader.Warn("page_cluster", hosts.Length > 1 ? "has no effect: no host has swap" : "has no effect: the host has no swap");
        }

        if (kernel.Swappiness != new KernelSpec().Swappiness && hosts.All(host => host.Swap.IsEmpty))
        {
            reader?.Warn("swappiness", hosts.Length > 1 ? "has no effect: no host has swap" : "has no effect: the host has no swap");
        }
    }

    private static ImmutableArray<RuleOverride> Rules(MapReader reader, ScenarioContext context)
    {
        if (reader.Mapping("rules") is not { } rules)
        {
            return [];
        }

        var overrides = ImmutableArray.CreateBuilder<RuleOverride>();
        foreach (var (name, _, _) in rules.Map.Entries)
        {
            if (!context.Names.Rules.TryGetValue(name, out var values))
            {
                _ = rules.Take(name);
                rules.Error(name, $"no rule '{name}'{Nearest.Suggestion(name, context.Names.Rules.Keys)}");
            }
            else if (rules.Text(name) is { } value)
            {
                if (values.Length > 0 && !values.Contains(value))
                {
                    rules.Error(name, $"no value '{value}'{Nearest.Suggestion(value, values)}");
                }

                overrides.Add(new RuleOverride(name, value));
            }
        }

        return overrides.ToImmutable();
    }
}
