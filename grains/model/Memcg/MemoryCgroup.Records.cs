using Reclaim.Model.LruGenFiles;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Records;

namespace Reclaim.Model.Memcg;

/// <content>What is written down of its reclaims, if anybody wants to know.</content>
internal sealed partial class MemoryCgroup
{
    /// <summary>What is written down; null: nothing.</summary>
    public CgroupRecords? Records
    {
        get;
        init
        {
            field = value;
            Culprits.Log = value?.Refaults;
        }
    }

    /// <summary>Ages and evicts, once (shrink_lruvec), and writes down what came of it.</summary>
    public void Shrink(Lruvec lruvec, ref ScanControl sc)
    {
        // Of one with pages on several nodes, each lruvec comes here for itself.
        if (Records is not { } records || lruvec is NodeLruvecs)
        {
            lruvec.Shrink(ref sc);
            return;
        }

        var (oldestFile, oldestAnon) = OldestOf(lruvec);
        var before = Seen(oldestFile, oldestAnon);
        var (scanned, stolen) = (Stat.Pgscan, Stat.Pgsteal);
        records.Refaults.Begin(records.Mark);
        lruvec.Shrink(ref sc);
        Write(records, lruvec, sc.Priority, before, scanned, stolen);
    }

    /// <summary>Does what somebody wrote to lru_gen, and writes down what was evicted.</summary>
    public int Run(MultiGenLruvec lruvec, LruGenCommand command)
    {
        if (Records is not { } records || command is not LruGenEviction)
        {
            return lruvec.Run(command);
        }

        var (oldestFile, oldestAnon) = OldestOf(lruvec);
        var before = Seen(oldestFile, oldestAnon);
        var (scanned, stolen) = (Stat.Pgscan, Stat.Pgsteal);
        records.Begin(ReclaimKind.LruGen, Clock());
        records.Refaults.Begin(records.Mark);
        var errno = lruvec.Run(command);
        Write(records, lruvec, ScanControl.DefaultPriority, before, scanned, stolen);
        return errno;
    }

    /// <summary>As <see cref="Shrink"/>, on an order of the domain, which writes it down.</summary>
    private void ShrinkOrdered(Lruvec lruvec, ref ScanControl sc, uint mark)
    {
        if (Records is not { } records)
        {
            lruvec.Shrink(ref sc);
            return;
        }

        var (oldestFile, oldestAnon) = OldestOf(lruvec);
        var before = Seen(oldestFile, oldestAnon);
        records.Refaults.Begin(mark);
        lruvec.Shrink(ref sc);
        records.Refaults.Begin(0);
        records.Ordered = Since(before);
    }

    private void Write(CgroupRecords records, Lruvec lruvec, int priority, ScanSeen before, long scanned, long stolen)
    {
        records.Refaults.Begin(0);
        var seen = Since(before);
        if (Stat.Pgscan != scanned || Stat.Pgsteal != stolen || seen.Protected != 0 || seen.Activated != 0)
        {
            records.Add(new ScanRecord(records.Number, records.Number, lruvec.Node < 0 ? records.Node : lruvec.Node, priority, 0, 0, Stat.Pgscan - scanned, Stat.Pgsteal - stolen, seen));
        }
    }

    private static (long File, long Anon) OldestOf(Lruvec lruvec) =>
        lruvec is MultiGenLruvec multiGen ? ((long)multiGen.MinSeq(MultiGenLruvec.File), (long)multiGen.MinSeq(MultiGenLruvec.Anon)) : (-1, -1);

    /// <summary>The counters that a scan is told by; as 32 bits, since only their differences matter.</summary>
    private ScanSeen Seen(long oldestFile, long oldestAnon) => new(
        oldestFile, oldestAnon,
        (int)Fates.Of(PageFate.Evicted, MultiGenLruvec.File), (int)Fates.Of(PageFate.Evicted, MultiGenLruvec.Anon),
        (int)(Fates.Of(PageFate.Kept, MultiGenLruvec.File) + Fates.Of(PageFate.Kept, MultiGenLruvec.Anon)), (int)Stat.Pgactivate);

    private ScanSeen Since(ScanSeen before)
    {
        var now = Seen(before.OldestFile, before.OldestAnon);
        return now with
        {
            EvictedFile = now.EvictedFile - before.EvictedFile,
            EvictedAnon = now.EvictedAnon - before.EvictedAnon,
            Protected = now.Protected - before.Protected,
            Activated = now.Activated - before.Activated,
        };
    }
}
