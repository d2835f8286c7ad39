using CsCheck;
using Reclaim.Model.Swap;
using Xunit;

namespace Reclaim.Model.Tests.Swap;

/// <summary>The pool of zswap by itself.</summary>
public sealed class ZswapTests
{
    private const uint FirstAnon = 64;

    [Fact]
    public void A_page_taken_in_is_there_until_it_is_loaded_or_dropped()
    {
        var zswap = Pool(100);
        zswap.Store(FirstAnon);
        zswap.Store(FirstAnon + 1);
        Assert.Equal((2L, true, false), (zswap.Stored, zswap.Has(FirstAnon), zswap.IsLoaded(FirstAnon)));

        zswap.Load(FirstAnon);
        Assert.Equal((1L, false, true), (zswap.Stored, zswap.Has(FirstAnon), zswap.IsLoaded(FirstAnon)));

        Assert.Equal((true, false, false), (zswap.Drop(FirstAnon + 1), zswap.Drop(FirstAnon + 1), zswap.Drop(FirstAnon)));
        Assert.Equal((0L, false), (zswap.Stored, zswap.IsLoaded(FirstAnon)));
    }

    [Fact]
    public void The_oldest_page_is_the_one_whose_last_store_was_first() =>
        Gen.Select(Gen.Int[0, 2], Gen.UInt[0, 9]).Array[0, 200].Sample(steps =>
        {
            var zswap = Pool(100);
            var order = new List<uint>();
            foreach (var (what, number) in steps)
            {
                var page = FirstAnon + number;
                var stored = order.Remove(page);
                Assert.Equal(stored, zswap.Has(page));
                if (what != 0)
                {
                    // A page is written anew only after it was read.
                    _ = stored && zswap.Drop(page);
                    zswap.Store(page);
                    order.Add(page);
                }
                else if (stored)
                {
                    zswap.Load(page);
                }

                Assert.Equal(order.Count != 0, zswap.TryGetOldest(out var oldest));
                Assert.Equal(order.FirstOrDefault(), oldest);
                Assert.Equal(order.Count, zswap.Stored);
            }
        });

    [Fact]
    public void A_pool_that_was_full_takes_nothing_until_it_is_below_the_threshold()
    {
        // Four pages to a page of the pool.
        var zswap = Pool(100);
        var page = FirstAnon;
        while (!zswap.IsFull())
        {
            zswap.Store(page++);
        }

        Assert.Equal(401, zswap.Stored);
        var dropped = FirstAnon;
        for (; zswap.IsFull(); dropped++)
        {
            zswap.Drop(dropped);
        }

        Assert.Equal(89 * 4, zswap.Stored);
    }

    private static Zswap Pool(long pages) => new(new ZswapPlan { Ratio = 4, MaxPoolPages = pages }, FirstAnon, 1000);
}
