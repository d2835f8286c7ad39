using Reclaim.Model.Workloads;
using Reclaim.Model.Workloads.Fio;
using Xunit;

namespace Reclaim.Model.Tests.Workloads;

/// <summary>
/// Requests of the real program, fio 3.40 with <c>ioengine=io_uring</c>, <c>bs=4k</c> and the options given, from its <c>write_iolog</c>:
/// their number, their checksum (<see cref="Sequence.Fnv1a64"/>) and the first of them.
/// </summary>
public sealed class FioGoldenTests
{
    private const long Small = 1 << 20;

    private static readonly FioJob Golden = new() { Size = 64 << 20, FileName = "golden" };

    [Fact]
    public void Random_reads_over_a_map() =>
        Check(
            Golden with { Rw = FioDirection.RandRead },
            16384, 0xf50c459e47c5c4c1,
            "r16007 r14187 r10760 r8459 r9878 r16019 r236 r3705 r5361 r13697");

    [Fact]
    public void Random_reads_without_a_map() =>
        Check(
            Golden with { Rw = FioDirection.RandRead, NoRandomMap = true },
            16384, 0xea353b1e51c43051,
            "r16007 r14187 r10760 r8459 r9878 r16019 r236 r3705 r5361 r13697");

    [Fact]
    public void Zipf_0_5() =>
        Check(
            Golden with { Rw = FioDirection.RandRead, Distribution = FioSpread.Zipf, Value = 0.5 },
            16384, 0x22ad1e2854dd79b1,
            "r13298 r7386 r13519 r12553 r5220 r1689 r11916 r3670 r7868 r9911");

    [Fact]
    public void Zipf_0_9() =>
        Check(
            Golden with { Rw = FioDirection.RandRead, Distribution = FioSpread.Zipf, Value = 0.9 },
            16384, 0xfd6e9064e7119e11,
            "r790 r5174 r12867 r2070 r12185 r10189 r11779 r4838 r8504 r877");

    [Fact]
    public void Zipf_1_2() =>
        Check(
            Golden with { Rw = FioDirection.RandRead, Distribution = FioSpread.Zipf, Value = 1.2 },
            16384, 0xf2aac084784570e9,
            "r2528 r11864 r10861 r1162 r14873 r11864 r13534 r12867 r14873 r11854");

    [Fact]
    public void Zipf_with_a_centre() =>
        Check(
            Golden with { Rw = FioDirection.RandRead, Distribution = FioSpread.Zipf, Value = 1.2, Center = 0.3 },
            16384, 0xbfc57bb3965acf3d,
            "r12966 r5918 r4915 r11600 r8927 r5918 r7588 r6921 r8927 r5908");

    [Fact]
    public void Zipf_with_a_seed_given() =>
        Check(
            Golden with { Rw = FioDirection.RandRead, Distribution = FioSpread.Zipf, Value = 0.5, RandSeed = 77 },
            16384, 0x67a9ec0fa7810eb1,
            "r1601 r11978 r1388 r572 r11441 r12384 r7352 r8432 r6411 r5057");

    [Fact]
    public void Pareto() =>
        Check(
            Golden with { Rw = FioDirection.RandRead, Distribution = FioSpread.Pareto, Value = 0.2 },
            16384, 0xa106c2485b72e0d0,
            "r8844 r11864 r10861 r16157 r6177 r12867 r9813 r13870 r826 r15661");

    [Fact]
    public void Pareto_with_a_centre() =>
        Check(
            Golden with { Rw = FioDirection.RandRead, Distribution = FioSpread.Pareto, Value = 0.7, Center = 0.25 },
            16384, 0x6ef4d1076f90eb98,
            "r5114 r278 r7940 r3313 r133 r9290 r12686 r10599 r4797 r3228");

    [Fact]
    public void Normal() =>
        Check(
            Golden with { Rw = FioDirection.RandRead, Distribution = FioSpread.Normal, Value = 10 },
            16384, 0x7728e8a01d40d1ad,
            "r4837 r5544 r2114 r15193 r3207 r6396 r10504 r7806 r2947 r234");

    [Fact]
    public void Normal_with_a_centre() =>
        Check(
            Golden with { Rw = FioDirection.RandRead, Distribution = FioSpread.Normal, Value = 60, Center = 0.9 },
            16384, 0x120ed8664e7f5f3f,
            "r13206 r1666 r5202 r15969 r9388 r5777 r7247 r14670 r13567 r13537");

    [Fact]
    public void Zoned() =>
        Check(
            Golden with { Rw = FioDirection.RandRead, Distribution = FioSpread.Zoned, Zones = [new(60, 10), new(30, 20), new(8, 30), new(2, 40)] },
            16384, 0xef5cdf2fe953961f,
            "r1600 r1418 r1075 r13213 r3613 r1601 r1685 r370 r2710 r9024");

    [Fact]
    public void Random_reads_and_writes() =>
        Check(
            Golden with { Rw = FioDirection.RandRw, RwMixRead = 70 },
            16384, 0xea64aa1a426a0e41,
            "r16007 r14187 r10760 w8459 r9878 r16019 w236 r3705 r5361 r13697");

    [Fact]
    public void Sequential_reads_and_writes() =>
        Check(
            Golden with { Rw = FioDirection.ReadWrite, RwMixRead = 70 },
            16384, 0x87c0fddb81fd6adf,
            "r0 r1 r2 w0 r3 r4 w1 r5 r6 r7");

    [Fact]
    public void Loops_repeat_the_first() =>
        Check(
            Golden with { Size = Small, Rw = FioDirection.RandRead, Loops = 3 },
            768, 0xc4db7e80ff1ff535,
            "r250 r221 r168 r132 r154 r251 r3 r57 r83 r214");

    [Fact]
    public void Loops_go_on_where_a_seed_is_given() =>
        Check(
            Golden with { Size = Small, Rw = FioDirection.RandRead, Loops = 3, RandSeed = 77 },
            768, 0xeaa6c84533741ad5,
            "r140 r181 r101 r53 r19 r67 r204 r61 r173 r75");

    [Fact]
    public void Loops_of_reads_and_writes() =>
        Check(
            Golden with { Size = Small, Rw = FioDirection.RandRw, RwMixRead = 30, Loops = 3 },
            768, 0x8ce1127de50e33b5,
            "w250 r221 w168 w132 r154 r251 w3 w57 w83 r214");

    [Fact]
    public void An_io_size_beyond_the_size() =>
        Check(
            Golden with { Size = Small, Rw = FioDirection.RandRead, IoSize = Small * 5 / 2 },
            640, 0x67ce4479ca733fc1,
            "r250 r221 r168 r132 r154 r251 r3 r57 r83 r214");

    [Fact]
    public void An_io_size_below_the_size() =>
        Check(
            Golden with { Size = Small, Rw = FioDirection.RandRead, IoSize = Small / 2 },
            128, 0x63c642259bac90e1,
            "r250 r221 r168 r132 r154 r251 r3 r57 r83 r214");

    [Fact]
    public void Random_writes_beyond_the_size() =>
        Check(
            Golden with { Size = Small, Rw = FioDirection.RandWrite, NoRandomMap = true, IoSize = Small * 3 },
            768, 0x6e3b5dace0a05f57,
            "w250 w221 w168 w132 w154 w250 w3 w57 w83 w214");

    [Fact]
    public void Reads_and_writes_beyond_the_size() =>
        Check(
            Golden with { Size = Small, Rw = FioDirection.ReadWrite, IoSize = Small * 3 },
            768, 0x832edae5e60e3595,
            "r0 r1 r2 w0 r3 r4 w1 w2 w3 r5");

    [Fact]
    public void Jobs_that_share_a_file_go_their_own_ways()
    {
        var zipf = Golden with { Rw = FioDirection.RandRead, Distribution = FioSpread.Zipf, Value = 0.5 };
        Check(zipf with { ThreadNumber = 2 }, 16384, 0x6c073281e76db7cd, "r4623 r14099 r4094 r15962 r265 r15971 r7742 r13456 r79 r462");
        Check(zipf with { ThreadNumber = 3 }, 16384, 0x53f5302c9cbe4358, "r2445 r7984 r4412 r4446 r1048 r696 r13886 r15060 r4050 r11995");
    }

    [Theory]
    [InlineData(0, "r22 r136 r78 r22 r55 r76 r18 r144 r144 r148")]
    [InlineData(1, "r82 r166 r136 r182 r48 r174 r31 r209 r122 r116")]
    [InlineData(2, "r59 r61 r230 r123 r103 r29 r230 r227 r109 r150")]
    public void Clones_of_a_job_with_files_of_their_own(int clone, string first)
    {
        var job = new FioJob
        {
            Size = Small,
            Rw = FioDirection.RandRead,
            Distribution = FioSpread.Zipf,
            Value = 0.5,
            ThreadNumber = clone + 1,
            FileName = FioJob.DefaultFileName("job", clone, numJobs: 3),
        };
        Assert.Equal(first, Text(new FioSource(job).Take(10)));
    }

    private static void Check(FioJob job, int count, ulong checksum, string first)
    {
        var source = new FioSource(job);
        var numbers = source.Drain();
        Assert.Equal(first, Text(numbers[..10]));
        Assert.Equal(count, numbers.Length);
        Assert.Equal(count, source.Length);
        Assert.Equal(checksum, Sequence.Fnv1a64(numbers));
    }

    private static string Text(IEnumerable<uint> numbers) => string.Join(
        ' ', numbers.Select(n => (n & AccessSource.WriteBit) != 0 ? $"w{n & ~AccessSource.WriteBit}" : $"r{n}"));
}
