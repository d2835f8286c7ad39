using Reclaim.Model.Readahead;
using Reclaim.Model.Tests.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.Readahead;

/// <summary>The mark of readahead on a page.</summary>
public class ReadaheadMarksTests
{
    [Fact]
    public void A_mark_is_on_one_page_until_it_is_taken_off()
    {
        var marks = new ReadaheadMarks(130);
        marks.Set(64);
        marks.Set(129);
        marks.Clear(64);

        Assert.Equal([129u], Cgroup.Pages(0, 130).Where(marks.IsSet));
    }

    [Fact]
    public void A_page_that_comes_back_has_no_mark_from_before()
    {
        var cgroup = Cgroup.MultiGen(1 << 20, 1000);
        cgroup.Memcg.Folios.TrackReadahead();
        cgroup.Memcg.Folios.Readahead!.Set(5);

        cgroup.Read(5);

        Assert.False(cgroup.Memcg.Folios.Readahead!.IsSet(5));
    }
}
