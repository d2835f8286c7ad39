using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.Memcg;

/// <summary>The memcg at its limit.</summary>
public class MemoryCgroupTests
{
    [Fact]
    public void Processes_that_do_not_fit_are_out_of_memory_at_once()
    {
        var error = Assert.Throws<MemcgOutOfMemoryException>(() => new MemoryCgroup([64], 10, processAnon: 8, processKernel: 3));

        Assert.Contains("memory.max of 10 pages", error.Message, StringComparison.Ordinal);
        Assert.Equal(10, new MemoryCgroup([64], 10, processAnon: 8, processKernel: 2).Charge.Usage);
    }

    [Fact]
    public void A_limit_that_leaves_no_page_for_files_is_out_of_memory_at_the_first_read()
    {
        var cgroup = Cgroup.MultiGen(10, 64, anon: 10);

        Assert.Throws<MemcgOutOfMemoryException>(() => cgroup.Read(0));
        Assert.Equal(1, cgroup.Memcg.Stat.EventsOom);
    }

    [Fact]
    public void The_first_page_of_a_file_costs_a_page_of_kernel_memory_beside_itself()
    {
        var cgroup = Cgroup.MultiGen(1000, 64);
        cgroup.Read(0);

        Assert.Equal((1L, 1L, 62), (cgroup.Memcg.FilePages, cgroup.Memcg.Kernel.Pages, cgroup.Memcg.Charge.Stock));
    }

    [Fact]
    public void One_limit_event_stands_for_64_misses()
    {
        var cgroup = Cgroup.MultiGen(12288, 40_000);
        cgroup.Read(Cgroup.Pages(0, 20_000));
        var events = cgroup.Memcg.Stat.EventsMax;
        cgroup.Read(Cgroup.Pages(20_000, 64 * 100));

        Assert.InRange(cgroup.Memcg.Stat.EventsMax - events, 99, 102);
    }

    [Fact]
    public void Reclaim_that_freed_enough_goes_to_no_further_priority()
    {
        var cgroup = Cgroup.MultiGen(1 << 20, 20_000);
        cgroup.Read(Cgroup.Pages(0, 20_000));

        Assert.True(cgroup.Memcg.TryToFreePages(1) >= ScanControl.SwapClusterMax);
        Assert.True(cgroup.Memcg.TryToFreePages(500) >= 500);
        Assert.True(cgroup.Memcg.FilePages >= 20_000 - 64 - 1000);
    }
}
