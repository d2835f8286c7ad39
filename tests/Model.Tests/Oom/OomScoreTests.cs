using CsCheck;
using Reclaim.Model.Oom;
using Xunit;

namespace Reclaim.Model.Tests.Oom;

/// <summary>What a process is worth killing.</summary>
public sealed class OomScoreTests
{
    [Theory]
    [InlineData(100, 0, 10_000, 100)]
    [InlineData(100, 500, 10_000, 5100)]
    [InlineData(100, -500, 10_000, -4900)]
    [InlineData(100, 1000, 999, 100)]
    public void A_thousandth_of_all_memory_is_added_for_each_unit_of_oom_score_adj(long pages, int adj, long total, long points) =>
        Assert.Equal(points, OomScore.Points(pages, adj, total));

    [Fact]
    public void At_the_lowest_oom_score_adj_a_process_is_no_candidate() => Assert.Null(OomScore.Points(1_000_000, OomScore.MinAdj, 1));

    [Fact]
    public void The_most_points_win_and_among_equals_the_last() =>
        Gen.Long[-5, 5].Array[1, 20].Sample(points =>
        {
            int? chosen = null;
            for (var i = 0; i < points.Length; i++)
            {
                chosen = OomScore.Beats(points[i], chosen is { } before ? points[before] : null) ? i : chosen;
            }

            Assert.Equal(Array.LastIndexOf(points, points.Max()), chosen);
        });
}
