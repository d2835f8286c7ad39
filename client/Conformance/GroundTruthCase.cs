using System.Globalization;
using System.Text.RegularExpressions;

namespace Reclaim.Client.Conformance;

/// <summary>A case: one measurement, or several of the same (<c>….repeatN.json</c>) that show the kernel's own spread.</summary>
/// <param name="File">Name of the first run's file.</param>
/// <param name="Folder">Where paths in it start.</param>
/// <param name="Runs">All runs, the one without a number first.</param>
internal sealed partial record GroundTruthCase(string File, string Folder, IReadOnlyList<GroundTruthFile> Runs)
{
    public GroundTruthFile First => Runs[0];

    /// <summary>Reads every measurement of a folder, in the order of names.</summary>
    public static IReadOnlyList<GroundTruthCase> LoadAll(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new InputException(System.IO.File.Exists(folder) ? $"{folder}: is a file, not a folder of measurements" : $"{folder}: no such folder");
        }

        var names = Names(folder);
        return
        [
            .. names.GroupBy(name => Repeat().Replace(name, ".json")).Select(group =>
            {
                var ordered = group.OrderBy(Number).ToList();
                return new GroundTruthCase(ordered[0], folder, [.. ordered.Select(name => GroundTruthFile.Load(Path.Combine(folder, name)))]);
            }),
        ];
    }

    private static List<string> Names(string folder)
    {
        try
        {
            var names = Directory.EnumerateFiles(folder, "*.json").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToList();
            return names.Count > 0 ? names : throw new InputException($"{folder}: no measurement (*.json) in it");
        }
        catch (UnauthorizedAccessException)
        {
            throw new InputException($"{folder}: permission denied");
        }
    }

    private static int Number(string name) =>
        Repeat().Match(name) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"\.repeat(\d{1,6})\.json$")]
    private static partial Regex Repeat();
}
