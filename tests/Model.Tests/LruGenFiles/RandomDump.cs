using System.Collections.Immutable;
using Reclaim.Model.LruGenFiles;
using Reclaim.Model.Workloads;

namespace Reclaim.Model.Tests.LruGenFiles;

/// <summary>Texts that a kernel could print: any numbers, of any width, in any of the forms.</summary>
internal static class RandomDump
{
    private static readonly string[] _paths = ["/", "/a", "/system.slice/docker-1c3a.scope", "/with blanks /é", ""];

    public static LruGenDump Of(ulong seed)
    {
        var random = new SplitMix64(seed);
        var form = new Form(Full: random.Chance(700), New: random.Chance(512), Stats: random.Chance(300), Walks: random.Chance(800));
        return new LruGenDump(Many(ref random, 3, (ref r, _) => new LruGenMemcg((int)r.Below(65536), _paths[r.Below((uint)_paths.Length)], Nodes(ref r, form))));
    }

    private sealed record Form(bool Full, bool New, bool Stats, bool Walks)
    {
        public char None => New ? 'x' : ' ';
    }

    private delegate T Make<T>(ref SplitMix64 random, int i);

    private static ImmutableArray<T> Many<T>(ref SplitMix64 random, uint most, Make<T> make)
    {
        var all = new T[1 + random.Below(most)];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = make(ref random, i);
        }

        return [.. all];
    }

    private static ImmutableArray<LruGenNode> Nodes(ref SplitMix64 random, Form form) =>
        Many(ref random, 2, (ref r, i) => new LruGenNode(i * 100_000 + (int)r.Below(1000), Generations(ref r, form)));

    private static ImmutableArray<LruGenGeneration> Generations(ref SplitMix64 random, Form form)
    {
        var count = 2 + (int)random.Below(3);
        var first = Number(ref random) / 2;
        var minSeq = new[] { random.Below((uint)count - 1), random.Below((uint)count - 1) };
        var generations = new LruGenGeneration[count];
        for (var i = 0; i < count; i++)
        {
            generations[i] = new LruGenGeneration(
                first + (ulong)i,
                Number(ref random),
                new LruGenSize(Number(ref random), form.Full && i < minSeq[0]),
                new LruGenSize(Number(ref random), form.Full && i < minSeq[1]),
                form.Full ? Tiers(ref random, form, i == count - 1, i == minSeq[0], i == minSeq[1]) : [],
                form is { Full: true, Walks: true } ? Walk(ref random, form, i == count - 1) : []);
        }

        return [.. generations];
    }

    private static ImmutableArray<LruGenTier> Tiers(ref SplitMix64 random, Form form, bool youngest, bool oldestAnon, bool oldestFile)
    {
        var tiers = new LruGenTier[4];
        for (var tier = 0; tier < 4; tier++)
        {
            tiers[tier] = new LruGenTier(Counters(ref random, form, youngest, oldestAnon), Counters(ref random, form, youngest, oldestFile));
        }

        return [.. tiers];
    }

    private static LruGenCounters Counters(ref SplitMix64 random, Form form, bool youngest, bool oldest)
    {
        var fields = youngest ? Fields(ref random, $"RT{form.None}")
            : oldest || form.Stats ? Fields(ref random, "rep")
            : Fields(ref random, new string(form.None, 3));
        return new LruGenCounters(fields[0], fields[1], fields[2]);
    }

    private static ImmutableArray<LruGenField> Walk(ref SplitMix64 random, Form form, bool youngest)
    {
        var letters = form.New ? "TYFA" : "LOYNFA";
        return Fields(ref random, youngest != form.Stats ? (form.Stats ? letters.ToLowerInvariant() : letters) : new string(form.None, letters.Length));
    }

    private static ImmutableArray<LruGenField> Fields(ref SplitMix64 random, string letters)
    {
        var fields = ImmutableArray.CreateBuilder<LruGenField>();
        foreach (var letter in letters)
        {
            fields.Add(new LruGenField(letter is ' ' or 'x' ? 0 : Number(ref random), letter));
        }

        return fields.ToImmutable();
    }

    /// <summary>Of any length: small ones as often as those that are wider than their column.</summary>
    private static ulong Number(ref SplitMix64 random) => random.Next() >> (int)random.Below(64);
}
