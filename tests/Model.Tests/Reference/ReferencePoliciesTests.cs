using Reclaim.Model.Reference;
using Xunit;

namespace Reclaim.Model.Tests.Reference;

public class ReferencePoliciesTests
{
    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        var error = Assert.Throws<ArgumentException>(() => ReferencePolicies.Create("lur", 10, 5));

        Assert.StartsWith("'lur' is not a reference policy; there are fifo, lru,", error.Message);
    }

    [Theory, InlineData(0, 5), InlineData(5, 0), InlineData(-1, 1), InlineData(1, -1)]
    public void No_pages_and_no_room_are_refused(int pages, int capacity) =>
        Assert.All(ReferencePolicies.Names, name =>
            Assert.Throws<ArgumentOutOfRangeException>(() => ReferencePolicies.Create(name, pages, capacity)));

    [Fact]
    public void A_page_beyond_the_address_space_is_refused() =>
        Assert.All(ReferencePolicies.Names.Except([ReferencePolicies.Opt]), name =>
            Assert.Throws<IndexOutOfRangeException>(() => ReferencePolicies.Create(name, 10, 5).Access(10)));

    [Fact]
    public void Opt_refuses_a_request_that_is_not_the_next_of_its_trace()
    {
        var opt = ReferencePolicies.Create(ReferencePolicies.Opt, 10, 5, [1, 2]);
        opt.Access(1);

        Assert.Throws<InvalidOperationException>(() => opt.Access(3));
        Assert.False(opt.Access(2));
        Assert.Throws<InvalidOperationException>(() => opt.Access(2));
    }

    [Fact]
    public void A_set_of_requests_knows_its_largest_number_at_any_size()
    {
        foreach (var bound in new[] { 1, 64, 65, 4096, 4097, 300_000 })
        {
            var set = new RequestSet(bound);
            for (var number = 0; number < bound; number++)
                set.Add(number);
            for (var number = bound - 1; number >= 0; number--)
            {
                Assert.Equal(number, set.Max());
                set.Remove(number);
            }
        }
    }
}
