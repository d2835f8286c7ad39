namespace Reclaim.Client.Fio;

/// <summary>
/// Jobs as fio's own command line gives them: job files and <c>--option=value</c>, <c>--option value</c> or <c>-option=value</c>.
/// Each <c>--name</c> begins a job; what stands before the first applies to all.
/// </summary>
internal static class FioCommandLine
{
    public static IReadOnlyList<FioSection> Read(IReadOnlyList<string> arguments)
    {
        var sections = new List<FioSection>();
        var global = new List<FioSetting>();
        List<FioSetting>? current = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == "--" || !argument.StartsWith('-') || argument.Length == 1)
            {
                sections.AddRange(argument == "--" ? [] : FioJobFile.Read(argument));
                continue;
            }

            var setting = Setting(arguments, ref i);
            if (setting.Name == "name" && setting.Value != "global")
            {
                if (string.IsNullOrEmpty(setting.Value))
                {
                    throw new InputException($"fio: name: needs a value");
                }

                current = [.. global];
                sections.Add(new FioSection(setting.Value, setting.Origin, current));
            }
            else if (setting.Name == "name")
            {
                current = null;
            }
            else
            {
                (current ?? global).Add(setting);
            }
        }

        if (sections.Count == 0)
        {
            throw new InputException("fio: no job: give a job file or --name=NAME --rw=… --size=…");
        }

        return sections;
    }

    private static FioSetting Setting(IReadOnlyList<string> arguments, ref int i)
    {
        var text = arguments[i].TrimStart('-');
        var origin = new Origin("fio", 0);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals >= 0)
        {
            return new FioSetting(text[..equals], text[(equals + 1)..], origin);
        }

        var takesNext = FioOptionTable.Find(text) is { IsFlag: false } && i + 1 < arguments.Count && !arguments[i + 1].StartsWith('-');
        return new FioSetting(text, takesNext ? arguments[++i] : null, origin);
    }
}
