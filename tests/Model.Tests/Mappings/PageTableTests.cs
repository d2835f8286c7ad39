using Reclaim.Model.Mappings;
using Xunit;

namespace Reclaim.Model.Tests.Mappings;

/// <summary>What an access leaves in page tables and in the translation cache.</summary>
public sealed class PageTableTests
{
    [Fact]
    public void An_access_sets_the_accessed_bit_and_only_a_store_the_dirty_bit()
    {
        var vma = new AddressSpace(64).Map(0, 10, anonymous: true);

        vma.Touch(3, write: false);
        vma.Touch(4, write: true);

        Assert.Equal(PteFlags.Accessed, vma.Pte[3]);
        Assert.Equal(PteFlags.Accessed | PteFlags.Dirty, vma.Pte[4]);
    }

    [Fact]
    public void A_cached_translation_serves_loads_but_not_the_first_store()
    {
        var mm = new AddressSpace(64);
        var vma = mm.Map(0, 10, anonymous: true);

        vma.Touch(3, write: false);

        Assert.True(mm.Caches(vma.Start + 3, write: false));
        Assert.False(mm.Caches(vma.Start + 3, write: true));
        vma.Touch(3, write: true);
        Assert.True(mm.Caches(vma.Start + 3, write: true));
    }

    [Fact]
    public void A_translation_is_lost_to_a_flush_to_a_conflict_and_to_unmapping()
    {
        var mm = new AddressSpace(64);
        var vma = mm.Map(0, 200, anonymous: true);
        bool Cached(int index) => mm.Caches(vma.Start + (uint)index, write: false);

        vma.Touch(3, write: false);
        vma.Touch(3 + 64, write: false);
        Assert.False(Cached(3));

        vma.Touch(5, write: false);
        vma.Unmap(5);
        Assert.False(Cached(5));

        mm.Flush();
        Assert.False(Cached(3 + 64));
    }

    [Fact]
    public void Without_a_cache_every_access_goes_to_the_page_table()
    {
        var mm = new AddressSpace(0);
        var vma = mm.Map(0, 10, anonymous: true);

        vma.Touch(0, write: true);

        Assert.False(mm.Caches(vma.Start, write: false));
    }

    [Fact]
    public void Mappings_begin_at_page_tables_of_their_own()
    {
        var mm = new AddressSpace(64);
        var first = mm.Map(0, 513, anonymous: true);
        var second = mm.Map(1024, 1, anonymous: true);

        Assert.Equal(2, first.TableCount);
        Assert.Equal(0u, first.Start % AddressSpace.TablePages);
        Assert.Equal(first.Start + 2 * AddressSpace.TablePages, second.Start);
    }

    [Fact]
    public void A_page_is_referenced_once_for_each_mapping_that_reclaim_goes_by()
    {
        var rmap = new ReverseMap([100]);
        var vmas = new[] { Recency.Full, Recency.AtEviction, Recency.None }.Select(recency => new AddressSpace(64).Map(0, 100, anonymous: false, recency)).ToList();
        vmas.ForEach(rmap.Add);
        foreach (var vma in vmas)
        {
            vma.Pte[7] = PteFlags.Present;
            vma.Touch(7, write: false);
        }

        Assert.Equal(2, rmap.Referenced(7));
        Assert.Equal(0, rmap.Referenced(7));
        Assert.True(rmap.IsMapped(7));
        Assert.Equal(3, rmap.Unmap(7));
        Assert.False(rmap.IsMapped(7));
    }
}
