using Reclaim.Client.Runs;
using Reclaim.Contracts.Steps;
using Spectre.Console;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>The board that <c>watch</c> and <c>run</c> show on a terminal.</summary>
public sealed class TopBoardTests
{
    private const long Second = 1_000_000_000;

    private static RunProgress At(long ns, params CgroupProgress[] cgroups) => new() { Phase = RunPhase.Running, NowNs = ns, EndNs = 10 * Second, Accesses = cgroups.Sum(cgroup => cgroup.Accesses), Cgroups = [.. cgroups] };

    private static CgroupProgress Cgroup(string path, long ns, long accesses, long refaults, long pages, int stall) =>
        new(path, accesses, accesses / 4, refaults) { NowNs = ns, Pages = pages, MemoryAvg10 = stall };

    private static readonly RunProgress _first = At(Second, Cgroup("/a", Second, 1000, 500, 300, 10), Cgroup("/b", Second, 4000, 10, 200, 900), Cgroup("/c", Second, 2000, 0, 100, 0));
    private static readonly RunProgress _then = At(2 * Second, Cgroup("/a", 3 * Second, 2000, 510, 300, 10), Cgroup("/b", 2 * Second, 4100, 70, 200, 900), Cgroup("/c", 2 * Second, 5000, 30, 900, 0));

    [Theory]
    [InlineData('m', "/c /a /b")]
    [InlineData('r', "/b /c /a")]
    [InlineData('s', "/b /a /c")]
    [InlineData('I', "/c /a /b")]
    [InlineData('n', "/a /b /c")]
    [InlineData('x', "/b /c /a")]
    public void Rows_are_ordered_by_the_key_that_was_pressed_and_by_refaults_before(char key, string order)
    {
        var board = new TopBoard();
        board.Press(key);
        board.Look(_first);

        Assert.Equal(order.Split(' '), board.Look(_then).Select(row => row.Cgroup.Path));
    }

    [Fact]
    public void Rates_are_of_the_virtual_time_of_each_cgroup_since_it_was_last_looked_at()
    {
        var board = new TopBoard();
        board.Press('n');
        board.Look(_first);

        var row = board.Look(_then)[0];
        Assert.Equal((500.0, 25.0, 5.0), (row.AccessesPerSecond, row.MissesPercent, row.RefaultsPerSecond));
    }

    [Fact]
    public void A_run_that_was_taken_up_again_before_what_was_seen_of_it_has_no_rates_below_zero()
    {
        var board = new TopBoard();
        board.Look(_then);

        Assert.All(board.Look(_first), row => Assert.True(row is { AccessesPerSecond: >= 0, RefaultsPerSecond: >= 0 }));
    }

    [Fact]
    public void As_many_rows_are_drawn_as_there_is_room_for_and_the_head_says_how_far_the_run_is()
    {
        var output = new StringWriter { NewLine = "\n" };
        new Terminal(output, TextWriter.Null).OutConsole().Write(new TopBoard().Draw(new ProgressSample("mine", _then, TimeSpan.FromSeconds(1)), hasKeys: true, height: 8));

        var text = output.ToString();
        Assert.StartsWith("mine: 20% done, 2.00 s virtual, 11 k accesses/s, ETA 00:04", text, StringComparison.Ordinal);
        Assert.Contains("2 of 3 cgroups", text, StringComparison.Ordinal);
        Assert.Contains("q leave", text, StringComparison.Ordinal);
        Assert.DoesNotContain("/c", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_leaves_the_board_of_a_run_that_is_watched_leaves_the_run_alone()
    {
        var left = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var keys = new Queue<char>("mq");
        var terminal = new Terminal(TextWriter.Null, new StringWriter()) { ErrorIsInteractive = true, Key = () => keys.TryDequeue(out var key) ? key : null };
        var board = new ProgressBoard(terminal, quiet: false) { Left = () => left.SetResult(true) };

        Assert.True(await board.WhileAsync(() => left.Task).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
    }
}
