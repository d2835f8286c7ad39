using System.Collections.Immutable;
using Reclaim.Model.MultiGen;

namespace Reclaim.Model.LruGenFiles;

/// <summary>
/// Reads lru_gen and lru_gen_full. It takes what a kernel can print and nothing else, so that printing gives back every byte.
/// Which of the files it is shows below the first generation; all others must then be alike. Ages are not compared: the kernel
/// reads them without a lock, beside an aging that renews them.
/// </summary>
internal sealed class LruGenParser
{
    /// <summary>MEM_CGROUP_ID_MAX.</summary>
    private const int MaxMemcgId = ushort.MaxValue;

    private static readonly string _tierStart = new(' ', LruGenPrinter.TierIndent);
    private static readonly string _walkStart = new(' ', LruGenPrinter.WalkIndent);

    /// <summary>What the letters of the three counters of a tier may be together.</summary>
    private static readonly string[] _counters = ["RT ", "RTx", "rep", "   ", "xxx"];

    /// <summary>What the letters of the counters of page-table walks may be together: until v6.11, and from v6.12 on.</summary>
    private static readonly string[] _walks = ["LOYNFA", "loynfa", "      ", "TYFA", "tyfa", "xxxx"];

    private readonly string[] _lines;
    private int _next;
    private bool? _full;

    public LruGenParser(string text) => _lines = text.Split('\n');

    public LruGenDump Dump()
    {
        var memcgs = ImmutableArray.CreateBuilder<LruGenMemcg>();
        do
        {
            memcgs.Add(Memcg());
        }
        while (!Finished);

        return new LruGenDump(memcgs.ToImmutable());
    }

    /// <summary>Whether only what follows the last newline is left: nothing.</summary>
    private bool Finished => _next == _lines.Length - 1 && _lines[_next].Length == 0;

    private LruGenLine Peek() => new(_lines[_next], _next + 1);

    private bool NextStartsWith(string start) => !Finished && Peek().StartsWith(start);

    private LruGenLine Take()
    {
        var line = Peek();
        _next++;
        return line;
    }

    /// <summary>A line was read to its end; it must have a newline.</summary>
    private void Ended(LruGenLine line)
    {
        line.End();
        if (_next == _lines.Length)
        {
            throw line.Expected("a newline");
        }
    }

    private LruGenMemcg Memcg()
    {
        var line = Take();
        line.Literal("memcg");
        var id = (int)line.Number("the memcg's id", LruGenPrinter.IdWidth, MaxMemcgId);
        line.Literal(" ");
        if (!line.AtEnd && !line.StartsWith($"memcg {id,LruGenPrinter.IdWidth} /"))
        {
            throw line.Expected("the memcg's path, which starts with '/'");
        }

        var path = line.Rest();
        Ended(line);
        var nodes = ImmutableArray.CreateBuilder<LruGenNode>();
        do
        {
            nodes.Add(Node(nodes.Count > 0 ? nodes[^1].Id : -1));
        }
        while (NextStartsWith(" node"));

        return new LruGenMemcg(id, path, nodes.ToImmutable());
    }

    private LruGenNode Node(int previous)
    {
        var line = Take();
        line.Literal(" node");
        var start = line.Column;
        var id = (int)line.Number("the node's number", LruGenPrinter.IdWidth, int.MaxValue);
        if (id <= previous)
        {
            throw line.ExpectedAt(start, $"a node after {previous}");
        }

        Ended(line);
        var generations = ImmutableArray.CreateBuilder<LruGenGeneration>(MultiGenLruvec.MaxNrGens);
        do
        {
            generations.Add(Generation(generations));
        }
        while (!Finished && !NextStartsWith("memcg") && !NextStartsWith(" node"));

        if (_full == true && !generations[^1].Tiers[0].Anon.AreAverages)
        {
            throw Peek().Expected("a younger generation, one that shows averages (R, T)");
        }

        return new LruGenNode(id, generations.ToImmutable());
    }

    private LruGenGeneration Generation(ImmutableArray<LruGenGeneration>.Builder older)
    {
        var line = Take();
        if (older.Count == MultiGenLruvec.MaxNrGens)
        {
            throw line.Expected($"a memcg or a node after {MultiGenLruvec.MaxNrGens} generations");
        }

        var seq = line.Number("the generation's number", LruGenPrinter.NumberWidth);
        if (older.Count > 0 && seq != older[^1].Seq + 1)
        {
            throw line.ExpectedAt(2, $"generation {older[^1].Seq + 1} after {older[^1].Seq}, not {seq}");
        }

        if (older.Count > 0 && older[^1] is { Tiers: [{ Anon.AreAverages: true }, ..] })
        {
            throw line.ExpectedAt(2, "no generation after the one that shows averages (R, T), the youngest");
        }

        var age = line.Number("the generation's age in ms", LruGenPrinter.NumberWidth);
        var anon = Size(line, "anon");
        var file = Size(line, "file");
        Ended(line);
        _full ??= NextStartsWith(_tierStart);
        if (!_full.Value)
        {
            if (anon.Gone || file.Gone)
            {
                throw Peek().Expected($"the tiers of generation {seq}: lru_gen shows none that is marked");
            }

            return new LruGenGeneration(seq, age, anon, file, [], []);
        }

        var tiers = Enumerable.Range(0, TierController.Tiers).Select(Tier).ToImmutableArray();
        return new LruGenGeneration(seq, age, anon, file, tiers, NextStartsWith(_walkStart) ? Walk() : []);
    }

    private LruGenSize Size(LruGenLine line, string type)
    {
        var pages = line.Number($"{type} pages", LruGenPrinter.NumberWidth);
        return new LruGenSize(pages, line.Letter($"the mark after {type} pages", _full == false ? " " : " x") == 'x');
    }

    private LruGenTier Tier(int tier)
    {
        var line = Take();
        line.Literal(_tierStart);
        var start = line.Column;
        if (line.Bare("the tier's number", LruGenPrinter.NumberWidth) != (ulong)tier)
        {
            throw line.ExpectedAt(start, $"tier {tier}");
        }

        var counters = new LruGenTier(Counters(line, "anon"), Counters(line, "file"));
        Ended(line);
        if (counters.Anon.AreAverages != counters.File.AreAverages)
        {
            throw line.ExpectedAt(start, "averages (R, T) for both types or for neither");
        }

        return counters;
    }

    private static LruGenCounters Counters(LruGenLine line, string type)
    {
        var fields = Fields(line, $"counters of {type} pages", _counters, 3);
        return new LruGenCounters(fields[0], fields[1], fields[2]);
    }

    private ImmutableArray<LruGenField> Walk()
    {
        var line = Take();
        line.Literal(_walkStart);
        var fields = Fields(line, "counters of page-table walks", _walks, 6);
        Ended(line);
        return fields;
    }

    /// <summary>Numbers with letters which together are one of a few words.</summary>
    private static ImmutableArray<LruGenField> Fields(LruGenLine line, string what, string[] words, int most)
    {
        var fields = ImmutableArray.CreateBuilder<LruGenField>(most);
        var possible = words;
        while (fields.Count < most && !(line.AtEnd && possible.Any(word => word.Length == fields.Count)))
        {
            var number = line.Number(what, LruGenPrinter.NumberWidth);
            var letters = string.Concat(possible.Where(word => word.Length > fields.Count).Select(word => word[fields.Count]).Distinct());
            var letter = line.Letter($"a letter of {what}", letters);
            possible = [.. possible.Where(word => word.Length > fields.Count && word[fields.Count] == letter)];
            fields.Add(new LruGenField(number, letter));
        }

        return fields.ToImmutable();
    }
}
