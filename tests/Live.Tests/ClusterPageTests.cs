using System.Text.Json;

namespace Reclaim.Live.Tests;

/// <summary>A run of a cluster is steered from the page of any of its silos.</summary>
public class ClusterPageTests(Chromium chromium)
{
    private const string Name = "steered";

    /// <summary>Bytes in stocks that both cgroups may still count, 64 pages each.</summary>
    private const int Stocks = 2 * 64 << 12;

    [Fact]
    public async Task A_run_is_paused_stepped_limited_and_resumed_from_the_pages_of_silos_of_which_most_do_not_drive_it()
    {
        await using var cluster = await LiveCluster.UpAsync(silos: 3);
        Assert.Equal(3, cluster.Pages.Distinct().Count());
        cluster.Run(LiveProgram.Scenario("examples/shared-limit.yaml"), Name, "--set", "host.cgroups.pod.cgroups.database.workloads[0].pattern.acc=2000000000", "--set", "duration=100000s");

        await using (var first = await LivePage.OpenAsync(chromium, cluster.Pages[0]))
        {
            await first.WaitForPhaseAsync("running");
            await first.Page.ClickAsync("#play");
            await first.WaitForPhaseAsync("paused");
            Assert.Empty(first.Complaints);
        }

        await using (var second = await LivePage.OpenAsync(chromium, cluster.Pages[1]))
        {
            await second.WaitForPhaseAsync("paused");
            var before = await second.NowAsync();
            await LivePageTests.StepAsync(second, 50_000_000);
            Assert.True(await second.NowAsync() >= before + 50_000_000);
            await second.ChooseAsync("/pod");
            await LivePageTests.WriteAsync(second, "memory.max", "4M");
            await second.WaitAsync("document.getElementById('toast').textContent.includes('memory.max = 4M')");
            Assert.Empty(second.Complaints);
        }

        await using (var third = await LivePage.OpenAsync(chromium, cluster.Pages[2]))
        {
            await LivePageTests.StepAsync(third, 50_000_000);
            await third.WaitAsync("[...document.querySelectorAll('.row:not([hidden])')].some(row => row.children[0].title === '/pod' && row.children[1].textContent.endsWith('/ 4M'))");
            await third.Page.SelectAsync("#speed", "0.1");
            await third.Page.ClickAsync("#play");
            await third.WaitForPhaseAsync("running");
            var before = await third.NowAsync();
            await third.WaitAsync($"Number(document.body.dataset.now) > {before}");
            Assert.Empty(third.Complaints);
        }

        await cluster.SayAsync("cancel", Name);
        using var results = JsonDocument.Parse(await cluster.SayAsync("results", Name, "--json"));
        var one = Assert.Single(results.RootElement.GetProperty("interventions").EnumerateArray());
        Assert.Equal(("/pod", "memory.max", "4M"), (one.GetProperty("cgroup").GetString(), one.GetProperty("file").GetString(), one.GetProperty("write").GetString()));
        Assert.InRange(results.RootElement.GetProperty("hosts")[0].GetProperty("cgroups").GetProperty("/pod").GetProperty("memory.current").GetInt64(), 1, (4 << 20) + Stocks);
    }
}
