using System.Globalization;
using System.Text.Json;

namespace Reclaim.Live.Tests;

/// <summary>Somebody looks at a run in a browser, and steers it.</summary>
public class LivePageTests(Chromium chromium)
{
    /// <summary>Until something is to be seen, on a machine that does other things as well.</summary>
    private const double FirstPaintMs = 1000;

    private static readonly string _neighbours = LiveProgram.Scenario("noisy-neighbour.yaml");

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task The_page_opens_at_once_shows_every_cgroup_and_complains_of_nothing(string scheme)
    {
        await using var program = await LiveProgram.StartAsync(_neighbours, "--paused");
        await using var live = await LivePage.OpenAsync(chromium, program.Address, scheme == "dark" ? ColorScheme.Dark : ColorScheme.Light);

        var paint = await FirstPaintAsync(live);
        for (var attempt = 1; paint > FirstPaintMs && attempt < 5; attempt++)
        {
            // Something else kept the machine busy.
            await live.Page.ReloadAsync();
            await live.WaitAsync("document.body.dataset.frames > 0");
            paint = await FirstPaintAsync(live);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"first contentful paint after {paint:0} ms");
        Assert.InRange(paint, 0, FirstPaintMs);
        Assert.Equal("noisy-neighbour", await live.TextAsync("#scenario"));
        Assert.Equal("2 cgroups", await live.TextAsync("#count"));
        Assert.DoesNotContain("token", live.Page.Url, StringComparison.Ordinal);

        for (var step = 0; step < 6; step++)
        {
            await StepAsync(live, 700_000_000);
        }

        await live.ChooseAsync("/neighbour");
        await live.NextFramesAsync(2);
        await live.ShowAsync($"two-cgroups-{scheme}");
        Assert.Empty(live.Complaints);
    }

    [Fact]
    public async Task A_click_on_a_cgroup_shows_its_files_as_the_kernel_prints_them()
    {
        await using var program = await LiveProgram.StartAsync(_neighbours, "--paused");
        await using var live = await LivePage.OpenAsync(chromium, program.Address);
        await StepAsync(live, 200_000_000);

        await live.ChooseAsync("/database");

        Assert.Equal("/database host", (await live.TextAsync("#detail h2")).Trim());
        Assert.Contains("memcg", await live.TextAsync("#detail pre"), StringComparison.Ordinal);
        Assert.Contains("/database", await live.TextAsync("#detail pre"), StringComparison.Ordinal);
        foreach (var name in (string[])["workingset_refault_file", "inactive_file", "oom_kill"])
        {
            await live.WaitAsync($"[...document.querySelectorAll('#detail th')].some(name => name.textContent === '{name}')");
        }

        Assert.Empty(live.Complaints);
    }

    [Fact]
    public async Task Pause_stops_the_clock_a_step_moves_it_by_as_much_and_speed_holds_it_back()
    {
        await using var program = await LiveProgram.StartAsync(_neighbours);
        await using var live = await LivePage.OpenAsync(chromium, program.Address);

        await live.Page.ClickAsync("#play");
        await live.WaitForPhaseAsync("paused");
        await live.NextFramesAsync(1);
        var stood = await live.NowAsync();
        await live.NextFramesAsync(2);
        Assert.Equal(stood, await live.NowAsync());

        const long step = 100_000_000;
        await live.Page.ClickAsync("#step");
        await live.WaitAsync($"Number(document.body.dataset.now) >= {stood + step} && document.body.dataset.phase === 'paused'");
        Assert.InRange(await live.NowAsync(), stood + step, stood + 3 * step);

        var before = await live.NowAsync();
        await live.Page.SelectAsync("#speed", "0.01");
        await live.Page.Keyboard.PressAsync("Escape");
        await live.Page.Keyboard.PressAsync("Space");
        await live.WaitForPhaseAsync("running");
        await live.NextFramesAsync(3);
        await live.WaitAsync($"Number(document.body.dataset.now) > {before}");
        Assert.InRange(await live.NowAsync() - before, 1, 1_000_000_000);
        Assert.Empty(live.Complaints);
    }

    [Fact]
    public async Task A_limit_that_is_written_takes_effect_and_stands_in_the_results()
    {
        var file = Path.GetTempFileName();
        try
        {
            await using var program = await LiveProgram.StartAsync(_neighbours, "--paused", "--results", file, "--set", "duration=2s", "--set", "host.cgroups.neighbour.memory.max=128M");
            await using var live = await LivePage.OpenAsync(chromium, program.Address);
            await StepAsync(live, 500_000_000);
            await live.ChooseAsync("/neighbour");

            await WriteAsync(live, "memory.max", "24M");
            await live.WaitAsync("document.getElementById('toast').textContent.includes('memory.max = 24M')");
            await StepAsync(live, 200_000_000);
            await live.WaitAsync("[...document.querySelectorAll('.row:not([hidden])')].some(row => row.children[1].textContent.endsWith('/ 24M'))");

            await live.Page.ClickAsync("#play");
            await live.WaitForPhaseAsync("done");
            await live.ShowAsync("after-the-end");
            Assert.Empty(live.Complaints);
            Assert.Equal(0, await program.InterruptAsync());

            using var results = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            var neighbour = results.RootElement.GetProperty("hosts")[0].GetProperty("cgroups").GetProperty("/neighbour");
            Assert.InRange(neighbour.GetProperty("memory.current").GetInt64(), 1, 24 << 20);
            var written = Assert.Single(neighbour.GetProperty("events").EnumerateArray());
            Assert.Equal(("memory.max", "24M"), (written.GetProperty("file").GetString(), written.GetProperty("write").GetString()));
            Assert.InRange(written.GetProperty("atNs").GetInt64(), 500_000_000, 700_000_000);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Limits_of_a_cgroup_with_others_below_it_can_be_changed_and_swappiness_of_all_below()
    {
        var file = Path.GetTempFileName();
        try
        {
            await using var program = await LiveProgram.StartAsync(LiveProgram.Scenario("examples/shared-limit.yaml"), "--paused", "--results", file);
            await using var live = await LivePage.OpenAsync(chromium, program.Address);
            await StepAsync(live, 100_000_000);
            await live.ChooseAsync("/pod");

            foreach (var (name, value) in ((string, string)[])[("memory.max", "6M"), ("memory.high", "5M"), ("memory.low", "1M"), ("memory.min", "512K")])
            {
                await WriteAsync(live, name, value);
                await live.WaitAsync($"document.getElementById('toast').textContent.includes('{name} = {value}')");
            }

            await WriteAsync(live, "vm.swappiness", "20");
            await live.WaitAsync("document.getElementById('toast').textContent.includes('vm.swappiness = 20')");
            await StepAsync(live, 50_000_000);
            await live.WaitAsync("document.getElementById('write-vm.swappiness').dataset.is === '20' && document.getElementById('write-memory.high').dataset.is === '5M'");
            await live.ShowAsync("a-limit-of-a-group");

            await live.Page.ClickAsync("#play");
            await live.WaitForPhaseAsync("done");
            Assert.Empty(live.Complaints);
            Assert.Equal(0, await program.InterruptAsync());

            using var results = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            Assert.Equal(
                ["/pod memory.max 6M", "/pod memory.high 5M", "/pod memory.low 1M", "/pod memory.min 512K", "/pod/database vm.swappiness 20", "/pod/scan vm.swappiness 20"],
                results.RootElement.GetProperty("interventions").EnumerateArray()
                    .Select(one => $"{one.GetProperty("cgroup").GetString()} {one.GetProperty("file").GetString()} {one.GetProperty("write").GetString()}").OrderBy(one => one.Contains("swappiness", StringComparison.Ordinal) ? one : "", StringComparer.Ordinal));
            Assert.InRange(results.RootElement.GetProperty("hosts")[0].GetProperty("cgroups").GetProperty("/pod").GetProperty("memory.current").GetInt64(), 1, (6 << 20) - 1);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task What_a_file_does_not_take_is_said_on_the_page()
    {
        await using var program = await LiveProgram.StartAsync(_neighbours, "--paused");
        await using var live = await LivePage.OpenAsync(chromium, program.Address);
        await live.ChooseAsync("/database");

        await WriteAsync(live, "vm.swappiness", "lots");

        await live.WaitAsync("document.getElementById('toast').className.includes('bad')");
        Assert.Contains("lots", await live.TextAsync("#toast"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_can_be_done_with_the_keyboard()
    {
        await using var program = await LiveProgram.StartAsync(_neighbours, "--paused");
        await using var live = await LivePage.OpenAsync(chromium, program.Address);
        var keys = live.Page.Keyboard;

        await keys.PressAsync("Escape");
        await keys.PressAsync("End");
        await live.WaitAsync("document.querySelector('.row.chosen .name')?.title === '/neighbour'");
        await keys.PressAsync("ArrowUp");
        await live.WaitAsync("document.querySelector('.row.chosen .name')?.title === '/database'");
        await live.WaitAsync("document.getElementById(document.getElementById('rows').getAttribute('aria-activedescendant'))?.getAttribute('aria-selected') === 'true'");
        await keys.PressAsync("Enter");
        await live.WaitAsync("document.activeElement.id === 'write-memory.max'");
        await keys.PressAsync("Escape");

        await keys.PressAsync("/");
        await keys.TypeAsync("NEIGH");
        await live.WaitAsync("document.getElementById('count').textContent === '1 of 2 cgroups'");
        await keys.PressAsync("Escape");
        await live.WaitAsync("document.getElementById('count').textContent === '2 cgroups'");

        await keys.PressAsync("t");
        await live.WaitAsync("document.documentElement.dataset.theme === 'dark'");
        await keys.TypeAsync("?");
        await live.WaitAsync("document.getElementById('keys').open");
        await keys.PressAsync("Escape");
        await live.WaitAsync("!document.getElementById('keys').open");
        var before = await live.NowAsync();
        await keys.PressAsync("Home");
        await keys.PressAsync(".");
        await live.WaitAsync($"Number(document.body.dataset.now) > {before}");
        await live.WaitForPhaseAsync("paused");
        Assert.Empty(live.Complaints);
    }

    private static Task<double> FirstPaintAsync(LivePage live) =>
        live.Page.EvaluateExpressionAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime");

    /// <summary>Writes a limit of the cgroup that is chosen, as somebody types it.</summary>
    internal static async Task WriteAsync(LivePage live, string file, string value)
    {
        await live.Page.EvaluateExpressionAsync($"document.getElementById('write-{file}').select()");
        await live.Page.TypeAsync($"[id='write-{file}']", value);
        await live.Page.Keyboard.PressAsync("Enter");
    }

    internal static async Task StepAsync(LivePage live, long ns)
    {
        var before = await live.NowAsync();
        await live.Page.EvaluateFunctionAsync("ns => { const sizes = document.getElementById('step-size'); sizes.options[0].value = ns; sizes.selectedIndex = 0; document.getElementById('step').click(); }", ns.ToString(CultureInfo.InvariantCulture));
        await live.WaitAsync($"Number(document.body.dataset.now) >= {before + ns} && document.body.dataset.phase === 'paused'");
    }
}
