using System.Text.RegularExpressions;

namespace Reclaim.Grains.Storage;

/// <summary>Names that every kind of store can keep: as files, keys or columns.</summary>
public static partial class StoreNames
{
    /// <summary>Characters of a name at most.</summary>
    public const int MaxLength = 120;

    /// <summary>Checks the name of a run: letters, digits, dot, hyphen and underscore, the first a letter or digit.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static string Run(string name) => Check(name, "a run");

    /// <summary>Checks the name of an item; the same rule.</summary>
    /// <inheritdoc cref="Run"/>
    public static string Item(string name) => Check(name, "an item");

    /// <summary>Whether a name can be that of a run or an item.</summary>
    public static bool IsName(string name) => name.Length <= MaxLength && Allowed().IsMatch(name);

    private static string Check(string name, string what) => IsName(name)
        ? name
        : throw new ArgumentException($"'{name}' cannot name {what}: 1 to {MaxLength} letters, digits, dots, hyphens and underscores, the first a letter or digit");

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Allowed();
}
