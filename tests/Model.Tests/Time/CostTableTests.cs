using Reclaim.Model.Time;
using Xunit;

namespace Reclaim.Model.Tests.Time;

public class CostTableTests
{
    public static TheoryData<string> Names() => [.. CostTable.Names];

    [Theory, MemberData(nameof(Names))]
    public void Each_price_can_be_replaced_and_none_else_changes_with_it(string name)
    {
        var changed = CostTable.Default.With(name, 123_456);

        Assert.NotEqual(CostTable.Default, changed);
        Assert.All(CostTable.Names.Where(other => other != name), other => Assert.NotEqual(changed, changed.With(other, 123_456)));
        Assert.Equal(changed, changed.With(name, 123_456.4));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1e9 + 1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_price_is_between_nothing_and_a_second(double price) =>
        Assert.Throws<ArgumentException>(() => CostTable.Default.With("hit", price));

    [Fact]
    public void A_price_that_does_not_exist_is_answered_with_those_that_do()
    {
        var error = Assert.Throws<ArgumentException>(() => CostTable.Default.With("hits", 1));
        Assert.All(CostTable.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }
}
