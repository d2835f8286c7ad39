using CsCheck;
using Reclaim.Model.Records;
using Xunit;

namespace Reclaim.Model.Tests.Records;

/// <summary>A sample is spread evenly over all of a series, whatever its length.</summary>
public sealed class EvenSampleTests
{
    [Fact]
    public void Every_so_manyth_item_is_kept_from_the_first_on_and_as_many_as_there_is_room_for() => Gen.Select(Gen.Int[1, 40], Gen.Int[0, 2000]).Sample((most, items) =>
    {
        var sample = new EvenSample<long>(most);
        for (var i = 0L; i < items; i++)
        {
            sample.Add(i);
        }

        Assert.Equal(items, sample.Seen);
        Assert.Equal(Enumerable.Range(0, items).Where(i => i % sample.Every == 0).Select(i => (long)i), sample.Items.ToArray());
        Assert.InRange(sample.Items.Length, items <= most ? items : (most + 1) / 2, most);
    });
}
