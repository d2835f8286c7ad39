using CsCheck;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Tests.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>v6.14 and v6.19 against the few obvious lines that say what they do with files.</summary>
public class NaiveReworkTests
{
    private const int File = MultiGenLruvec.File;

    // A step reads pages from a range, then reclaims once.
    private static readonly Gen<(string Variant, int Width, (uint[] Reads, int Priority)[] Steps)> Cases = Gen.Select(
        Gen.Bool.Select(newer => newer ? "v6.19" : "v6.14"),
        Gen.Int[0, 2],
        Gen.Select(
            Gen.UInt[1, 1999].SelectMany(range => Gen.Frequency((1, Gen.UInt[0, range]), (2, Gen.UInt[0, range / 8])).Array[0, 600]),
            Gen.Int[0, 12]).Array[1, 25]);

    [Fact]
    public void Pages_generations_and_counters_are_those_of_the_naive_model() => Cases.Sample(test =>
    {
        var naive = new NaiveRework(test.Width, test.Variant == "v6.19");
        var cgroup = Cgroup.MultiGen(1 << 20, 2000, test.Variant, test.Width);
        foreach (var (reads, priority) in test.Steps)
        {
            Assert.Equal(reads.Select(naive.Read).ToArray(), cgroup.Read(reads));
            naive.Shrink(priority);
            cgroup.Shrink(priority);

            var lruvec = cgroup.Mglru;
            Assert.Equal((naive.MinSeq, naive.MaxSeq), (lruvec.MinSeq(File), lruvec.MaxSeq));
            Assert.Equal(naive.Resident, cgroup.Resident);
            for (var seq = lruvec.MinSeq(File); seq <= lruvec.MaxSeq; seq++)
            {
                Assert.Equal(naive.PagesOf(seq), lruvec.Pages(seq));
            }

            for (var tier = 0; tier < TierController.Tiers; tier++)
            {
                var (average, now) = naive.Counters(tier);
                var (refaulted, evicted, held) = lruvec.Controller.Current(lruvec.MinSeq(File), File, tier);
                Assert.Equal(average, lruvec.Controller.Average(File, tier));
                Assert.Equal(now, ((long)refaulted, (long)evicted, (long)held));
            }

            Assert.Equal(naive.Restored, cgroup.Memcg.Stat.WorkingsetRestoreFile);
        }
    });
}
