namespace Reclaim.Client.ScenarioFormat;

/// <summary>
/// A YAML document as a tree that remembers where everything was written. Scalars stay text: what <c>no</c> or <c>1e3</c> means
/// is decided by the key that reads it, so the boolean guesses of YAML 1.1 never happen.
/// </summary>
internal abstract class ScenarioNode(Origin origin)
{
    public Origin Origin { get; } = origin;

    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }

    /// <summary>A copy that can be changed without changing this one (an alias stands for a copy of its anchor).</summary>
    public abstract ScenarioNode Copy();
}

internal sealed class ScenarioScalar(Origin origin, string text, bool quoted) : ScenarioNode(origin)
{
    public string Text { get; } = text;

    /// <summary>Whether it was written as a literal block (<c>|</c>), each line of its text on a line of the file, from the next on.</summary>
    public bool IsLiteral { get; init; }

    /// <summary>Whether it is nothing at all: <c>key:</c>, <c>~</c> or <c>null</c> without quotes.</summary>
    public bool IsNull { get; } = !quoted && text is "" or "~" or "null";

    public override string Kind => "a single value";

    public override ScenarioNode Copy() => new ScenarioScalar(Origin, Text, quoted) { IsLiteral = IsLiteral };
}

internal sealed class ScenarioList(Origin origin) : ScenarioNode(origin)
{
    public List<ScenarioNode> Items { get; } = [];

    public override string Kind => "a list";

    public override ScenarioNode Copy()
    {
        var copy = new ScenarioList(Origin);
        copy.Items.AddRange(Items.Select(item => item.Copy()));
        return copy;
    }
}

/// <summary>A key of a mapping with its value; the origin is the key's.</summary>
internal sealed record ScenarioEntry(string Key, Origin Origin, ScenarioNode Value)
{
    /// <summary>Its path as the user wrote it, where that is another: a copy of a cgroup, a key that stands for one of another format.</summary>
    public string? WrittenAs { get; init; }
}

internal sealed class ScenarioMap(Origin origin) : ScenarioNode(origin)
{
    /// <summary>What stands before its keys in messages, where that is not their path (the options of an fio job).</summary>
    public string? PathInMessages { get; init; }

    /// <summary>In the order written.</summary>
    public List<ScenarioEntry> Entries { get; } = [];

    public override string Kind => "a mapping";

    public ScenarioMap Add(string key, ScenarioNode value)
    {
        Entries.Add(new ScenarioEntry(key, value.Origin, value));
        return this;
    }

    public ScenarioEntry? Find(string key) => Entries.Find(entry => entry.Key == key);

    public override ScenarioNode Copy()
    {
        var copy = new ScenarioMap(Origin) { PathInMessages = PathInMessages };
        copy.Entries.AddRange(Entries.Select(entry => entry with { Value = entry.Value.Copy() }));
        return copy;
    }
}

/// <summary>A document of a YAML file, and where it begins.</summary>
internal sealed record ScenarioDocument(Origin Start, ScenarioNode Root);
