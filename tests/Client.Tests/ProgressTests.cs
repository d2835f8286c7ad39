using Reclaim.Client.Runs;
using Reclaim.Contracts.Steps;
using Xunit;

namespace Reclaim.Client.Tests;

public sealed class ProgressTests
{
    private static readonly RunProgress _half = new()
    {
        Phase = RunPhase.Running,
        NowNs = 2_500_000_000,
        EndNs = 5_000_000_000,
        Accesses = 40_000_000,
        Cgroups = [new CgroupProgress("/a", 1, 1, 1234), new CgroupProgress("/b", 1, 1, 66)],
    };

    [Fact]
    public void A_run_says_how_far_it_is_how_fast_it_goes_and_when_it_will_be_done() =>
        Assert.Equal(
            "v6.8: 50% done, 2.50 s virtual, 4.0 M accesses/s, ETA 00:10, refaults /a 1234 /b 66",
            ProgressTable.Line(new ProgressSample("v6.8", _half, TimeSpan.FromSeconds(10))));

    [Fact]
    public void A_run_that_ends_with_its_accesses_counts_those()
    {
        var sample = new ProgressSample("trace", _half with { EndNs = null, TotalAccesses = 160_000_000 }, TimeSpan.FromSeconds(10));

        Assert.Equal(0.25, sample.Share);
        Assert.Equal(TimeSpan.FromSeconds(30), sample.Remaining);
    }

    [Fact]
    public void A_line_names_the_three_cgroups_with_most_refaults_since_the_last_and_says_how_many_others_there_are()
    {
        RunProgress Progress(params long[] refaults) => _half with { Cgroups = [.. refaults.Select((count, i) => new CgroupProgress($"/{i}", 1, 1, count))] };

        var line = ProgressTable.Line(new ProgressSample("v6.8", Progress(900, 10, 25, 7, 60), TimeSpan.FromSeconds(10)) { Before = Progress(899, 0, 0, 5, 0) });

        Assert.EndsWith("refaults /1 10 /2 25 /4 60 and 2 others", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_of_several_runs_has_a_row_for_each()
    {
        var output = new StringWriter { NewLine = "\n" };
        new Terminal(output, TextWriter.Null).OutConsole().Write(ProgressTable.Make([new ProgressSample("v6.8", _half, TimeSpan.FromSeconds(10)), new ProgressSample("classic", _half, TimeSpan.FromSeconds(5))], "1 of 3 runs done"));

        var rows = output.ToString().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Contains("v6.8 50% 2.50 s 4.0 M 00:10 1,300", rows);
        Assert.Contains("classic 50% 2.50 s 8.0 M 00:05 1,300", rows);
        Assert.Contains("1 of 3 runs done", rows);
    }
}
