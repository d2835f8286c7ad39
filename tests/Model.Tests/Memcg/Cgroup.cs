using Reclaim.Model.Classic;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;

namespace Reclaim.Model.Tests.Memcg;

/// <summary>A memcg with files and a policy, read page by page: what a test talks about, without jobs, time and devices.</summary>
internal sealed class Cgroup
{
    private readonly Func<uint, bool> _touch;
    private readonly Action<uint, bool> _fault;

    private Cgroup(MemoryCgroup memcg, Func<uint, bool> touch, Action<uint, bool> fault)
    {
        (Memcg, _touch, _fault) = (memcg, touch, fault);
    }

    public MemoryCgroup Memcg { get; }

    public MultiGenLruvec Mglru => (MultiGenLruvec)Memcg.Lruvec;

    public ClassicLruvec Classic => (ClassicLruvec)Memcg.Lruvec;

    public byte[] State => Memcg.Folios.State;

    /// <summary>Pages in memory, ascending.</summary>
    public uint[] Resident => [.. Enumerable.Range(0, State.Length).Where(page => State[page] != 0).Select(page => (uint)page)];

    /// <summary>The shadow entry of a page: whether there is one, the refs stored in it, and its clock (the sequence, for most variants).</summary>
    public (bool Present, int Refs, ulong Sequence) Shadow(uint page)
    {
        var word = State[page] == 0 ? Memcg.Folios.Word[page] : 0;
        return (word != 0, (int)(word >> 2 & 3) + (int)(word >> 1 & 1), word >> 4);
    }

    public static Cgroup MultiGen(
        long max, int file, string variant = "v6.8", int width = 2, int swappiness = 0, long anon = 0, long kernel = 0,
        (string Name, string Value)[]? rules = null)
    {
        var choice = new KernelChoice { Variant = variant, RefsWidth = width, Rules = rules ?? [] };
        var memcg = new MemoryCgroup([file], max, anon, kernel);
        var lruvec = new MultiGenLruvec(memcg, choice.ResolveRules(), swappiness, () => 0);
        memcg.Lruvec = lruvec;
        return Over(memcg, new MultiGenPath(lruvec));
    }

    public static Cgroup OfClassic(long max, int file, string variant = "v6.8", long anon = 0, long kernel = 0)
    {
        var rules = new KernelChoice { Variant = variant }.ResolveRules();
        var memcg = new MemoryCgroup([file], max, anon, kernel);
        var lruvec = new ClassicLruvec(memcg, rules.AddBatch, rules.ClassicFlush);
        memcg.Lruvec = lruvec;
        return Over(memcg, new ClassicPath(lruvec));
    }

    /// <summary>Reads a page once.</summary>
    /// <returns>Whether it was in memory.</returns>
    public bool Read(uint page)
    {
        if (_touch(page))
        {
            return true;
        }

        _fault(page, false);
        _touch(page);
        return false;
    }

    /// <summary>Reads pages one after the other.</summary>
    /// <returns>For each, whether it was in memory.</returns>
    public bool[] Read(IEnumerable<uint> pages) => [.. pages.Select(Read)];

    /// <summary>Reads a page so many times.</summary>
    public void Read(uint page, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Read(page);
        }
    }

    /// <summary>Writes a page that is not in memory.</summary>
    public void Write(uint page) => _fault(page, true);

    /// <summary>One pass of reclaim over the lruvec.</summary>
    /// <returns>Pages freed.</returns>
    public long Shrink(int priority, long ask = 32)
    {
        var sc = new ScanControl { NrToReclaim = ask, Priority = priority };
        Memcg.Lruvec.Shrink(ref sc);
        return sc.NrReclaimed;
    }

    /// <summary>Pages first, first + 1, … in order.</summary>
    public static IEnumerable<uint> Pages(int first, int count) => Enumerable.Range(first, count).Select(page => (uint)page);

    private static Cgroup Over<TPath>(MemoryCgroup memcg, TPath path)
        where TPath : struct, ILruvecPath =>
        new(memcg, page => path.TryTouch(page), (page, write) => memcg.Fault(path, page, write));
}
