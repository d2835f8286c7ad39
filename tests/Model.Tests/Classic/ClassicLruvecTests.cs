using Reclaim.Model.Classic;
using Reclaim.Model.Tests.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.Classic;

/// <summary>Active and inactive lists: examples worked out by hand.</summary>
public class ClassicLruvecTests
{
    private const long Unlimited = 1L << 40;
    private const int Referenced = 8;

    [Fact]
    public void The_second_read_activates_the_third_sets_the_reference_again_the_fourth_does_nothing()
    {
        var cgroup = Cgroup.OfClassic(Unlimited, 100);
        cgroup.Read(Cgroup.Pages(1, 15));
        Assert.Equal(Referenced, cgroup.State[1] & Referenced);
        Assert.Equal(0ul, cgroup.Classic.NonresidentAge);

        cgroup.Read(1);
        Assert.Equal(0, cgroup.State[1] & Referenced);
        Assert.Equal(1ul, cgroup.Classic.NonresidentAge);
        Assert.False(cgroup.Classic.IsActive(1));
        cgroup.Classic.Drain();
        Assert.True(cgroup.Classic.IsActive(1));
        Assert.Equal(1, cgroup.Memcg.Stat.Pgactivate);

        cgroup.Read(1);
        var state = cgroup.State[1];
        Assert.Equal(Referenced, state & Referenced);
        cgroup.Read(1);
        Assert.Equal(state, cgroup.State[1]);
        Assert.Equal(1ul, cgroup.Classic.NonresidentAge);
    }

    [Fact]
    public void A_page_read_twice_while_in_the_add_batch_enters_the_active_list()
    {
        var cgroup = Cgroup.OfClassic(Unlimited, 100);
        cgroup.Read(1, 2);
        cgroup.Read(2, 1);
        cgroup.Classic.Drain();

        Assert.Equal([1u], cgroup.Classic.ActivePages);
        Assert.Equal([2u], cgroup.Classic.InactivePages);
    }

    [Theory]
    [InlineData("v6.8", 15)]
    [InlineData("v6.12.117", 31)]
    public void Activation_waits_for_its_batch(string variant, int batch)
    {
        var cgroup = Cgroup.OfClassic(Unlimited, 100, variant);
        cgroup.Read(Cgroup.Pages(0, 62));
        cgroup.Classic.Drain();

        cgroup.Read(Cgroup.Pages(0, batch - 1));
        Assert.Empty(cgroup.Classic.ActivePages);
        cgroup.Read((uint)batch - 1);
        Assert.Equal(Cgroup.Pages(0, batch), cgroup.Classic.ActivePages);
    }

    [Theory]
    [InlineData(149_797, 1_048_576 - 149_797, false)]
    [InlineData(149_796, 1_048_576 - 149_796, true)]
    [InlineData(131_071, 262_143 - 131_071, true)]
    [InlineData(131_072, 262_143 - 131_072, false)]
    [InlineData(65_536, 262_144 - 65_536, false)]
    [InlineData(65_535, 262_144 - 65_535, true)]
    [InlineData(819_200, 26_214_400 - 819_200, false)]
    [InlineData(819_199, 26_214_400 - 819_199, true)]
    public void The_inactive_list_is_low_by_a_ratio_that_grows_with_the_square_root_of_memory(long inactive, long active, bool low) =>
        Assert.Equal(low, ClassicLruvec.InactiveIsLow(inactive, active));

    [Fact]
    public void Streaming_through_48_MiB_frees_42_pages_in_four_passes()
    {
        var passes = Streaming();
        Assert.Equal([3L, 5L, 11L, 23L], Enumerable.Range(0, 4).Select(pass => passes.Shrink(12 - pass)));

        Assert.Equal(42, Streaming().Memcg.TryToFreePages(1));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void A_page_that_comes_back_within_as_many_evictions_as_there_are_active_pages_is_activated(int distance, bool activated)
    {
        var cgroup = Cgroup.OfClassic(Unlimited, 1000);
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Read(Cgroup.Pages(100, 2 * distance));
        cgroup.Classic.Drain();
        Assert.Equal((2L * distance, 100L), cgroup.Classic.FileSizes);
        Assert.Equal(distance, cgroup.Shrink(priority: 1, ask: 1000));

        cgroup.Read(100);
        cgroup.Classic.Drain();

        Assert.Equal(activated, cgroup.Classic.IsActive(100));
        Assert.Equal(1, cgroup.Memcg.Stat.WorkingsetRefaultFile);
        Assert.Equal(activated ? 1 : 0, cgroup.Memcg.Stat.WorkingsetActivateFile);
        Assert.Equal(0, cgroup.Memcg.Stat.WorkingsetRestoreFile);
    }

    [Fact]
    public void Activations_count_in_the_distance_as_evictions_do()
    {
        var cgroup = Cgroup.OfClassic(Unlimited, 1000);
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Read(Cgroup.Pages(100, 200));
        cgroup.Classic.Drain();
        Assert.Equal(100, cgroup.Shrink(priority: 1, ask: 1000));
        cgroup.Read(299);

        cgroup.Read(100);

        Assert.Equal(0, cgroup.Memcg.Stat.WorkingsetActivateFile);
    }

    [Fact]
    public void A_page_that_was_active_before_it_left_is_restored()
    {
        var cgroup = Cgroup.OfClassic(Unlimited, 1000);
        cgroup.Read(Cgroup.Pages(0, 300));
        cgroup.Read(Cgroup.Pages(0, 300));
        cgroup.Classic.Drain();
        Assert.Equal((0L, 300L), cgroup.Classic.FileSizes);
        cgroup.Shrink(priority: 3);
        Assert.True(cgroup.Memcg.Stat.Pgdeactivate > 0);
        cgroup.Shrink(priority: 3);
        Assert.True(cgroup.Shadow(0).Present);

        cgroup.Read(0);

        Assert.Equal(1, cgroup.Memcg.Stat.WorkingsetRestoreFile);
    }

    private static Cgroup Streaming()
    {
        var cgroup = Cgroup.OfClassic(Unlimited, 12288);
        cgroup.Read(Cgroup.Pages(0, 12288));
        cgroup.Classic.Drain();
        return cgroup;
    }
}
