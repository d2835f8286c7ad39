using Reclaim.Model.Classic;
using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Nodes;
using Reclaim.Model.Numa;

namespace Reclaim.Model.Tests.Numa;

/// <summary>
/// A process with a file and some anonymous memory on a host of two tiers, alone in its memcg: node 0 has CPUs, nodes 1 and 2 have none. Node 1
/// is nearer.
/// </summary>
internal sealed class TieredProcess
{
    public const int Near = 0;
    public const int Below = 1;
    public const int FarBelow = 2;
    public const int Plenty = 1 << 20;

    public static readonly Watermarks Marks = new(Min: 10, Low: 20, High: 30, Promo: 40);

    private readonly Action<uint> _fault;
    private readonly Action<int> _faultAnon;
    private readonly Func<uint, bool> _touch;

    /// <param name="policy">mglru or classic.</param>
    /// <param name="variant">The kernel.</param>
    /// <param name="promotion">numa_balancing 2, or null.</param>
    /// <param name="demotion">numa/demotion_enabled.</param>
    /// <param name="files">Pages of the file.</param>
    /// <param name="anons">Anonymous pages.</param>
    /// <param name="swap">Pages of swap.</param>
    /// <param name="mems">cpuset.mems.</param>
    public TieredProcess(string policy, string variant = "v6.12.117", PromotionPlan? promotion = null, bool demotion = true, int files = 1024, int anons = 1024, long swap = 0, int[]? mems = null)
    {
        var rules = new KernelChoice { Variant = variant }.ResolveRules();
        var plan = new NumaPlan
        {
            Topology = new NumaTopology([[10, 20, 30], [20, 10, 40], [30, 40, 10]], [true, false, false]),
            Marks = [Marks, Marks, Marks],
            Sizes = [Plenty, Plenty, Plenty],
            Cpu = Near,
            Mems = mems ?? [Near],
            Demotion = demotion,
            DemotesWithinCpuset = rules.DemotesWithinCpuset,
            Promotion = promotion,
            FarNs = [0, 100, 200],
        };
        var pages = PageCacheTree.LeavesOf(files) * 64;
        Memcg = new MemoryCgroup([files], 1L << 40, 0, 0, [anons], swap)
        {
            Nodes = new PageNodes(plan, pages + PageCacheTree.LeavesOf(anons) * 64, (uint)pages),
        };
        Memcg.Clock = () => 0;
        Mm = new AddressSpace(0);
        Memcg.Rmap.Add(File = Mm.Map(0, files, anonymous: false));
        Memcg.Rmap.Add(Anon = Mm.Map((uint)pages, anons, anonymous: true));
        Memcg.Rmap.Begin(Mm);
        File.IsWritten = true;
        if (policy == KernelChoice.MultiGen)
        {
            var lruvecs = Enumerable.Range(0, 3).Select(node => new MultiGenLruvec(Memcg, rules, 60, () => 0, node)).ToArray();
            var all = new NodeLruvecs(Memcg, lruvecs);
            Memcg.Lruvec = all;
            (_fault, _faultAnon, _touch) = Through(new MultiGenNodesPath(all, Nodes, lruvecs, [0, 0, 0]));
        }
        else
        {
            var lruvecs = Enumerable.Range(0, 3).Select(node => new ClassicLruvec(Memcg, rules.AddBatch, StatisticsFlush.EveryPass, 60, node, rules.ProactiveKeepsUndemoted)).ToArray();
            var all = new NodeLruvecs(Memcg, lruvecs);
            Memcg.Lruvec = all;
            (_fault, _faultAnon, _touch) = Through(new ClassicNodesPath(all, Nodes, lruvecs, [0, 0, 0]));
        }

        Free(Plenty, Plenty, Plenty);
    }

    public MemoryCgroup Memcg { get; }

    public PageNodes Nodes => Memcg.Nodes!;

    public AddressSpace Mm { get; }

    public Vma File { get; }

    public Vma Anon { get; }

    public MemoryStat Stat => Memcg.Stat;

    public Lruvec On(int node) => ((NodeLruvecs)Memcg.Lruvec).On(node);

    /// <summary>Free pages of each node are these now.</summary>
    public void Free(params long[] pages) => Nodes.Know(pages, slow: true);

    /// <summary>Pages in memory on a node.</summary>
    public IEnumerable<uint> PagesOn(int node) => Enumerable.Range(0, Memcg.Folios.Pages).Select(page => (uint)page).Where(page => Memcg.Folios.State[page] != 0 && Nodes.NodeOf[page] == node);

    /// <summary>Reads pages of the file through its descriptor, once each.</summary>
    public void Read(int first, int count)
    {
        for (var page = (uint)first; page < first + count; page++)
        {
            if (Memcg.Folios.State[page] == 0)
            {
                _fault(page);
            }

            _touch(page);
        }
    }

    /// <summary>Stores to anonymous pages, and leaves them unused since.</summary>
    public void Store(int first, int count)
    {
        for (var index = first; index < first + count; index++)
        {
            _faultAnon(index);
            Anon.TableOf(index) |= TableFlags.Allocated;
            Anon.Pte[index] = PteFlags.Present;
        }
    }

    /// <summary>Maps pages of the file that are in memory.</summary>
    public void Map(int first, int count) => File.Pte.AsSpan(first, count).Fill(PteFlags.Present);

    /// <summary>Makes a page dirty, of a file that something writes.</summary>
    public void Dirty(uint page)
    {
        Memcg.Folios.TrackWriteback();
        Memcg.Folios.Writeback[page] = WritebackFlags.Dirty;
    }

    /// <summary>One pass of reclaim over a node, at the last priority.</summary>
    /// <returns>Pages that it has got.</returns>
    public long Shrink(int node, bool proactive = false)
    {
        var sc = new ScanControl { NrToReclaim = ScanControl.SwapClusterMax, Priority = 0, Proactive = proactive, AbortAfter = 1 };
        On(node).Shrink(ref sc);
        return sc.NrReclaimed;
    }

    /// <summary>Reclaims from a node until it has got something, or so many passes went by.</summary>
    public long Reclaim(int node, bool proactive = false)
    {
        for (var pass = 0; pass < 6; pass++)
        {
            if (Shrink(node, proactive) is > 0 and var pages)
            {
                return pages;
            }
        }

        return 0;
    }

    private (Action<uint> Fault, Action<int> FaultAnon, Func<uint, bool> Touch) Through<TPath>(TPath path)
        where TPath : struct, ILruvecPath =>
        (page => Memcg.Fault(path, page, write: false), index => Memcg.FaultAnon(path, Anon, Anon.FirstFolio + (uint)index, write: true), page => path.TryTouch(page));
}
