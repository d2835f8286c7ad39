using CsCheck;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Workloads;

public sealed class PatternPropertyTests
{
    private sealed record Given(string Pattern, int N, int Acc, ulong Seed, double Theta, int Nf, int W, int P)
    {
        public AccessSource Create(bool write = false) => Patterns.Create(Pattern, N, Acc, Seed, Theta, Nf, W, P, write, (1024 - P) / 2, W);
    }

    private static readonly Gen<Given> AnyPattern =
        from pattern in Gen.Int[0, Patterns.Names.Count - 1].Select(i => Patterns.Names[i])
        from part in Gen.Int[2, 3000]
        from nf in Gen.Int[1, 5]
        from acc in Gen.Int[1, 6000]
        from seed in Gen.ULong
        from theta in Gen.Double[0, 3]
        from w in Gen.Int[1, Math.Max(1, (pattern == "app-launch" ? part : part * nf) / 2)]
        from p in Gen.Int[0, 1024]
        select new Given(pattern, part * nf, acc, seed, theta, nf, w, p);

    [Fact]
    public void Every_page_lies_in_the_file_and_the_length_is_kept() =>
        AnyPattern.Sample(given =>
        {
            var source = given.Create();
            var numbers = source.Drain();
            Assert.Equal(given.Acc, numbers.Length);
            Assert.True(numbers.Max(number => number & ~(AccessSource.WriteBit | (source.Frees ? AccessSource.FreeBit : 0))) < given.N);
            Assert.Equal(0, source.Fill(new uint[1]));
        }, iter: 200);

    [Fact]
    public void Blocks_of_any_size_give_the_same_sequence() =>
        Gen.Select(AnyPattern, Gen.Int[1, 700]).Sample((given, blockSize) =>
            Assert.Equal(given.Create().Drain(), given.Create().Drain(blockSize)), iter: 200);

    [Fact]
    public void Writes_touch_the_same_pages_as_reads() =>
        AnyPattern.Sample(given =>
            Assert.Equal(given.Create().Drain().Select(page => page | AccessSource.WriteBit), given.Create(write: true).Drain()), iter: 100);

    [Fact]
    public void The_guide_table_finds_what_a_search_over_all_ranks_finds() =>
        Gen.Select(Gen.Int[1, 2000], Gen.Double[0, 8], Gen.ULong[0, (1UL << 53) - 1].Array[200]).Sample((ranks, theta, draws) =>
        {
            var table = ZipfTable.Of(ranks, theta);
            var weights = Weights(ranks, theta);
            ulong[] all = [.. draws, 0, (1UL << 53) - 1];
            var expected = all.Select(draw => (ulong)FirstAbove(weights, draw)).ToArray();
            table.Lookup(all);
            Assert.Equal(expected, all);
        }, iter: 200);

    private static int FirstAbove(double[] cumulative, ulong draw)
    {
        var target = draw * (1.0 / (1L << 53)) * cumulative[^1];
        var rank = Array.FindIndex(cumulative, c => c > target);
        return rank < 0 ? cumulative.Length - 1 : rank;
    }

    private static double[] Weights(int ranks, double theta)
    {
        var cumulative = new double[ranks];
        var sum = 0.0;
        for (var k = 0; k < ranks; k++)
            cumulative[k] = sum += 1 / Power(k + 1, theta);
        return cumulative;
    }

    private static double Power(double x, double theta)
    {
        var fixedPoint = (long)Math.Floor(theta * 65536 + 0.5);
        var result = 1.0;
        for (var i = 0; i < fixedPoint >> 16; i++)
            result *= x;
        for (var (root, bit) = (Math.Sqrt(x), 0x8000); bit > 0; (root, bit) = (Math.Sqrt(root), bit >> 1))
        {
            if ((fixedPoint & bit) != 0)
                result *= root;
        }

        return result;
    }
}
