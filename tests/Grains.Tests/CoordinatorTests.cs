using Reclaim.Model.Steps;

namespace Reclaim.Grains.Tests;

public class CoordinatorTests
{
    private const long Budget = 1_000;

    private static Coordinator Two(long? durationNs = null) => new([new("/a", 0, 100, null, 5_000), new("/b", 20, 100, null, 7_000)], durationNs);

    private static Report Ran(StopReason stop, long nowNs, long pages = 0, long accesses = Budget) => new(stop, nowNs, pages, accesses, 0, 0, 0, 0);

    [Fact]
    public void A_memcg_is_granted_what_it_may_come_to_hold()
    {
        var host = Two();

        Assert.Equal([100, 100], host.Wanted());
        Assert.Equal([100L, 80L], host.Grants([100, 100], Budget).Select(grant => grant!.Value.Pages));
    }

    [Fact]
    public void What_processes_hold_from_the_start_is_charged_with_the_first_step()
    {
        var host = Two();

        Assert.Equal([30, 25], host.Taken([Ran(StopReason.Accesses, 10, pages: 30), Ran(StopReason.Accesses, 10, pages: 5)]));
        host.Commit([Ran(StopReason.Accesses, 10, pages: 30), Ran(StopReason.Accesses, 10, pages: 5)]);
        Assert.Equal([70, 75], host.Wanted());
        Assert.Equal([-3, 4], host.Taken([Ran(StopReason.Accesses, 20, pages: -3), Ran(StopReason.Accesses, 20, pages: 4)]));
    }

    [Fact]
    public void Time_is_that_of_the_memcg_furthest_behind()
    {
        var host = Two();
        host.Commit([Ran(StopReason.Accesses, 70), Ran(StopReason.Accesses, 50)]);

        Assert.Equal(50, host.NowNs);
    }

    [Fact]
    public void A_finished_memcg_holds_back_neither_time_nor_pages()
    {
        var host = Two();
        host.Commit([Ran(StopReason.Accesses, 70), Ran(StopReason.Done, 50)]);

        Assert.False(host.Done);
        Assert.Equal(70, host.NowNs);
        Assert.Equal([100, 0], host.Wanted());
        Assert.Null(host.Grants([100, 0], Budget)[1]);
    }

    [Fact]
    public void When_all_are_finished_it_is_the_time_of_the_last()
    {
        var host = Two();
        host.Commit([Ran(StopReason.Done, 70), Ran(StopReason.Done, 50)]);

        Assert.True(host.Done);
        Assert.Equal(70, host.NowNs);
    }

    [Fact]
    public void A_memcg_that_reached_the_duration_is_finished_at_that_time()
    {
        var host = Two(durationNs: 1_000);

        Assert.All(host.Grants([100, 100], Budget), grant => Assert.Equal(1_000, grant!.Value.HorizonNs));
        host.Commit([Ran(StopReason.Horizon, 998), Ran(StopReason.Done, 50)]);
        Assert.True(host.Done);
        Assert.Equal(1_000, host.NowNs);
    }

    [Fact]
    public void A_step_that_broke_off_before_its_commit_can_be_begun_again()
    {
        var host = Two();
        var wanted = host.Wanted();
        var grants = host.Grants(wanted, Budget);
        host.Taken([Ran(StopReason.Accesses, 10, pages: 30), Ran(StopReason.Accesses, 10)]);

        Assert.Equal(wanted, host.Wanted());
        Assert.Equal(grants, host.Grants(wanted, Budget));
    }

    [Fact]
    public void A_host_whose_node_is_full_fails_and_names_the_memcg()
    {
        var host = Two();
        var stalled = Assert.Throws<StalledException>(() =>
            host.Commit([Ran(StopReason.Pages, 0, accesses: 0), Ran(StopReason.Pages, 0, accesses: 0)]));

        Assert.Contains("/a needs more pages", stalled.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_memcg_short_of_pages_waits_while_another_goes_on()
    {
        var host = Two();
        host.Commit([Ran(StopReason.Pages, 0, accesses: 0), Ran(StopReason.Accesses, 10)]);

        Assert.Equal(Budget, host.Accesses);
    }

    [Fact]
    public void A_host_without_memcgs_is_done()
    {
        var host = new Coordinator([], null);

        Assert.True(host.Done);
        Assert.Equal(0, host.NowNs);
    }
}
