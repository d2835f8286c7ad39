using CsCheck;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;
using Xunit;

namespace Reclaim.Model.Tests.Swap;

/// <summary>Slots of an area, and which area they come from.</summary>
public sealed class SwapAreaTests
{
    private const uint FirstAnon = 64;

    [Fact]
    public void Pages_swapped_one_after_the_other_lie_side_by_side()
    {
        var area = new SwapArea(Area(1000), 0);

        Assert.Equal(Enumerable.Range(0, 1000), Enumerable.Range(0, 1000).Select(page => (int)area.Allocate((uint)page)));
        Assert.True(area.IsFull);
    }

    [Fact]
    public void Clusters_never_used_come_first_then_those_that_have_become_free_the_oldest_first_then_holes()
    {
        var area = new SwapArea(Area(3 * SwapArea.ClusterSlots), 0);
        for (var page = 0u; page < 2 * SwapArea.ClusterSlots; page++)
        {
            area.Allocate(page);
        }

        area.Free(300);
        for (var slot = 0u; slot < SwapArea.ClusterSlots; slot++)
        {
            area.Free(slot);
        }

        var next = Enumerable.Range(0, 2 * SwapArea.ClusterSlots + 1).Select(page => (int)area.Allocate((uint)page)).ToList();

        Assert.Equal([.. Enumerable.Range(512, 256), .. Enumerable.Range(0, 256), 300], next);
        Assert.True(area.IsFull);
    }

    [Fact]
    public void A_slot_has_one_page_at_a_time_and_every_slot_can_be_had() =>
        Gen.Select(Gen.Int[1, 800], Gen.Int[0, 3].Array[0, 3000]).Sample((slots, choices) =>
        {
            var area = new SwapArea(Area(slots), 0);
            var held = new Dictionary<uint, uint>();
            var page = 0u;
            foreach (var choice in choices)
            {
                if (choice == 0 && held.Count != 0)
                {
                    var slot = held.Keys.ElementAt((int)(page * 7919 % held.Count));
                    area.Free(slot);
                    held.Remove(slot);
                }
                else if (!area.IsFull)
                {
                    held.Add(area.Allocate(++page), page);
                }
            }

            while (!area.IsFull)
            {
                held.Add(area.Allocate(++page), page);
            }

            Assert.Equal((slots, slots), (held.Count, (int)area.Used));
            Assert.All(held, entry => Assert.True(area.TryGetPage(entry.Key, out var owner) && owner == entry.Value));
        });

    [Fact]
    public void The_area_of_the_highest_priority_is_filled_first()
    {
        var swap = Space(long.MaxValue, Area(10, priority: -2), Area(20, priority: 5), Area(30, priority: 100));

        Assert.Equal([.. Enumerable.Repeat(2, 30), .. Enumerable.Repeat(1, 20), .. Enumerable.Repeat(0, 10)], Sources(swap, 60));
        Assert.False(swap.TryAllocate(FirstAnon + 60));
    }

    [Fact]
    public void Areas_of_equal_priority_take_turns_of_64_slots()
    {
        var swap = Space(long.MaxValue, Area(200, priority: 1), Area(100, priority: 1), Area(1000, priority: 0));

        var sources = Sources(swap, 364);

        int[] turns = [.. Enumerable.Repeat(0, 64), .. Enumerable.Repeat(1, 64), .. Enumerable.Repeat(0, 64), .. Enumerable.Repeat(1, 36)];
        Assert.Equal(turns, sources[..228]);
        Assert.Equal([.. Enumerable.Repeat(0, 72), .. Enumerable.Repeat(2, 64)], sources[228..]);
    }

    [Fact]
    public void A_slot_of_a_better_area_that_becomes_free_is_taken_within_64_slots()
    {
        var swap = Space(long.MaxValue, Area(10, priority: 1), Area(1000, priority: 0));
        Sources(swap, 20);
        swap.Release(FirstAnon);

        Assert.Contains(0, Enumerable.Range(20, 64).Select(page => Source(swap, page)));
    }

    [Fact]
    public void The_cgroups_limit_holds_for_all_areas_together()
    {
        var swap = Space(15, Area(10), Area(10));
        Sources(swap, 15);

        Assert.Equal((15L, 0L, false), (swap.Used, swap.Free, swap.TryAllocate(FirstAnon + 15)));
        swap.Release(FirstAnon + 3);
        Assert.True(swap.TryAllocate(FirstAnon + 15));
    }

    [Theory]
    [InlineData(1000, long.MaxValue, 500, false)]
    [InlineData(1000, long.MaxValue, 501, true)]
    [InlineData(1000, 100L, 49, false)]
    [InlineData(1000, 100L, 50, true)]
    public void Swap_counts_as_full_from_half_on_of_the_machine_or_of_the_cgroup(int slots, long limit, int used, bool full)
    {
        var swap = Space(limit, Area(slots));
        Sources(swap, used);

        Assert.Equal(full, swap.IsFull);
    }

    [Fact]
    public void Compressed_areas_take_what_is_stored_in_them_over_their_ratio()
    {
        var swap = Space(long.MaxValue, Area(100, priority: 1) with { Ratio = 2.5 }, Area(1000));
        Sources(swap, 51);
        Assert.Equal(21, swap.CompressedPages);

        Enumerable.Range(51, 100).ToList().ForEach(page => swap.TryAllocate(FirstAnon + (uint)page));
        Assert.Equal(40, swap.CompressedPages);
        Assert.Equal(40, swap.CompressedLimit);
    }

    private static SwapAreaPlan Area(long slots, int priority = -2) =>
        new() { Pages = slots, Device = new Device(DeviceType.Of("brd")), Priority = priority };

    private static SwapSpace Space(long limit, params SwapAreaPlan[] areas) => new(areas, limit, FirstAnon, 4096);

    private static int[] Sources(SwapSpace swap, int pages) => [.. Enumerable.Range(0, pages).Select(page => Source(swap, page))];

    private static int Source(SwapSpace swap, int page)
    {
        Assert.True(swap.TryAllocate(FirstAnon + (uint)page));
        return swap.Areas.ToList().IndexOf(swap.AreaOfPage(FirstAnon + (uint)page));
    }
}
