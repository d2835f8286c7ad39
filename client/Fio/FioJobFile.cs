namespace Reclaim.Client.Fio;

/// <summary>One option as written in a job file or on a command line.</summary>
/// <param name="Name">The name as written, an alias perhaps.</param>
/// <param name="Value">Null if the option stands alone (<c>norandommap</c>).</param>
/// <param name="Origin">Where it was written.</param>
internal sealed record FioSetting(string Name, string? Value, Origin Origin);

/// <summary>A section of a job file, or of a command line: a name and the options that apply to it, global ones first.</summary>
internal sealed record FioSection(string Name, Origin Origin, IReadOnlyList<FioSetting> Settings);

/// <summary>
/// fio's job file: <c>[name]</c> sections of <c>option=value</c> lines; what stands in <c>[global]</c> applies to the sections
/// after it. Lines that begin with <c>#</c> or <c>;</c> are comments.
/// </summary>
internal static class FioJobFile
{
    public static IReadOnlyList<FioSection> Read(string path) => Parse(path, InputFile.ReadText(path));

    public static IReadOnlyList<FioSection> Parse(string file, string text)
    {
        var sections = new List<FioSection>();
        var global = new List<FioSetting>();
        List<FioSetting>? current = null;
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            var origin = new Origin(file, i + 1);
            if (line.Length == 0 || line[0] is '#' or ';')
            {
                continue;
            }

            if (line[0] == '[')
            {
                current = Begin(line, origin, sections, global);
                continue;
            }

            if (line.StartsWith("include ", StringComparison.Ordinal))
            {
                throw new InputException($"{origin}: include: not in this version");
            }

            if (current is null)
            {
                throw new InputException($"{origin}: '{line}' stands before the first section; a job file begins with [global] or [NAME]");
            }

            current.Add(Setting(line, origin));
        }

        if (sections.Count == 0)
        {
            throw new InputException($"{file}: no job: a job file needs a section [NAME] besides [global]");
        }

        return sections;
    }

    private static List<FioSetting> Begin(string line, Origin origin, List<FioSection> sections, List<FioSetting> global)
    {
        var end = line.IndexOf(']', StringComparison.Ordinal);
        var name = end > 0 ? line[1..end].Trim() : "";
        if (name.Length == 0)
        {
            throw new InputException($"{origin}: '{line}' is not a section: [NAME]");
        }

        if (name == "global")
        {
            return global;
        }

        List<FioSetting> settings = [.. global];
        sections.Add(new FioSection(name, origin, settings));
        return settings;
    }

    private static FioSetting Setting(string line, Origin origin)
    {
        if (line.Contains("${", StringComparison.Ordinal))
        {
            throw new InputException($"{origin}: '{line}': environment variables are not expanded in this version");
        }

        var equals = line.IndexOf('=', StringComparison.Ordinal);
        var name = (equals < 0 ? line : line[..equals]).Trim();
        return new FioSetting(name, equals < 0 ? null : line[(equals + 1)..].Trim(), origin);
    }
}
