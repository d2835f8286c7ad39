using System.Collections.Immutable;
using System.Globalization;

namespace Reclaim.Model.LruGenFiles;

/// <summary>
/// Reads a dump line by line. The first generation tells which file it is and which rows each generation has; all others must
/// have the same.
/// </summary>
internal sealed class LruGenParser(string text)
{
    /// <summary>A row that starts with so many blanks is of a tier, or of a walk: a generation's number ends before.</summary>
    private static readonly string TierIndent = new(' ', 12);

    private static readonly string WalkIndent = new(' ', 22);

    private static readonly string[] TierLetters = ["RT ", "RTx", "rep", "   ", "xxx"];

    private static readonly string[] WalkLetters = ["LOYNFA", "loynfa", "      ", "TYFA", "tyfa", "xxxx"];

    private readonly string[] _lines = text.Split('\n');
    private int _at;
    private bool? _tiers;
    private int? _walkFields;

    /// <summary>After the last newline there is nothing.</summary>
    private bool IsAtEnd => _at == _lines.Length - 1;

    public LruGenDump Dump()
    {
        if (_lines[^1].Length > 0)
        {
            throw new LruGenFormatException(_lines.Length, "a newline at the end of the last line");
        }

        var memcgs = ImmutableArray.CreateBuilder<LruGenMemcg>();
        while (!IsAtEnd)
        {
            memcgs.Add(Memcg());
        }

        return new LruGenDump(memcgs.ToImmutable());
    }

    private LruGenMemcg Memcg()
    {
        var line = Next();
        line.Literal("memcg ", "a line of a memcg");
        var id = line.Number(5, "the id of a memcg");
        line.Literal(" ", "a blank and the path of the memcg");
        var path = line.Rest();
        var nodes = ImmutableArray.CreateBuilder<LruGenNode>();
        do
        {
            nodes.Add(Node(nodes.Count == 0 ? null : nodes[^1].Id));
        }
        while (IsNext(" node"));

        return new LruGenMemcg(id, path, nodes.ToImmutable());
    }

    private LruGenNode Node(ulong? previous)
    {
        var line = Next();
        line.Literal(" node ", "a line of a node");
        var id = line.Number(5, "the id of a node");
        if (id <= previous)
        {
            throw line.Expected($"a node after node {previous}");
        }

        line.End();
        var generations = ImmutableArray.CreateBuilder<LruGenGeneration>(LruGenNode.MaxGenerations);
        do
        {
            generations.Add(Generation(generations.Count == 0 ? null : generations[^1].Seq + 1));
        }
        while (generations.Count < LruGenNode.MaxGenerations && !IsAtEnd && !IsNext("memcg") && !IsNext(" node"));

        return new LruGenNode(id, generations.ToImmutable());
    }

    private LruGenGeneration Generation(ulong? expected)
    {
        var line = Next();
        line.Literal(" ", "a generation");
        var seq = line.Number(10, "the number of a generation");
        if (seq != (expected ?? seq))
        {
            throw line.Expected($"generation {expected}");
        }

        line.Literal(" ", "the age of the generation");
        var age = line.Number(10, "the age of the generation");
        var anon = Size(ref line, "the size of the generation in anonymous pages");
        var file = Size(ref line, "the size of the generation in file pages");
        line.End();
        _tiers ??= IsNext(TierIndent);
        return new LruGenGeneration(seq, age, anon, file, _tiers.Value ? Tiers() : [], _tiers.Value ? Walk() : []);
    }

    private static LruGenSize Size(ref LruGenLine line, string what)
    {
        var (pages, mark) = line.Field(what);
        return mark is ' ' or LruGenSize.GoneMark ? new LruGenSize(pages, mark) : throw line.Expected($"x or a blank after {what}");
    }

    private ImmutableArray<LruGenTier> Tiers()
    {
        var tiers = ImmutableArray.CreateBuilder<LruGenTier>(LruGenTier.Count);
        while (tiers.Count < LruGenTier.Count)
        {
            var line = Next();
            var row = string.Create(CultureInfo.InvariantCulture, $"{TierIndent}{tiers.Count,10}");
            line.Literal(row, $"the row of tier {tiers.Count}");
            var anon = Counters(ref line, "three counters of anonymous pages");
            var file = Counters(ref line, "three counters of file pages");
            line.End();
            tiers.Add(new LruGenTier(anon, file));
        }

        return tiers.MoveToImmutable();
    }

    private static ImmutableArray<LruGenField> Counters(ref LruGenLine line, string what)
    {
        var fields = line.Fields(3, what);
        return TierLetters.Contains(Letters(fields)) ? fields : throw line.Expected($"{what}, marked R T, r e p or nothing");
    }

    private ImmutableArray<LruGenField> Walk()
    {
        _walkFields ??= IsNext(WalkIndent) ? CountFields() : 0;
        if (_walkFields == 0)
        {
            return [];
        }

        var what = $"{_walkFields} counters of walks";
        var line = Next();
        line.Literal(WalkIndent, what);
        var fields = line.Fields(_walkFields.Value, what);
        line.End();
        return WalkLetters.Contains(Letters(fields)) ? fields : throw line.Expected($"{what}, marked L O Y N F A, T Y F A or nothing");
    }

    /// <summary>How many fields the first row of a walk has.</summary>
    private int CountFields()
    {
        const string What = "6 counters of walks, or 4";
        var line = new LruGenLine(_lines[_at], _at + 1);
        line.Literal(WalkIndent, What);
        var count = 0;
        for (; !line.IsAtEnd; count++)
        {
            line.Field(What);
        }

        return count is 4 or 6 ? count : throw line.Expected(What);
    }

    private static string Letters(ImmutableArray<LruGenField> fields) => string.Concat(fields.Select(field => field.Letter));

    private bool IsNext(string start) => _lines[_at].StartsWith(start, StringComparison.Ordinal);

    /// <summary>The next line; past the end an empty one, where whatever is expected is missed.</summary>
    private LruGenLine Next() => new(_lines[_at], IsAtEnd ? _at + 1 : ++_at);
}
