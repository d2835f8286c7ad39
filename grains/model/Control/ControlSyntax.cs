using System.Globalization;
using System.Text.RegularExpressions;
using Reclaim.Model.Kernels;
using Reclaim.Model.LruGenFiles;
using Reclaim.Model.MultiGen;

namespace Reclaim.Model.Control;

/// <summary>What the control files take, read from text: the same before a run, to refuse nonsense early, and while it runs.</summary>
public static partial class ControlSyntax
{
    private const string SwappinessKey = "swappiness=";
    private const string AnonOnly = "max";
    private const int EvictionRound = 64;

    /// <summary>Advice that can be given on a file.</summary>
    public static IReadOnlyList<string> Advice { get; } = ["dontneed", "willneed"];

    /// <summary>What is wrong with a text written to a file, or null. Placeholders stand for numbers.</summary>
    /// <param name="file">The file.</param>
    /// <param name="text">The text.</param>
    /// <param name="kernel">The kernel that is to take it.</param>
    /// <param name="fileNames">Files that advice can be given on.</param>
    public static string? Problem(ControlFile file, string text, KernelChoice kernel, IReadOnlyList<string> fileNames)
    {
        switch (file)
        {
            case ControlFile.MemoryMax:
                return !MemorySize.TryRead(text, out var max) ? NoSize(text)
                    : max == long.MaxValue ? "not in this version: a cgroup without a limit"
                    : max < EvictionRound ? $"{text} is less than one round of reclaim, {EvictionRound} pages" : null;
            case ControlFile.MemoryHigh or ControlFile.MemoryLow or ControlFile.MemoryMin or ControlFile.MemorySwapMax:
                return MemorySize.TryRead(text, out _) ? null : NoSize(text);
            case ControlFile.MemoryReclaim:
                return TryReadReclaim(text, out _, out var swappiness) is false ? $"'{text}' is not a size, perhaps with {SwappinessKey}0 to {LruGenCommand.MaxSwappiness}"
                    : Takes(kernel.ResolveRules(), swappiness) ? null
                    : swappiness > LruGenCommand.MaxSwappiness ? $"{kernel.Variant} takes no {SwappinessKey}{AnonOnly} (v6.16 and later do)"
                    : $"{kernel.Variant} takes no swappiness (v6.9 and later do)";
            case ControlFile.Swappiness:
                return TryReadNumber(text, 0, LruGenCommand.MaxSwappiness, out _) ? null : $"'{text}' is not a number from 0 to {LruGenCommand.MaxSwappiness}";
            case ControlFile.LruGenEnabled:
                return TryReadCapabilities(text, out _) ? null : $"'{text}' is neither y nor n nor a number of bits (1 core, 2 page-table walks, 4 by accessed bits of tables)";
            case ControlFile.LruGen:
                return LruGenCommand.Parse(Placeholder().Replace(text, "0"), MaxCommandSwappiness(kernel.ResolveRules())).Error?.ToString();
            case ControlFile.DropCaches:
                return TryReadNumber(text, 1, 3, out _) ? null : $"'{text}' is not 1 (page cache), 2 (slab) or 3 (both)";
            case ControlFile.PosixFadvise:
                return !TryReadAdvice(text, out var advice, out var name) || !Advice.Contains(advice) ? $"'{text}' is not one of {string.Join(", ", Advice)} and the name of a file"
                    : fileNames.Contains(name) ? null
                    : $"no workload of the cgroup uses a file '{name}': {string.Join(", ", fileNames)}";
            default:
                return "is only read";
        }
    }

    /// <summary>Whether memory.reclaim of a kernel takes such a swappiness, or none.</summary>
    internal static bool Takes(KernelRuleSet rules, int? swappiness) =>
        swappiness is null || (swappiness > LruGenCommand.MaxSwappiness ? rules.ReclaimTakesAnonOnly : rules.ReclaimTakesSwappiness);

    /// <summary>The highest swappiness in a command to lru_gen.</summary>
    internal static int MaxCommandSwappiness(KernelRuleSet rules) => rules.NewCommands ? LruGenCommand.AnonOnly : LruGenCommand.MaxSwappiness;

    /// <summary>A size, and perhaps a swappiness.</summary>
    internal static bool TryReadReclaim(string text, out long pages, out int? swappiness)
    {
        swappiness = null;
        if (!MemorySize.TryRead(text, out pages, out var rest) || pages == long.MaxValue)
        {
            return false;
        }

        if (rest.Length == 0)
        {
            return true;
        }

        if (rest == SwappinessKey + AnonOnly)
        {
            swappiness = LruGenCommand.AnonOnly;
            return true;
        }

        if (!rest.StartsWith(SwappinessKey, StringComparison.Ordinal)
            || !TryReadNumber(rest[SwappinessKey.Length..], 0, LruGenCommand.MaxSwappiness, out var given))
        {
            return false;
        }

        swappiness = given;
        return true;
    }

    /// <summary>y, n, or bits, decimal or hexadecimal (kstrtouint with base 0).</summary>
    internal static bool TryReadCapabilities(string text, out LruGenCapabilities capabilities)
    {
        var wanted = text.Trim().ToLowerInvariant();
        var bits = 0u;
        var read = wanted switch
        {
            "y" => (bits = (uint)LruGenCapabilities.All) != 0,
            "n" => true,
            _ => wanted.StartsWith("0x", StringComparison.Ordinal)
                ? uint.TryParse(wanted[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bits)
                : uint.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out bits),
        };
        capabilities = (LruGenCapabilities)bits & LruGenCapabilities.All;
        return read;
    }

    internal static bool TryReadNumber(string text, int min, int max, out int value) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max;

    internal static bool TryReadAdvice(string text, out string advice, out string file)
    {
        var words = text.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        (advice, file) = words.Length == 2 ? (words[0], words[1]) : ("", "");
        return words.Length == 2;
    }

    /// <summary>Numbers that are known only when the time has come.</summary>
    [GeneratedRegex(@"\$(memcg|max_seq|min_seq)\b")]
    internal static partial Regex Placeholder();

    private static string NoSize(string text) => $"'{text}' is not a size";
}
