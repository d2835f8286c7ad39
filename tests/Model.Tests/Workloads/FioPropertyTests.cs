using CsCheck;
using Reclaim.Model.Workloads;
using Reclaim.Model.Workloads.Fio;
using Xunit;

namespace Reclaim.Model.Tests.Workloads;

public sealed class FioPropertyTests
{
    private static readonly Gen<FioJob> AnyJob =
        from rw in Gen.Enum<FioDirection>()
        from distribution in Gen.Enum<FioSpread>()
        from blocks in Gen.Int[100, 3000]
        from share in Gen.Double[0.05, 0.9]
        from loops in Gen.Int[1, 3]
        from ioBlocks in Gen.Int[0, 5000]
        from timeBased in Gen.Bool
        from noMap in Gen.Bool
        from mix in Gen.Int[0, 100]
        from seed in Gen.ULong
        select new FioJob
        {
            Rw = rw,
            Distribution = distribution,
            Value = share,
            Center = mix < 50 ? -1 : share,
            Zones = [new(70, 10), new(0, 5), new(30, 80)],
            Size = blocks * 4096L + 17,
            Loops = loops,
            IoSize = ioBlocks * 4096L,
            TimeBased = timeBased,
            NoRandomMap = noMap,
            RwMixRead = mix,
            RandSeed = seed,
        };

    [Fact]
    public void Every_block_lies_in_the_file_and_the_length_is_kept() =>
        AnyJob.Sample(job =>
        {
            var source = new FioSource(job);
            var numbers = source.Take(20_000);
            Assert.Equal(source.Length ?? 20_000, numbers.Length);
            Assert.Equal(job.TimeBased, source.Length is null);
            Assert.True(numbers.Max(n => n & ~AccessSource.WriteBit) < job.Size / job.Bs);
        }, iter: 200);

    [Fact]
    public void Blocks_of_any_size_give_the_same_sequence() =>
        Gen.Select(AnyJob, Gen.Int[1, 700]).Sample((job, blockSize) =>
            Assert.Equal(new FioSource(job).Take(6000), new FioSource(job).Take(6000, blockSize)), iter: 200);

    [Fact]
    public void A_random_map_gives_each_block_once_a_pass() =>
        Gen.Select(Gen.Int[1, 9000], Gen.ULong, Gen.Bool).Sample((blocks, seed, timeBased) =>
        {
            var job = new FioJob { Size = blocks, Bs = 1, Rw = FioDirection.RandRead, RandSeed = seed, TimeBased = timeBased, Loops = 3 };
            var numbers = new FioSource(job).Take(3 * blocks);
            for (var pass = 0; pass < 3; pass++)
                Assert.Equal(Enumerable.Range(0, blocks).Select(i => (uint)i), numbers[(pass * blocks)..((pass + 1) * blocks)].Order());
        }, iter: 60);

    [Fact]
    public void The_mix_of_reads_and_writes_holds_closely() =>
        Gen.Select(Gen.Int[0, 100], Gen.ULong).Sample((readPercent, seed) =>
        {
            var job = new FioJob { Size = 1 << 20, Rw = FioDirection.RandRw, RwMixRead = readPercent, RandSeed = seed, TimeBased = true };
            var reads = new FioSource(job).Take(20_000).Count(n => (n & AccessSource.WriteBit) == 0);
            Assert.InRange(reads / 200.0, readPercent - 2.0, readPercent + 2.0);
        }, iter: 60);

    [Fact]
    public void Popular_zipf_blocks_get_the_share_that_theta_says()
    {
        // With theta 0.9 over 10,000 blocks: 1 / Σ k^−0.9 of the accesses.
        var job = new FioJob { Size = 10_000, Bs = 1, Rw = FioDirection.RandRead, Distribution = FioSpread.Zipf, Value = 0.9, TimeBased = true };
        var expected = 1 / Enumerable.Range(1, 10_000).Sum(k => Math.Pow(k, -0.9));
        var most = new FioSource(job).Take(200_000).CountBy(n => n).Max(pair => pair.Value);
        Assert.InRange(most / 200_000.0, expected * 0.95, expected * 1.05);
    }
}
