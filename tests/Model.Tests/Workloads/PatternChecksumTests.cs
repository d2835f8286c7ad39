using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Workloads;

/// <summary>The sequences are those which real kernels were measured on: checksums and first numbers of <c>ground-truth/README.md</c> and its runs.</summary>
public sealed class PatternChecksumTests
{
    [Fact]
    public void Zipf_over_twelve_parts() =>
        Check(Patterns.Create("zipf", 49152, 300_000, 1, theta: 0.5, nf: 12), 0xc321dcdd0dc8ff66, 25031, 46479, 23392, 42311);

    [Fact]
    public void Zipf_over_one_part() =>
        Check(Patterns.Create("zipf", 49152, 300_000, 1, theta: 0.9), 0x0c3a696a2a00ed91, 39945, 8618, 28278, 31291);

    [Fact]
    public void Uniform() =>
        Check(Patterns.Create("uniform", 49152, 300_000, 1), 0xe45104e7742d4a68, 27847, 36656, 47726, 21841);

    [Fact]
    public void Hotscan() =>
        Check(Patterns.Create("hotscan", 65536, 220_000, 1, w: 8192, p: 256), 0xd71db9bdc7fa869a, 6109, 3640, 6249, 4284);

    [Fact]
    public void Phase() =>
        Check(Patterns.Create("phase", 49152, 300_000, 1, w: 12288, p: 922), 0x9195344da99e7964, 9164, 21841, 9374, 6427);

    [Fact]
    public void Burst() =>
        Check(Patterns.Create("burst", 49152, 300_000, 1, w: 1024, p: 683), 0x58bb1021c646efcb, 27847, 47726, 47726, 43123);

    [Fact]
    public void Scan() =>
        Check(Patterns.Create("scan", 24576, 150_000, 0), 0x0ba98e0c6d107595, 0, 1, 2, 3);

    [Theory]
    [InlineData(8192, 100_000, 7, 0.9, 1, 0x7b76d27e79f103e2)]
    [InlineData(2048, 12_000, 11, 1.2, 1, 0x0723ca4278338e7b)]
    [InlineData(2048, 12_000, 12, 1.2, 1, 0x7298186119f774d2)]
    [InlineData(2048, 12_000, 13, 1.2, 1, 0x087999857fcd9eb3)]
    [InlineData(49152, 200_000, 1, 0.9, 1, 0x26b7e19ca945ac23)]
    [InlineData(32768, 200_000, 1, 0.9, 1, 0x760930b358cce144)]
    [InlineData(49152, 200_000, 1, 0.5, 12, 0x8710725a5f4b6278)]
    [InlineData(49152, 600_000, 1, 0.5, 12, 0x86030b121e211bd4)]
    [InlineData(196608, 1_000_000, 1, 0.5, 12, 0xf9672df53baf1cee)]
    [InlineData(24576, 96_000, 1, 0.5, 1, 0x25668b3d447853b2)]
    [InlineData(24576, 96_000, 2, 0.9, 1, 0x5d717cc93971016e)]
    public void Zipf_streams_of_the_measured_runs(long n, int count, ulong seed, double theta, int nf, ulong checksum) =>
        Assert.Equal(checksum, Sequence.Fnv1a64(Patterns.Create("zipf", n, count, seed, theta, nf).Drain()));

    [Fact]
    public void Other_streams_of_the_measured_runs()
    {
        Assert.Equal(0xe4353be2321f2d25, Sequence.Fnv1a64(Patterns.Create("scan", 49152, 100_000, 1).Drain()));
        Assert.Equal(0xa2a15e1e7a54af75, Sequence.Fnv1a64(Patterns.Create("uniform", 24576, 96_000, 3).Drain()));
    }

    private static void Check(AccessSource source, ulong checksum, params uint[] first)
    {
        var numbers = source.Drain();
        Assert.Equal(source.Length, numbers.Length);
        Assert.Equal(first, numbers[..first.Length]);
        Assert.Equal(checksum, Sequence.Fnv1a64(numbers));
    }
}
