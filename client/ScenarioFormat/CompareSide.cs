using System.Globalization;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>
/// One side of a comparison, as written: a variant (<c>v6.8</c>), a policy (<c>classic</c>, <c>lru</c>), both
/// (<c>classic@v6.1.192</c>), each with another width of the access counter if need be (<c>v6.8:w1</c>).
/// </summary>
internal sealed record CompareSide(string Text, string? Policy, string? Variant, int? Width)
{
    /// <returns>What is wrong, or null.</returns>
    public static string? TryParse(string text, KernelNames names, out CompareSide side)
    {
        side = new CompareSide(text, null, null, null);
        var parts = text.Trim().Split(':');
        int? width = null;
        if (parts.Length > 2 || (parts.Length == 2 && !TryWidth(parts[1], out width)))
        {
            return $"'{text}' is not a side: a variant or a policy, perhaps with a width: v6.8:w1 (w0, w1 or w2)";
        }

        var name = parts[0].Split('@');
        if (name.Length == 1 && names.Variants.Contains(name[0]))
        {
            side = new CompareSide(text, "mglru", name[0], width);
            return null;
        }

        if (!names.Policies.Contains(name[0]))
        {
            return $"no variant or policy '{name[0]}'{Nearest.Suggestion(name[0], names.Variants.Concat(names.Policies))}";
        }

        if (name.Length == 2 && !names.Variants.Contains(name[1]))
        {
            return $"no variant '{name[1]}'{Nearest.Suggestion(name[1], names.Variants)}";
        }

        if (name.Length > 2)
        {
            return $"'{text}' is not a side: POLICY@VARIANT";
        }

        side = new CompareSide(text, name[0], name.Length == 2 ? name[1] : null, width);
        return null;
    }

    public KernelSpec Apply(KernelSpec kernel) => kernel with
    {
        Policy = Policy ?? kernel.Policy,
        Variant = Variant ?? kernel.Variant,
        LruRefsWidth = Width ?? kernel.LruRefsWidth,
    };

    private static bool TryWidth(string text, out int? width)
    {
        width = null;
        if (text is not ("w0" or "w1" or "w2"))
        {
            return false;
        }

        width = int.Parse(text.AsSpan(1), CultureInfo.InvariantCulture);
        return true;
    }
}
