namespace Reclaim.Client.ScenarioFormat;

/// <summary>Where a value was written, and its path there.</summary>
internal readonly record struct Place(Origin Origin, string Path)
{
    /// <summary>The place of a key, or of the mapping if it is not written.</summary>
    public static Place Of(MapReader reader, string key) => new(reader.Map.Find(key)?.Origin ?? reader.Map.Origin, reader.KeyOf(key));

    /// <summary>A key of a scenario whose value follows from what stands here.</summary>
    public ScenarioEntry Entry(string key, string text) => Entry(key, new ScenarioScalar(Origin, text, quoted: true));

    /// <inheritdoc cref="Entry(string, string)"/>
    public ScenarioEntry Entry(string key, ScenarioNode value) => new(key, Origin, value) { WrittenAs = Path };
}
