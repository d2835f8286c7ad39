using Reclaim.Model.Classic;
using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.LruGenFiles;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Steps;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;
using Xunit;

namespace Reclaim.Model.Tests.Swap;

/// <summary>A page on its way to a device: where it waits, and what becomes of it.</summary>
public sealed class PageOutTests
{
    private const long Latency = 10_000_000;
    private const int Pages = 200;

    [Theory]
    [InlineData("v6.8", 6, 5)]
    [InlineData("v6.12.117", 6, 5)]
    [InlineData("v6.7-rc4", 6, 4)]
    [InlineData("v6.12.117-unfixed", 6, 4)]
    [InlineData("v6.14", 5, 4)]
    [InlineData("v6.19", 5, 4)]
    public void A_page_being_written_waits_in_a_younger_generation_and_comes_to_the_tail_of_the_oldest(string variant, ulong youngest, ulong waits)
    {
        // What was faulted in is in the oldest of four generations then: from v6.14 on it began in the second youngest.
        var heap = new Heap(variant);
        var lruvec = (MultiGenLruvec)heap.Memcg.Lruvec;
        heap.AgeTo(youngest);
        Assert.Equal((youngest - 3, youngest), (lruvec.MinSeq(MultiGenLruvec.Anon), lruvec.MaxSeq));
        Assert.Equal(Pages, lruvec.Pages(youngest - 3, MultiGenLruvec.Anon).Count());

        // Rounds of v6.19 are as large as what is asked for, others 64 pages.
        Assert.Equal(0, heap.Shrink(priority: 6));
        var written = heap.Memcg.Transfers.UnderWriteback;
        Assert.InRange(written, 1, 64);
        Assert.Equal(written, heap.Memcg.Stat.Pswpout);
        Assert.Equal(heap.Numbers(0, written), lruvec.Pages(waits, MultiGenLruvec.Anon));

        heap.NowNs += Latency - 1;
        heap.Memcg.EndSwapWrites();
        Assert.Equal(written, heap.Memcg.Transfers.UnderWriteback);

        heap.NowNs += 1;
        heap.Memcg.EndSwapWrites();
        Assert.Equal(0, heap.Memcg.Transfers.UnderWriteback);

        // Each goes to the very tail.
        Assert.Equal(heap.Numbers(0, written).Reverse(), lruvec.Pages(youngest - 3, MultiGenLruvec.Anon).Take(written));

        // What was written is freed, and not written again.
        Assert.Equal(written, heap.Shrink(priority: 6));
        Assert.Equal((written, 0L, written), (heap.Memcg.Stat.Pswpout, heap.Memcg.SwapCached, heap.Memcg.SwapUsed));
    }

    [Fact]
    public void Under_classic_a_page_being_written_waits_at_the_head_of_the_inactive_list_and_comes_to_its_tail()
    {
        var heap = new Heap("v6.8", classic: true);

        Assert.Equal(0, heap.Shrink(priority: 1));
        Assert.True(heap.Memcg.Transfers.UnderWriteback > 0);
        var written = heap.Numbers(0, Pages).Where(page => heap.Memcg.Folios.Writeback[page] == (WritebackFlags.Writeback | WritebackFlags.Reclaim)).ToList();
        Assert.Equal(heap.Memcg.Transfers.UnderWriteback, written.Count);
        Assert.Equal(heap.Memcg.Stat.Pswpout, written.Count);

        // Writing has made the type dear: only the last priority scans it whole again.
        heap.NowNs += Latency;
        heap.Memcg.EndSwapWrites();
        Assert.Equal(written.Count, heap.Shrink(priority: 0));
        Assert.All(written, page => Assert.Equal(0, heap.Memcg.Folios.State[page]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_page_used_while_it_is_written_stays_and_has_lost_its_place_at_the_tail(bool classic)
    {
        var heap = new Heap("v6.8", classic);
        heap.AgeTo(generation: 6);
        heap.Shrink(priority: classic ? 1 : 6);

        Assert.Equal(FaultKind.SwapCache, heap.Fault(0, write: true));
        heap.NowNs += Latency;
        heap.Memcg.EndSwapWrites();
        heap.Shrink(priority: classic ? 1 : 6);

        var first = heap.Numbers(0, 1).Single();
        Assert.NotEqual(0, heap.Memcg.Folios.State[first]);
        Assert.True(heap.Memcg.Swap.HasSlot(first), "its slot could not be freed while it was written");
        Assert.Equal(1, heap.Memcg.Stat.SwapRaHit);
    }

    [Fact]
    public void A_page_read_back_by_a_load_keeps_its_slot_and_one_read_back_by_a_store_does_not()
    {
        var heap = new Heap("v6.8", pageCluster: 0);
        heap.AgeTo(generation: 6);
        heap.Shrink(priority: 6);
        heap.NowNs += Latency;
        heap.Memcg.EndSwapWrites();
        heap.Shrink(priority: 6);

        Assert.Equal(FaultKind.SwapIn, heap.Fault(0, write: false));
        Assert.Equal(FaultKind.SwapIn, heap.Fault(1, write: true));

        Assert.Equal((63L, 1L, 2L), (heap.Memcg.SwapUsed, heap.Memcg.SwapCached, heap.Memcg.Stat.Pswpin));
        Assert.Equal([true, false], heap.Numbers(0, 2).Select(heap.Memcg.Swap.HasSlot));
    }

    [Fact]
    public void Neighbours_of_a_fault_are_read_with_it_as_one_transfer_and_enter_the_youngest_generation()
    {
        var heap = new Heap("v6.8");
        heap.AgeTo(generation: 6);
        heap.Shrink(priority: 6);
        heap.NowNs += Latency;
        heap.Memcg.EndSwapWrites();
        heap.Shrink(priority: 6);
        var transfers = heap.Disk.Transfers;

        heap.Fault(30, write: false);
        heap.Memcg.Transfers.SubmitReads(heap.NowNs);

        Assert.Equal(transfers + 1, heap.Disk.Transfers);
        Assert.Equal((8L, 7L), (heap.Memcg.Stat.Pswpin, heap.Memcg.Stat.SwapRa));
        Assert.Equal(heap.Numbers(27, 8), ((MultiGenLruvec)heap.Memcg.Lruvec).Pages(6, MultiGenLruvec.Anon));
        Assert.Equal(heap.NowNs + Latency, heap.Memcg.Transfers.UpToDateNs(heap.Numbers(34, 1).Single()));

        Assert.Equal(FaultKind.SwapCache, heap.Fault(31, write: false));
        Assert.Equal((8L, 1L), (heap.Memcg.Stat.Pswpin, heap.Memcg.Stat.SwapRaHit));
    }

    /// <summary>A heap whose pages were all stored to, and not used since.</summary>
    private sealed class Heap
    {
        private readonly Func<int, bool, FaultKind> _fault;
        private readonly Vma _vma;

        public Heap(string variant, bool classic = false, int pageCluster = 3)
        {
            Disk = new Device(new DeviceType(Latency, 0, 1000));
            Memcg = new MemoryCgroup([], 10_000, 0, 0, [Pages], 1000, [new SwapAreaPlan { Pages = 1000, Device = Disk }])
            {
                SwapReadahead = new SwapReadahead(pageCluster),
                Clock = () => NowNs,
            };
            _vma = new AddressSpace(0).Map(0, Pages, anonymous: true);
            Memcg.Rmap.Add(_vma);
            var rules = new KernelChoice { Variant = variant }.ResolveRules();
            if (classic)
            {
                var lruvec = new ClassicLruvec(Memcg, rules.AddBatch, rules.ClassicFlush, swappiness: 60);
                Memcg.Lruvec = lruvec;
                _fault = new KernelCache<ClassicPath>(Memcg, Memcg.Folios, new ClassicPath(lruvec)).Fault(_vma);
            }
            else
            {
                var lruvec = new MultiGenLruvec(Memcg, rules, swappiness: 60, () => 0);
                Memcg.Lruvec = lruvec;
                _fault = new KernelCache<MultiGenPath>(Memcg, Memcg.Folios, new MultiGenPath(lruvec)).Fault(_vma);
            }

            for (var index = 0; index < Pages; index++)
            {
                Fault(index, write: true);
                _vma.Pte[index] &= ~PteFlags.Accessed;
            }

            Memcg.Lruvec.FlushStatistics();
        }

        public MemoryCgroup Memcg { get; }

        public Device Disk { get; }

        public long NowNs { get; set; }

        public FaultKind Fault(int index, bool write) => _fault(index, write);

        public IEnumerable<uint> Numbers(int first, int count) => Enumerable.Range(first, count).Select(page => (uint)page);

        /// <summary>Makes generations until so many have been, and lets go of those that are empty.</summary>
        public void AgeTo(ulong generation)
        {
            if (Memcg.Lruvec is not MultiGenLruvec lruvec)
            {
                return;
            }

            lruvec.Drain();
            while (lruvec.MaxSeq < generation)
            {
                var command = LruGenCommand.Parse($"+ 2 0 {lruvec.MaxSeq} 60 1", LruGenCommand.MaxSwappiness).Commands[0];
                Assert.Equal(0, lruvec.Run(command));
            }
        }

        public long Shrink(int priority)
        {
            var sc = new ScanControl { NrToReclaim = 32, Priority = priority };
            Memcg.Lruvec.Shrink(ref sc);
            return sc.NrReclaimed;
        }
    }
}

file static class Faults
{
    public static Func<int, bool, FaultKind> Fault<TPath>(this KernelCache<TPath> cache, Vma vma)
        where TPath : struct, ILruvecPath => (index, write) => cache.Fault(vma, index, write);
}
