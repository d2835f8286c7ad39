namespace Reclaim.Client.ScenarioFormat;

/// <summary>
/// Lays one mapping over another: mappings are merged key by key, lists and single values are replaced, and a key given as
/// nothing takes away what was under it. Everything keeps the place where it was written.
/// </summary>
internal static class DeepMerge
{
    /// <param name="under">What gives way. Not changed.</param>
    /// <param name="over">What wins. Not changed.</param>
    public static ScenarioMap Of(ScenarioMap under, ScenarioMap over)
    {
        var merged = new ScenarioMap(over.Origin) { PathInMessages = over.PathInMessages };
        foreach (var entry in under.Entries)
        {
            if (over.Find(entry.Key) is not { } winner)
            {
                merged.Entries.Add(entry with { Value = entry.Value.Copy() });
            }
            else if (winner.Value is not ScenarioScalar { IsNull: true })
            {
                merged.Entries.Add(winner with { Value = entry.Value is ScenarioMap below && winner.Value is ScenarioMap above ? Of(below, above) : winner.Value.Copy() });
            }
        }

        merged.Entries.AddRange(over.Entries.Where(entry => under.Find(entry.Key) is null).Select(entry => entry with { Value = entry.Value.Copy() }));
        return merged;
    }
}
