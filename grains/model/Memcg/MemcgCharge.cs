using Reclaim.Model.Hierarchy;

namespace Reclaim.Model.Memcg;

/// <summary>
/// The page counter of a memcg with its per-CPU stock.
///
/// Charges come out of the stock; an empty stock is filled with 64 pages at once, and near the limit pages are charged one
/// by one. What reclaim frees goes back to the counter, not to the stock. So usage runs ahead of the pages in use by up to 63,
/// and a cgroup at its limit reclaims once for each round of eviction, not once for each page.
///
/// Source: try_charge_memcg, consume_stock, refill_stock in mm/memcontrol.c, v6.8; the same in v6.1 and v6.12.
/// </summary>
internal sealed class MemcgCharge
{
    /// <summary>MEMCG_CHARGE_BATCH.</summary>
    public const int Batch = 64;

    private int _stock;
    private bool _refilled;

    /// <param name="max">memory.max in pages; <see cref="long.MaxValue"/> for none.</param>
    public MemcgCharge(long max) => Max = max;

    /// <summary>memory.max in pages.</summary>
    public long Max { get; set; }

    /// <summary>Most pages that limits above leave room for, for the time being.</summary>
    public long Ceiling { get; private set; } = long.MaxValue;

    /// <summary>Usage beyond which some memory.high above is exceeded, for the time being.</summary>
    public long HighCeiling { get; private set; } = long.MaxValue;

    /// <summary>By how much the ceilings rise when this memcg fills its stock: another's stock of this CPU goes back then.</summary>
    private RoomAbove _othersStock;

    /// <summary>The next page is charged alone, not 64 at once.</summary>
    public bool SingleNext { get; set; }

    /// <summary>Whether a page more would exceed a limit above, though not its own.</summary>
    public bool IsAtCeiling => _stock == 0 && Usage + 1 > Ceiling && Usage + 1 <= Max;

    /// <summary>Whether the stock was filled since this was last asked.</summary>
    public bool TakeRefilled()
    {
        var refilled = _refilled;
        _refilled = false;
        return refilled;
    }

    /// <summary>Pages charged, stock included: what memory.current shows.</summary>
    public long Usage { get; private set; }

    /// <summary>Pages charged in advance.</summary>
    public int Stock => _stock;

    /// <summary>Takes a page from the stock.</summary>
    public bool TryConsumeStock()
    {
        if (_stock == 0)
        {
            return false;
        }

        _stock--;
        SingleNext = false;
        return true;
    }

    /// <summary>Charges a page: 64 at once if they fit, else the one.</summary>
    /// <returns>False if even one page would exceed the limit; nothing changes then.</returns>
    public bool TryCharge(bool single)
    {
        if (!single && !SingleNext && Usage + Batch <= Max && Usage + Batch <= Ceiling)
        {
            Usage += Batch;
            RefillStock(Batch - 1);
            return true;
        }

        if (Usage + 1 <= Max && Usage + 1 <= Ceiling)
        {
            SingleNext = false;
            Usage++;
            return true;
        }

        return false;
    }

    /// <summary>Charges a page even if it exceeds the limit: on behalf of reclaim itself.</summary>
    public void Force()
    {
        if (!TryConsumeStock() && !TryCharge(single: false))
        {
            Usage++;
        }
    }

    /// <summary>Pages that still fit (mem_cgroup_margin).</summary>
    public long Margin => Math.Max(0, Max - Usage);

    /// <summary>Returns pages that reclaim or truncation freed.</summary>
    public void Uncharge(long pages) => Usage -= pages;

    /// <summary>Returns pages of kernel memory: they go to the stock, and a stock above a batch goes back to the counter as a whole.</summary>
    public void RefillStock(int pages)
    {
        _refilled = true;
        DropOthersStock();
        _stock += pages;
        if (_stock > Batch)
        {
            DrainStock();
        }
    }

    /// <summary>The room above is settled; if the stock was filled meanwhile, by what reclaim freed, that of the other memcg has gone back already.</summary>
    /// <param name="room">Pages that limits above leave room for; negative: by which one is exceeded, and which must go before there is any.</param>
    /// <param name="othersStock">By how much that grows when the other memcg's stock goes back.</param>
    public void Share(RoomAbove room, RoomAbove othersStock)
    {
        (Ceiling, HighCeiling, _othersStock) = (Above(room.Max), Above(room.High), othersStock);
        if (_refilled)
        {
            DropOthersStock();
        }
    }

    /// <summary>Returns the stock to the counter (drain_stock).</summary>
    public void DrainStock() => DrainStock(_stock);

    /// <summary>Returns pages of the stock to the counter.</summary>
    public void DrainStock(int pages)
    {
        Usage -= pages;
        _stock -= pages;
    }

    private void DropOthersStock()
    {
        Ceiling += Ceiling == long.MaxValue ? 0 : _othersStock.Max;
        HighCeiling += HighCeiling == long.MaxValue ? 0 : _othersStock.High;
        _othersStock = default;
    }

    private long Above(long room) => room > long.MaxValue - Usage ? long.MaxValue : Usage + room;
}
