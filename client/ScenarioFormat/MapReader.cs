using System.Globalization;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>
/// Reads a mapping key by key. Every key that the format knows is asked for once; <see cref="Finish"/> then reports what was
/// written but never asked for. A wrong value is reported and replaced by the default, so that one reading finds all problems.
/// </summary>
internal sealed class MapReader(ScenarioMap map, string path, ProblemLog log)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public string Path { get; } = map.PathInMessages ?? path;

    public ScenarioMap Map { get; } = map;

    public ProblemLog Log { get; } = log;

    /// <summary>The value of a key, or null if it is not given (or given as nothing).</summary>
    public ScenarioEntry? Take(string key)
    {
        _known.Add(key);
        var entry = Map.Find(key);
        return entry?.Value is ScenarioScalar { IsNull: true } ? null : entry;
    }

    public bool Has(string key) => Map.Find(key) is not null;

    /// <summary>A key's path, as messages name it.</summary>
    public string KeyOf(string key) => Map.Find(key)?.WrittenAs ?? KeyPath.Child(Path, key);

    /// <summary>Reports a problem of a key, or of the mapping when the key is not written.</summary>
    public void Error(string key, string message) => Log.Error(Map.Find(key)?.Origin ?? Map.Origin, KeyOf(key), message);

    public void Warn(string key, string message) => Log.Warn(Map.Find(key)?.Origin ?? Map.Origin, KeyOf(key), message);

    /// <summary>Keys that belong to the format but to no version yet.</summary>
    public void NotYet(params ReadOnlySpan<(string Key, string Why)> keys)
    {
        foreach (var (key, why) in keys)
        {
            _known.Add(key);
            if (Map.Find(key) is { } entry)
            {
                Log.Error(entry.Origin, KeyOf(key), $"not in this version: {why}");
            }
        }
    }

    public string? Text(string key)
    {
        var entry = Take(key);
        if (entry is null)
        {
            return null;
        }

        if (entry.Value is ScenarioScalar scalar)
        {
            return scalar.Text;
        }

        Error(key, $"must be a single value, not {entry.Value.Kind}");
        return null;
    }

    public long? Size(string key, long min, string? words = null) => Parsed(key, Units.TrySize, min, long.MaxValue, words);

    public long? Duration(string key, long min = 0) => Parsed(key, Units.TryDuration, min, long.MaxValue, null);

    public long? Integer(string key, long min, long max = long.MaxValue)
    {
        return Parsed(key, TryInteger, min, max, null);

        static string? TryInteger(string text, out long value) =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) ? null : $"'{text}' is not a whole number";
    }

    public ulong? Seed(string key)
    {
        var text = Text(key);
        if (text is null)
        {
            return null;
        }

        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        Error(key, $"'{text}' is not a seed (a whole number from 0 to 2^64 - 1)");
        return null;
    }

    public double? Number(string key, double min, double max)
    {
        var text = Text(key);
        if (text is null)
        {
            return null;
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            Error(key, $"'{text}' is not a number");
            return null;
        }

        if (value < min || value > max)
        {
            Error(key, $"{text} is outside {min} to {max}");
            return null;
        }

        return value;
    }

    public bool? Flag(string key)
    {
        switch (Text(key)?.ToLowerInvariant())
        {
            case null: return null;
            case "yes" or "true" or "on" or "1": return true;
            case "no" or "false" or "off" or "0": return false;
            default:
                Error(key, "must be yes or no");
                return null;
        }
    }

    /// <summary>A name out of a list; an unknown one is reported with the nearest known.</summary>
    public string? OneOf(string key, string what, IReadOnlyCollection<string> names)
    {
        var text = Text(key);
        if (text is null || names.Contains(text))
        {
            return text;
        }

        Error(key, $"no {what} '{text}'{Nearest.Suggestion(text, names)}");
        return null;
    }

    public MapReader? Mapping(string key)
    {
        var entry = Take(key);
        if (entry is null)
        {
            return null;
        }

        if (entry.Value is ScenarioMap child)
        {
            return new MapReader(child, KeyOf(key), Log);
        }

        Error(key, $"must be a mapping, not {entry.Value.Kind}");
        return null;
    }

    public ScenarioList? List(string key)
    {
        var entry = Take(key);
        if (entry is null)
        {
            return null;
        }

        if (entry.Value is ScenarioList list)
        {
            return list;
        }

        Error(key, $"must be a list, not {entry.Value.Kind}");
        return null;
    }

    /// <summary>The mappings of a list; an element that is none is reported.</summary>
    public IEnumerable<MapReader> Mappings(string key)
    {
        if (List(key) is not { } list)
        {
            yield break;
        }

        for (var i = 0; i < list.Items.Count; i++)
        {
            var path = KeyPath.Item(KeyOf(key), i);
            if (list.Items[i] is ScenarioMap item)
            {
                yield return new MapReader(item, path, Log);
            }
            else
            {
                Log.Error(list.Items[i].Origin, path, $"must be a mapping, not {list.Items[i].Kind}");
            }
        }
    }

    /// <summary>The entries of a mapping whose keys are the user's own names.</summary>
    public IEnumerable<ScenarioEntry> Named(string key) => Mapping(key)?.Map.Entries ?? [];

    /// <summary>Reports the keys that nothing asked for.</summary>
    public void Finish()
    {
        foreach (var entry in Map.Entries.Where(entry => !_known.Contains(entry.Key)))
        {
            Log.Error(entry.Origin, KeyOf(entry.Key), $"unknown key{Nearest.Suggestion(entry.Key, _known)}");
        }
    }

    private delegate string? Parser(string text, out long value);

    private long? Parsed(string key, Parser parser, long min, long max, string? words)
    {
        var text = Text(key);
        if (text is null)
        {
            return null;
        }

        if (parser(text, out var value) is { } wrong)
        {
            Error(key, wrong);
            return null;
        }

        if (value < min || value > max)
        {
            Error(key, words ?? (value < 0 ? $"{text} is negative" : value < min ? $"{text} is too small (at least {min})" : $"{text} is too large (at most {max})"));
            return null;
        }

        return value;
    }
}
