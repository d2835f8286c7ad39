namespace Reclaim.Model.Nodes;

/// <summary>Where a lruvec moves on the memcg LRU (MEMCG_LRU_*).</summary>
public enum MemcgLruOperation
{
    /// <summary>It stays where it is, to be reclaimed from again.</summary>
    Nop,

    /// <summary>To the head of a bin of its generation.</summary>
    Head,

    /// <summary>To the tail of one.</summary>
    Tail,

    /// <summary>To the head of a bin of the old generation: its cgroup is gone.</summary>
    Old,

    /// <summary>To the tail of a bin of the young generation: it was aged.</summary>
    Young,
}

/// <summary>
/// The order in which a node's lruvecs are reclaimed from: an old and a young generation, eight bins each, and a lruvec that moves
/// gets a bin by lot. When the old generation is empty, the young one is old.
/// Source: lru_gen_rotate_memcg, lru_gen_online_memcg in mm/vmscan.c, v6.8; there since v6.3.
/// </summary>
public sealed class MemcgLru
{
    /// <summary>MEMCG_NR_BINS.</summary>
    public const int Bins = 8;

    /// <summary>MEMCG_NR_GENS: two are in use.</summary>
    private const int Generations = 3;

    private readonly LinkedList<int>[] _lists = [.. Enumerable.Range(0, Generations * Bins).Select(_ => new LinkedList<int>())];
    private readonly int[] _sizes = new int[Generations];
    private readonly List<Entry> _entries = [];
    private readonly MemcgLots _lots;
    private (long Seq, int Count) _passes;

    /// <param name="seed">Of the lots.</param>
    public MemcgLru(ulong seed) => _lots = new MemcgLots(seed);

    /// <summary>Counts generations up (memcg_lru.seq).</summary>
    public long Seq { get; private set; }

    /// <summary>Lruvecs in all.</summary>
    public int Count => _entries.Count;

    /// <summary>The next lruvec comes online: the one with the next number.</summary>
    public void Add()
    {
        var number = _entries.Count;
        var entry = new Entry(new LinkedListNode<int>(number)) { Generation = GenerationOf(Seq) };
        _entries.Add(entry);
        Bin(number, Seq, MemcgLruOperation.Nop).AddLast(entry.Place);
        _sizes[entry.Generation]++;
    }

    /// <summary>Whether a lruvec was moved to a tail last: it had its second chance.</summary>
    public bool IsAtTail(int lruvec) => _entries[lruvec].Segment == MemcgLruOperation.Tail;

    /// <summary>Whether it is in the young generation.</summary>
    public bool IsYoung(int lruvec) => _entries[lruvec].Generation != GenerationOf(Seq);

    /// <summary>Moves a lruvec.</summary>
    public void Rotate(int lruvec, MemcgLruOperation operation)
    {
        if (operation == MemcgLruOperation.Nop)
        {
            return;
        }

        var entry = _entries[lruvec];
        var from = entry.Generation;
        entry.Segment = operation is MemcgLruOperation.Head or MemcgLruOperation.Tail ? operation : MemcgLruOperation.Nop;
        entry.Generation = operation switch
        {
            MemcgLruOperation.Old => GenerationOf(Seq),
            MemcgLruOperation.Young => GenerationOf(Seq + 1),
            _ => from,
        };
        entry.Place.List!.Remove(entry.Place);
        var bin = Bin(lruvec, entry.Generation == GenerationOf(Seq) ? Seq : Seq + 1, operation);
        if (operation is MemcgLruOperation.Head or MemcgLruOperation.Old)
        {
            bin.AddFirst(entry.Place);
        }
        else
        {
            bin.AddLast(entry.Place);
        }

        _sizes[from]--;
        _sizes[entry.Generation]++;
        if (_sizes[from] == 0 && from == GenerationOf(Seq))
        {
            Seq++;
        }
    }

    /// <summary>The bin of the old generation at which the next pass begins.</summary>
    internal int FirstBin()
    {
        _passes = (Seq, _passes.Seq == Seq ? _passes.Count + 1 : 0);
        return _lots.First(_passes.Count, Seq);
    }

    /// <summary>The generation that is old now.</summary>
    internal int OldGeneration => GenerationOf(Seq);

    /// <summary>The first lruvec of a bin, or null.</summary>
    internal int? First(int generation, int bin) => _lists[generation * Bins + bin].First?.Value;

    /// <summary>Whether a lruvec is in a bin.</summary>
    internal bool IsIn(int lruvec, int generation, int bin) => _entries[lruvec].Place.List == _lists[generation * Bins + bin];

    /// <summary>The one behind another, or null.</summary>
    internal int? After(int lruvec) => _entries[lruvec].Place.Next?.Value;

    private static int GenerationOf(long seq) => (int)(seq % Generations);

    private LinkedList<int> Bin(int lruvec, long seq, MemcgLruOperation operation) => _lists[GenerationOf(seq) * Bins + _lots.Bin(lruvec, seq, operation)];

    private sealed class Entry(LinkedListNode<int> place)
    {
        public LinkedListNode<int> Place { get; } = place;

        public int Generation { get; set; }

        public MemcgLruOperation Segment { get; set; }
    }
}
