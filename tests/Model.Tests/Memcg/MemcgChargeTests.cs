using CsCheck;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.Memcg;

/// <summary>The page counter and its stock.</summary>
public class MemcgChargeTests
{
    [Fact]
    public void Up_to_64_pages_below_the_limit_pages_are_charged_64_at_a_time_then_one_by_one()
    {
        var charge = new MemcgCharge(1000);
        for (var page = 1; page <= 960; page++)
        {
            Assert.True(Charge(charge));
            Assert.Equal((page + 63) / 64 * 64, charge.Usage);
        }

        for (var page = 961; page <= 1000; page++)
        {
            Assert.True(Charge(charge));
            Assert.Equal(page, charge.Usage);
        }

        Assert.False(Charge(charge));
        Assert.Equal(1000, charge.Usage);
    }

    [Fact]
    public void What_reclaim_frees_goes_to_the_counter_not_to_the_stock()
    {
        var charge = new MemcgCharge(64);
        Charge(charge);
        charge.Uncharge(1);

        Assert.Equal((63L, 63), (charge.Usage, charge.Stock));
        Assert.Equal(1, charge.Margin);
    }

    [Fact]
    public void A_stock_above_64_goes_back_as_a_whole()
    {
        var charge = new MemcgCharge(1000);
        Charge(charge);
        charge.RefillStock(1);
        Assert.Equal(64, charge.Stock);

        charge.RefillStock(1);

        Assert.Equal(0, charge.Stock);
    }

    [Fact]
    public void Usage_never_exceeds_the_limit_and_is_pages_in_use_plus_stock() =>
        Gen.Select(Gen.Long[1, 400], Gen.Int[0, 2].Array[0, 600]).Sample((max, steps) =>
        {
            var charge = new MemcgCharge(max);
            var inUse = 0L;
            foreach (var step in steps)
            {
                if (step < 2 && Charge(charge))
                {
                    inUse++;
                }
                else if (step == 2 && inUse > 0)
                {
                    charge.Uncharge(1);
                    inUse--;
                }

                Assert.Equal(inUse + charge.Stock, charge.Usage);
                Assert.InRange(charge.Usage, 0, max);
                Assert.InRange(charge.Stock, 0, 63);
            }
        });

    [Fact]
    public void Above_a_limit_that_others_share_nothing_is_charged_until_all_has_gone_by_which_it_is_exceeded()
    {
        var charge = new MemcgCharge(1000);
        charge.TryCharge(single: false);
        charge.DrainStock();
        for (var page = 1; page < 20; page++)
        {
            charge.TryCharge(single: true);
        }

        charge.Share(new RoomAbove(-6, long.MaxValue), default);
        for (var freed = 0; freed < 6; freed++)
        {
            Assert.True(charge.IsAtCeiling);
            Assert.False(Charge(charge));
            charge.Uncharge(1);
        }

        Assert.False(Charge(charge));
        charge.Uncharge(1);
        Assert.True(Charge(charge));
        Assert.False(Charge(charge));
    }

    private static bool Charge(MemcgCharge charge) => charge.TryConsumeStock() || charge.TryCharge(single: false);
}
