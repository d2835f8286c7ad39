using CsCheck;
using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Time;
using Reclaim.Model.Writeback;
using Xunit;

namespace Reclaim.Model.Tests.Writeback;

/// <summary>What the flusher writes, when, and in which order.</summary>
public sealed class FlusherTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void A_file_is_as_old_as_the_first_page_of_it_that_was_made_dirty()
    {
        var files = new Files(100, 100);
        files.Dirty(0, 50, at: 0);
        files.Dirty(0, 10, at: 29 * Second);
        files.Dirty(1, 10, at: 29 * Second);

        files.RunUntil(31 * Second);

        Assert.Equal([(0, 10), (0, 50)], files.Written);
        Assert.Equal(1, files.Domain.Dirty);
        files.RunUntil(62 * Second);
        Assert.Equal([(0, 10), (0, 50), (1, 10)], files.Written);
    }

    [Fact]
    public void The_flusher_wakes_every_five_seconds_from_the_first_dirty_page_on()
    {
        var files = new Files(100);
        files.Dirty(0, 0, at: 2 * Second);

        files.RunUntil(32 * Second - 1);
        Assert.Empty(files.Written);
        files.RunUntil(32 * Second);
        Assert.Equal([(0, 0)], files.Written);
        files.RunUntil(1000 * Second);
        Assert.Equal(long.MaxValue, files.Domain.NextEventNs);
    }

    [Theory]
    [InlineData(FlusherShare.WrittenLately, 5)]
    [InlineData(FlusherShare.AtLeastEighth, 30)]
    internal void To_a_device_that_was_idle_all_is_written_at_the_first_wake_up_to_v6_13(FlusherShare share, int seconds)
    {
        var files = new Files(share, 100);
        files.Dirty(0, 0, at: 0);

        files.RunUntil(seconds * Second - 1);
        Assert.Empty(files.Written);
        files.RunUntil(seconds * Second);
        Assert.Equal([(0, 0)], files.Written);
    }

    [Fact]
    public void On_a_device_that_is_written_to_dirty_pages_grow_old()
    {
        // All that was written lately was written to it: the device has the threshold for itself.
        var files = new Files(FlusherShare.WrittenLately, 2000, 100);
        files.Dirty(0, Enumerable.Range(0, 2000), at: 0);
        files.Domain.WakeFlushers(0);
        files.RunUntil(1 * Second);
        files.Written.Clear();
        files.Dirty(1, 7, at: 1 * Second);

        files.RunUntil(31 * Second - 1);
        Assert.Empty(files.Written);
        files.RunUntil(31 * Second);
        Assert.Equal([(1, 7)], files.Written);
    }

    [Fact]
    public void Without_a_period_it_does_not_wake_by_itself()
    {
        var files = new Files(new DirtySysctls { WritebackCentisecs = 0 }, 100);
        files.Dirty(0, 0, at: 0);

        Assert.Equal(long.MaxValue, files.Domain.NextEventNs);
    }

    [Fact]
    public void Age_and_period_can_be_set()
    {
        var files = new Files(new DirtySysctls { ExpireCentisecs = 200, WritebackCentisecs = 100 }, 100);
        files.Dirty(0, 0, at: 0);

        files.RunUntil(2 * Second - 1);
        Assert.Empty(files.Written);
        files.RunUntil(2 * Second);
        Assert.Equal([(0, 0)], files.Written);
    }

    [Fact]
    public void Whatever_the_order_in_which_pages_were_made_dirty_they_are_written_in_order_of_index() =>
        Gen.Shuffle(Enumerable.Range(0, 700).ToArray(), 400).Sample(pages =>
        {
            var files = new Files(700);
            foreach (var page in pages)
            {
                files.Dirty(0, page, at: 0);
            }

            files.WriteAll();

            Assert.Equal(pages.Order().Select(page => (0, page)), files.Written);
        });

    [Fact]
    public void Files_take_turns_and_go_on_where_they_were_left()
    {
        // A small host makes a turn of 1024 pages.
        var files = new Files(3000, 1500);
        files.Dirty(0, Enumerable.Range(0, 3000), at: 0);
        files.Dirty(1, Enumerable.Range(0, 1500), at: 1);

        files.WriteAll();

        Assert.Equal([(0, 0, 1024), (1, 0, 1024), (0, 1024, 1024), (1, 1024, 476), (0, 2048, 952)], files.Turns);
    }

    [Fact]
    public void A_page_behind_the_cursor_waits_until_the_end_of_the_file_was_reached()
    {
        var files = new Files(2000);
        files.Dirty(0, Enumerable.Range(0, 1500), at: 0);
        files.Domain.WakeFlushers(0);
        files.RunUntilWritten(600);
        files.Dirty(0, 5, at: files.NowNs);

        files.RunUntil(10 * Second);

        Assert.Equal(Enumerable.Range(0, 1500).Append(5).Select(page => (0, page)), files.Written);
    }

    [Fact]
    public void Neighbouring_pages_are_one_request_of_at_most_a_mebibyte()
    {
        var together = new Files(1000);
        together.Dirty(0, Enumerable.Range(0, 1000), at: 0);
        together.WriteAll();
        var apart = new Files(1000);
        apart.Dirty(0, Enumerable.Range(0, 500).Select(page => 2 * page), at: 0);
        apart.WriteAll();

        Assert.Equal((1000 + 255) / 256, together.Device.Transfers);
        Assert.Equal(500, apart.Device.Transfers);
    }

    [Fact]
    public void No_more_is_at_the_device_than_its_queue_takes()
    {
        var files = new Files(10_000);
        files.Dirty(0, Enumerable.Range(0, 5000).Select(page => 2 * page), at: 0);
        files.Domain.WakeFlushers(0);

        Assert.Equal(2 * files.Device.QueueDepth, files.Domain.UnderWriteback);
    }

    [Fact]
    public void What_is_written_to_memory_is_written_at_once()
    {
        var files = new Files(new DirtySysctls(), new Device(DeviceType.Of("brd")), 5000);
        files.Dirty(0, Enumerable.Range(0, 5000), at: 0);
        files.Domain.WakeFlushers(0);

        Assert.Equal((0L, 0L, 5000L), (files.Domain.Dirty, files.Domain.UnderWriteback, files.Domain.WrittenFor(0)));
    }

    [Fact]
    public void The_flusher_that_wakes_by_itself_writes_down_to_the_background_threshold()
    {
        // Above the background threshold, below the freerun ceiling.
        var files = new Files(10_000);
        var limits = DirtyLimits.OfMemcg(new DirtySysctls(), files.Memcg.Charge.Max, Files.Host);
        files.Dirty(0, Enumerable.Range(0, (int)limits.Background + 10), at: 0);
        files.Domain.Balance(0, 0, 0);

        files.RunUntil(5 * Second - 1);
        Assert.Empty(files.Written);
        files.RunUntil(6 * Second);
        Assert.NotEmpty(files.Written);
        Assert.InRange(files.Domain.Dirty, 0, limits.Background);
    }

    [Fact]
    public void Each_page_made_dirty_is_written_once_or_still_dirty() =>
        Gen.Select(Gen.Select(Gen.Int[0, 5], Gen.Int[0, 2], Gen.Int[0, 1499], Gen.Int[1, 400]).Array[1, 200], Gen.Bool).Sample((steps, memory) =>
        {
            var files = new Files(new DirtySysctls { Ratio = 3, BackgroundRatio = 1 }, new Device(DeviceType.Of(memory ? "brd" : "ssd")), 1500, 700, 1500);
            var now = 0L;
            foreach (var (step, file, from, count) in steps)
            {
                switch (step)
                {
                    case 0 or 1 or 2:
                        files.Dirty(file, Enumerable.Range(from, count).Select(page => page % files.PagesOf(file)), now);
                        now = files.Domain.Balance(files.Memcg.Tree.PagesOf(file).First, files.Job, now);
                        files.Job = 1 - files.Job;
                        break;
                    case 3:
                        now += from * 10_000_000L;
                        files.RunUntil(now);
                        break;
                    case 4:
                        files.Domain.WakeFlushers(now);
                        break;
                    default:
                        now = files.Domain.WaitForSome(now) ?? now;
                        break;
                }

                files.Check();
            }

            files.RunUntil(now + 10_000 * Second);
            files.Check();
            Assert.Equal((0L, 0L, 0), (files.Domain.Dirty, files.Domain.UnderWriteback, files.Domain.DirtyInodes));
            Assert.Equal(long.MaxValue, files.Domain.NextEventNs);
        });

    /// <summary>Files of a memcg with room for all of them, on one device.</summary>
    private sealed class Files
    {
        /// <summary>Pages of the host: so few that a file's turn is never more than 1024 pages.</summary>
        public const long Host = 16_384;

        private readonly int[] _pages;
        private readonly bool[] _under;

        // A plain account beside the domain's: who made a page dirty last, and how often each did.
        private readonly int[] _dirtiedBy;
        private readonly long[] _madeDirty = new long[2];

        public Files(params int[] pages)
            : this(new DirtySysctls(), pages)
        {
        }

        public Files(DirtySysctls sysctls, params int[] pages)
            : this(sysctls, new Device(new DeviceType(100_000, 100_000_000, 1)), pages)
        {
        }

        public Files(FlusherShare share, params int[] pages)
            : this(new DirtySysctls(), new Device(new DeviceType(100_000, 100_000_000, 1)), share, pages)
        {
        }

        public Files(DirtySysctls sysctls, Device device, params int[] pages)
            : this(sysctls, device, FlusherShare.AtLeastEighth, pages)
        {
        }

        private Files(DirtySysctls sysctls, Device device, FlusherShare share, int[] pages)
        {
            _pages = pages;
            Device = device;
            Memcg = new MemoryCgroup(pages, 16_000, 0, 0);
            Memcg.Folios.TrackWriteback();
            Memcg.Lruvec = new MultiGenLruvec(Memcg, new KernelChoice().ResolveRules(), 0, () => 0);
            Domain = new WritebackDomain(Memcg, 2, sysctls, Host, share);
            _under = new bool[Memcg.Folios.Pages];
            _dirtiedBy = new int[Memcg.Folios.Pages];
        }

        public MemoryCgroup Memcg { get; }

        public Device Device { get; }

        public WritebackDomain Domain { get; }

        public long NowNs { get; private set; }

        /// <summary>Who writes.</summary>
        public int Job { get; set; }

        /// <summary>Pages sent to the device so far, in that order, as far as <see cref="RunUntil"/> saw them.</summary>
        public List<(int File, int Page)> Written { get; } = [];

        /// <summary>The same, neighbours together.</summary>
        public IEnumerable<(int File, int First, int Pages)> Turns
        {
            get
            {
                var turns = new List<(int File, int First, int Pages)>();
                foreach (var (file, page) in Written)
                {
                    if (turns.Count != 0 && turns[^1].File == file && turns[^1].First + turns[^1].Pages == page)
                    {
                        turns[^1] = turns[^1] with { Pages = turns[^1].Pages + 1 };
                    }
                    else
                    {
                        turns.Add((file, page, 1));
                    }
                }

                return turns;
            }
        }

        public int PagesOf(int file) => _pages[file];

        public void Dirty(int file, int page, long at)
        {
            if (at > NowNs)
            {
                RunUntil(at);
            }

            var number = Memcg.Tree.PagesOf(file).First + (uint)page;
            if ((Memcg.Folios.Writeback[number] & WritebackFlags.Dirty) == 0)
            {
                _dirtiedBy[number] = Job;
                _madeDirty[Job]++;
            }

            Domain.MarkDirty(number, Device, Job, at);
        }

        public void Dirty(int file, IEnumerable<int> pages, long at)
        {
            foreach (var page in pages)
            {
                Dirty(file, page, at);
            }
        }

        public void WriteAll()
        {
            Domain.WakeFlushers(NowNs);
            RunUntil(NowNs + 1000 * Second);
        }

        public void RunUntilWritten(int pages)
        {
            for (Look(); Written.Count < pages; Look())
            {
                Domain.RunUntil(NowNs = Domain.NextEventNs);
            }
        }

        public void RunUntil(long nowNs)
        {
            Look();
            while (Domain.NextEventNs <= nowNs)
            {
                Domain.RunUntil(Domain.NextEventNs);
                Look();
            }

            NowNs = Math.Max(NowNs, nowNs);
        }

        /// <summary>Counters say what the flags say, and nothing is lost.</summary>
        public void Check()
        {
            var flags = Memcg.Folios.Writeback;
            Assert.Equal(flags.Count(flag => (flag & WritebackFlags.Dirty) != 0), Domain.Dirty);
            Assert.Equal(flags.Count(flag => (flag & WritebackFlags.Writeback) != 0), Domain.UnderWriteback);
            for (var job = 0; job < 2; job++)
            {
                var dirty = flags.Zip(_dirtiedBy).Count(page => page.Second == job && (page.First & WritebackFlags.Dirty) != 0);
                Assert.Equal(_madeDirty[job], Domain.WrittenFor(job) + dirty);
            }
        }

        /// <summary>Notes the pages that have gone to the device: at each event at most a request of each flusher.</summary>
        private void Look()
        {
            for (var file = 0; file < _pages.Length; file++)
            {
                var (first, end) = Memcg.Tree.PagesOf(file);
                for (var page = first; page < end; page++)
                {
                    var under = (Memcg.Folios.Writeback[page] & WritebackFlags.Writeback) != 0;
                    if (under && !_under[page])
                    {
                        Written.Add((file, (int)(page - first)));
                    }

                    _under[page] = under;
                }
            }
        }
    }
}
