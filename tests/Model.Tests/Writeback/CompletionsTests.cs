using CsCheck;
using Reclaim.Model.Writeback;
using Xunit;

namespace Reclaim.Model.Tests.Writeback;

/// <summary>Who wrote how much lately.</summary>
public sealed class CompletionsTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Who_wrote_nothing_has_no_share()
    {
        var completions = new Completions();

        Assert.Equal(0, completions.ShareOf(1000, new Completions.Part(), 0));
    }

    [Fact]
    public void Who_wrote_three_times_as_much_has_three_quarters()
    {
        var (completions, one, other) = (new Completions(), new Completions.Part(), new Completions.Part());
        completions.Add(one, 30_000, 0);
        completions.Add(other, 10_000, 0);

        Assert.InRange(completions.ShareOf(1000, one, 0), 749, 750);
        Assert.InRange(completions.ShareOf(1000, other, 0), 249, 250);
    }

    [Fact]
    public void What_was_written_long_ago_counts_less()
    {
        var (completions, early, late) = (new Completions(), new Completions.Part(), new Completions.Part());
        completions.Add(early, 8_000, 0);
        completions.Add(late, 1_000, 9 * Second);

        // Three periods of three seconds: an eighth.
        Assert.InRange(completions.ShareOf(1000, early, 9 * Second), 498, 500);
        completions.Add(late, 100_000, 60 * Second);
        Assert.Equal(0, completions.ShareOf(1000, early, 60 * Second));
    }

    [Fact]
    public void Shares_never_add_up_to_more_than_all() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 500], Gen.Long[0, 5 * Second]).Array[1, 60].Sample(writes =>
        {
            var completions = new Completions();
            Completions.Part[] parts = [new(), new(), new()];
            var now = 0L;
            foreach (var (part, pages, later) in writes)
            {
                now += later;
                completions.Add(parts[part], pages, now);
                Assert.InRange(parts.Sum(each => completions.ShareOf(1000, each, now)), 0, 1000);
            }
        });
}
