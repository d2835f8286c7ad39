using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>A process that maps a file and some anonymous memory, alone in its memcg.</summary>
internal sealed class Process
{
    private readonly Vma _file;
    private readonly Vma? _anon;

    public Process(string variant, int files, int anons = 0, long swap = 0)
    {
        Memcg = new MemoryCgroup([files], 1L << 40, 0, 0, anons == 0 ? [] : [anons], swap);
        Lruvec = new MultiGenLruvec(Memcg, new KernelChoice { Variant = variant }.ResolveRules(), 60, () => 0);
        Memcg.Lruvec = Lruvec;
        var mm = new AddressSpace(0);
        Memcg.Rmap.Add(_file = mm.Map(0, files, anonymous: false));
        if (anons != 0)
        {
            Memcg.Rmap.Add(_anon = mm.Map(FirstAnon, anons, anonymous: true));
        }

        Memcg.Rmap.Begin(mm);
    }

    public MemoryCgroup Memcg { get; }

    public MultiGenLruvec Lruvec { get; }

    public byte[] State => Memcg.Folios.State;

    public uint FirstAnon => Memcg.Folios.FirstAnon;

    public int Swappiness
    {
        set => Lruvec.Swappiness = value;
    }

    /// <summary>Whether a file page is mapped.</summary>
    public bool Maps(uint page) => _file.Pte[page] != PteFlags.None;

    /// <summary>Whether an anonymous page is in memory.</summary>
    public bool MapsAnon(int index) => _anon!.Pte[index] != PteFlags.None;

    public void FaultFile(uint first, uint count, bool use = true)
    {
        for (var page = first; page < first + count; page++)
        {
            Memcg.Fault(new MultiGenPath(Lruvec), page, write: false, inFault: true);
            Map(_file, (int)page, use);
        }
    }

    public void ReadFile(uint first, uint count)
    {
        for (var page = first; page < first + count; page++)
        {
            Memcg.Fault(new MultiGenPath(Lruvec), page, write: false);
            Lruvec.TryTouch(page);
        }
    }

    public void FaultAnon(int first, int count, bool use)
    {
        for (var index = first; index < first + count; index++)
        {
            Memcg.FaultAnon(new MultiGenPath(Lruvec), _anon!, FirstAnon + (uint)index, write: true);
            Map(_anon!, index, use);
        }
    }

    public void Use(uint page) => _file.Touch((int)page, write: false);

    public void UseAnon(int index) => _anon!.Touch(index, write: false);

    public long Shrink(int priority)
    {
        var sc = new ScanControl { NrToReclaim = ScanControl.SwapClusterMax, Priority = priority };
        Lruvec.Shrink(ref sc);
        return sc.NrReclaimed;
    }

    public void Reclaim(long pages) => Memcg.WriteReclaim(pages, ReclaimPortion.Cluster, swappiness: null);

    private static void Map(Vma vma, int index, bool use)
    {
        vma.TableOf(index) |= TableFlags.Allocated;
        vma.Pte[index] = PteFlags.Present;
        vma.Mm.Ran = ulong.MaxValue;
        if (use)
        {
            vma.Touch(index, write: false);
        }
    }
}
