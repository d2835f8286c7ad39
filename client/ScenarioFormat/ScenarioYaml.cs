using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads YAML text into a <see cref="ScenarioNode"/> tree from the parser's events, with a line for every key and value.</summary>
internal sealed class ScenarioYaml
{
    private const int MaxDepth = 64;
    private const int MaxNodes = 200_000;
    private const string MergeKeyName = "<<";

    private readonly Parser _parser;
    private readonly Func<Mark, Origin> _origin;
    private readonly Dictionary<string, ScenarioNode> _anchors = [];
    private int _nodes;

    /// <summary>The key whose value the text is, or empty.</summary>
    private readonly string _key;

    private ScenarioYaml(string text, Func<Mark, Origin> origin, string key)
    {
        _parser = new Parser(new StringReader(text));
        _origin = origin;
        _key = key;
    }

    /// <summary>Parses a scenario file's text. Errors name the file and the line.</summary>
    public static ScenarioMap ParseFile(string file, string text) => OneScenario(ParseDocuments(file, text));

    /// <summary>The documents of a file's text, one if it is empty. Errors name the file and the line.</summary>
    public static IReadOnlyList<ScenarioDocument> ParseDocuments(string file, string text) => Parse(text, mark => new Origin(file, (int)mark.Line));

    /// <summary>The only document, a mapping.</summary>
    public static ScenarioMap OneScenario(IReadOnlyList<ScenarioDocument> documents)
    {
        if (documents.Count > 1)
        {
            throw new InputException($"{documents[1].Start}: a second YAML document; a scenario is one document");
        }

        return documents[0].Root as ScenarioMap
            ?? throw new InputException($"{documents[0].Root.Origin}: a scenario is a mapping that begins with 'schema: reclaim/1', not {documents[0].Root.Kind}");
    }

    /// <summary>Parses the value of an option; everything in it is said to come from that option.</summary>
    public static ScenarioNode ParseValue(string option, string text) => Parse(text, _ => new Origin(option, 0))[0].Root;

    /// <summary>Parses YAML that is itself a value of a YAML file. What is in a literal block has its own lines there.</summary>
    public static ScenarioNode ParseValue(ScenarioScalar value, string key) =>
        Parse(value.Text, mark => value.Origin with { Line = value.IsLiteral ? value.Origin.Line + (int)mark.Line : value.Origin.Line }, $"{key}: ")[0].Root;

    private static List<ScenarioDocument> Parse(string text, Func<Mark, Origin> origin, string key = "")
    {
        var reader = new ScenarioYaml(text, origin, key);
        try
        {
            return reader.Documents();
        }
        catch (InvalidOperationException)
        {
            // The parser gives up without a word on some texts, '- ' within a plain value among them.
            throw new InputException($"{origin(reader._parser.Current?.End ?? new Mark(0, 1, 1))}: {key}not valid YAML here or in the next line");
        }
        catch (YamlException e)
        {
            var reason = (e.InnerException ?? e).Message.ReplaceLineEndings(" ").TrimEnd('.');
            throw new InputException($"{origin(At(e, text))}: {key}not valid YAML: {reason}");
        }
    }

    /// <summary>Where the parser gave up; at the end of the text, its last line.</summary>
    private static Mark At(YamlException e, string text)
    {
        var lines = text.TrimEnd().Count(character => character == '\n') + 1;
        return e.End.Line > lines ? new Mark(e.End.Index, lines, 1) : e.End;
    }

    private List<ScenarioDocument> Documents()
    {
        var documents = new List<ScenarioDocument>();
        _parser.Consume<StreamStart>();
        while (!_parser.Accept<StreamEnd>(out _))
        {
            var start = _origin(_parser.Consume<DocumentStart>().Start);
            _anchors.Clear();
            documents.Add(new ScenarioDocument(start, Node(0)));
            _parser.Consume<DocumentEnd>();
        }

        if (documents.Count == 0)
        {
            var end = _origin(_parser.Current!.Start);
            documents.Add(new ScenarioDocument(end, new ScenarioScalar(end, "", quoted: false)));
        }

        return documents;
    }

    private ScenarioNode Node(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InputException($"{_origin(_parser.Current!.Start)}: {_key}nested deeper than {MaxDepth} levels");
        }

        if (++_nodes > MaxNodes)
        {
            throw new InputException($"{_origin(_parser.Current!.Start)}: {_key}more than {MaxNodes} values");
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return Alias(alias);
        }

        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return Anchored(scalar, new ScenarioScalar(_origin(scalar.Start), scalar.Value, scalar.Style != ScalarStyle.Plain) { IsLiteral = scalar.Style == ScalarStyle.Literal });
        }

        if (_parser.TryConsume<SequenceStart>(out var sequence))
        {
            var list = new ScenarioList(_origin(sequence.Start));
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                list.Items.Add(Node(depth + 1));
            }

            return Anchored(sequence, list);
        }

        var start = _parser.Consume<MappingStart>();
        var map = new ScenarioMap(_origin(start.Start));
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Entry(map, depth);
        }

        MergeKey(map);
        return Anchored(start, map);
    }

    private void Entry(ScenarioMap map, int depth)
    {
        if (!_parser.TryConsume<Scalar>(out var key))
        {
            throw new InputException($"{_origin(_parser.Current!.Start)}: {_key}a key must be a single value");
        }

        var origin = _origin(key.Start);
        if (map.Find(key.Value) is { } earlier)
        {
            throw new InputException($"{origin}: {_key}{key.Value}: given twice (first in line {earlier.Origin.Line})");
        }

        map.Entries.Add(new ScenarioEntry(key.Value, origin, Node(depth + 1)));
    }

    /// <summary>Puts what <c>&lt;&lt;</c> names, a mapping or several, into the mapping: its own keys win, then the earlier of several.</summary>
    private void MergeKey(ScenarioMap map)
    {
        if (map.Find(MergeKeyName) is not { } merge)
        {
            return;
        }

        map.Entries.Remove(merge);
        foreach (var node in merge.Value is ScenarioList several ? several.Items : [merge.Value])
        {
            if (node is not ScenarioMap merged)
            {
                throw new InputException($"{merge.Origin}: {_key}<<: takes mappings, not {node.Kind}");
            }

            map.Entries.AddRange(merged.Entries.Where(entry => map.Find(entry.Key) is null).ToList());
        }
    }

    private ScenarioNode Alias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var target))
        {
            throw new InputException($"{_origin(alias.Start)}: {_key}*{alias.Value.Value}: no anchor of this name stands before it");
        }

        _nodes += Count(target);
        if (_nodes > MaxNodes)
        {
            throw new InputException($"{_origin(alias.Start)}: {_key}more than {MaxNodes} values");
        }

        return target.Copy();
    }

    private ScenarioNode Anchored(NodeEvent start, ScenarioNode node)
    {
        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor.Value] = node;
        }

        return node;
    }

    private static int Count(ScenarioNode node) => node switch
    {
        ScenarioList list => 1 + list.Items.Sum(Count),
        ScenarioMap map => 1 + map.Entries.Sum(entry => Count(entry.Value)),
        _ => 1,
    };
}
