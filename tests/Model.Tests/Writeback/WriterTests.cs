using Reclaim.Model.Kernels;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Time;
using Reclaim.Model.Writeback;
using Xunit;

namespace Reclaim.Model.Tests.Writeback;

/// <summary>Writers that are faster than the device.</summary>
public sealed class WriterTests
{
    private const long Second = 1_000_000_000;
    private const int Memory = 400_000;
    private const long PagesPerSecond = 20_000;

    private static readonly DirtyLimits Limits = DirtyLimits.OfMemcg(new DirtySysctls(), Memory, 1 << 23);

    [Fact]
    public void Below_the_freerun_ceiling_nobody_waits_and_nothing_is_written()
    {
        var writers = new Writers(1);
        writers.WriteUntil(Limits.Freerun);

        Assert.Equal((0L, 0L), (writers.WaitedNs, writers.Domain.UnderWriteback));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void In_the_long_run_as_much_becomes_dirty_as_the_device_writes(int jobs)
    {
        var writers = new Writers(jobs);
        writers.Run(30 * Second);
        var (dirtied, written) = (writers.Dirtied.Sum(), writers.Written);
        writers.Run(90 * Second);

        Assert.InRange(writers.Written - written, 0.97 * 60 * PagesPerSecond, 1.01 * 60 * PagesPerSecond);
        Assert.InRange(writers.Dirtied.Sum() - dirtied, 0.95 * 60 * PagesPerSecond, 1.05 * 60 * PagesPerSecond);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void What_is_dirty_comes_to_rest_about_half_way_between_ceiling_and_limit(int jobs)
    {
        var writers = new Writers(jobs);
        writers.Run(30 * Second);
        var sum = 0L;
        for (var second = 31; second <= 90; second++)
        {
            writers.Run(second * Second);
            var dirty = writers.Domain.Dirty + writers.Domain.UnderWriteback;
            Assert.InRange(dirty, Limits.Background, Limits.Limit);
            sum += dirty;
        }

        Assert.InRange(sum / 60, Limits.Freerun, Limits.Limit);
    }

    [Fact]
    public void Writers_share_the_device_alike()
    {
        var writers = new Writers(4);
        writers.Run(120 * Second);

        Assert.InRange(writers.Dirtied.Max(), writers.Dirtied.Min(), 1.2 * writers.Dirtied.Min());
    }

    [Fact]
    public void A_pause_is_at_most_a_fifth_of_a_second_below_the_limit()
    {
        var writers = new Writers(2);
        writers.Run(60 * Second);

        Assert.InRange(writers.LongestNs, 1, Second / 5);
    }

    [Fact]
    public void The_bandwidth_that_is_estimated_is_the_device_s()
    {
        var writers = new Writers(1);
        writers.Run(90 * Second);

        Assert.InRange(writers.Domain.FlusherOf(writers.Device)!.Estimate.Average, 0.9 * PagesPerSecond, 1.1 * PagesPerSecond);
    }

    [Fact]
    public void A_job_that_reads_the_same_device_goes_on()
    {
        // Behind what the flusher has in flight, not behind all that is dirty.
        var writers = new Writers(1);
        writers.Run(60 * Second);
        var done = writers.Device.Submit(60 * Second, 4096);

        Assert.InRange(done - 60 * Second, 1, 2 * 256 * Second / PagesPerSecond + 1_000_000);
    }

    [Theory]
    [InlineData(0, 2048)]
    [InlineData(50, 1024)]
    [InlineData(100, 0)]
    public void The_rate_is_doubled_at_the_ceiling_kept_at_the_setpoint_and_nothing_at_the_limit(int percent, int ratio)
    {
        var limits = new DirtyLimits(100_000, 200_000);
        var dirty = limits.Freerun + (limits.Limit - limits.Freerun) * percent / 100;

        // A flusher with all of the bandwidth there is bends the curve no more than a little.
        Assert.InRange(new DirtyPosition(limits, limits.Limit, limits.Limit, dirty, dirty).Ratio(1L << 40), ratio - 4, ratio);
    }

    [Fact]
    public void Nearer_the_limit_is_never_faster()
    {
        var limits = new DirtyLimits(1000, 2000);
        var ratios = Enumerable.Range(1001, 1100).Select(dirty => new DirtyPosition(limits, limits.Limit, limits.Limit, dirty, dirty).Ratio(PagesPerSecond)).ToList();

        Assert.Equal(ratios.OrderDescending(), ratios);
    }

    /// <summary>Jobs that do nothing but write, each a file of its own, through and through: a page each 10 µs if they need not wait.</summary>
    private sealed class Writers
    {
        private const int FilePages = 70_000;
        private const long WriteNs = 10_000;

        private readonly long[] _clocks;

        public Writers(int jobs)
        {
            Memcg = new MemoryCgroup(Enumerable.Repeat(FilePages, jobs).ToArray(), Memory, 0, 0);
            Memcg.Folios.TrackWriteback();
            Memcg.Lruvec = new MultiGenLruvec(Memcg, new KernelChoice().ResolveRules(), 0, () => 0);
            Device = new Device(new DeviceType(50_000, PagesPerSecond * 4096, 1));
            Domain = new WritebackDomain(Memcg, jobs, new DirtySysctls(), 1 << 23, FlusherShare.WrittenLately);
            Dirtied = new long[jobs];
            _clocks = new long[jobs];
        }

        public MemoryCgroup Memcg { get; }

        public Device Device { get; }

        public WritebackDomain Domain { get; }

        public long[] Dirtied { get; }

        public long Written => Enumerable.Range(0, _clocks.Length).Sum(Domain.WrittenFor);

        public long WaitedNs { get; private set; }

        public long LongestNs { get; private set; }

        /// <summary>Writes until so many pages are dirty.</summary>
        public void WriteUntil(long dirty)
        {
            while (Domain.Dirty < dirty)
            {
                WritePage(0);
            }
        }

        /// <summary>Lets all write until then, whoever is earliest first.</summary>
        public void Run(long untilNs)
        {
            for (int job; _clocks[job = Earliest()] < untilNs;)
            {
                Domain.RunUntil(_clocks[job]);
                WritePage(job);
            }
        }

        private int Earliest() => Array.IndexOf(_clocks, _clocks.Min());

        private void WritePage(int job)
        {
            // Over and over through the file, each page when its turn comes again.
            var dirty = Domain.Dirty;
            var page = Memcg.Tree.PagesOf(job).First + (uint)(Dirtied[job] % FilePages);
            _clocks[job] += WriteNs;
            Domain.MarkDirty(page, Device, job, _clocks[job]);
            Dirtied[job] += Domain.Dirty - dirty;
            var until = Domain.Balance(page, job, _clocks[job]);
            LongestNs = Math.Max(LongestNs, until - _clocks[job]);
            WaitedNs += until - _clocks[job];
            _clocks[job] = until;
        }
    }
}
