using CsCheck;
using Reclaim.Model.Writeback;
using Xunit;

namespace Reclaim.Model.Tests.Writeback;

/// <summary>Tagged pages are found in order.</summary>
public sealed class TaggedPagesTests
{
    [Fact]
    public void The_next_tagged_page_is_the_one_that_a_sorted_set_finds() =>
        Gen.Select(Gen.Int[1, 300_000], Gen.Select(Gen.Int[0, 2], Gen.Int[0, 299_999], Gen.Int[0, 300_000]).Array[1, 300]).Sample((size, steps) =>
        {
            var tagged = new TaggedPages(size);
            var set = new SortedSet<uint>();
            foreach (var (step, at, before) in steps)
            {
                var page = (uint)(at % size);
                var end = (uint)Math.Min(before, size);
                switch (step)
                {
                    case 0:
                        tagged.Set(page);
                        set.Add(page);
                        break;
                    case 1 when set.Count != 0:
                        page = set.GetViewBetween(page, uint.MaxValue).FirstOrDefault(set.Min);
                        tagged.Clear(page);
                        set.Remove(page);
                        break;
                }

                Assert.Equal(page < end ? set.GetViewBetween(page, end - 1).FirstOrDefault(end) : end, tagged.Next(page, end));
                Assert.Equal(set.FirstOrDefault((uint)size), tagged.Next(0, (uint)size));
            }
        });
}
