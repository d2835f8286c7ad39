using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;

namespace Reclaim.Model.Sharing;

/// <summary>
/// What a memcg knows of the files that it shares with others: of each page whether it is in memory and whom it is charged to, or who evicted it.
///
/// <code>
///    own access or miss ──► own lists, own charge ──► change ──► all other users of the file, before they next run
///    access to a page of another ──────────────────► change ──► whom it is charged to
/// </code>
///
/// A page belongs to the file, and is charged to whoever brings it in (filemap_add_folio charges current's memcg), until it is evicted. The others
/// find it in the page cache: their accesses raise it in the lists of the memcg it is charged to, for folio_mark_accessed does not ask whose
/// page it is. Page tables are told of likewise (<see cref="SharedMapping"/>). Since cgroups that share a file run one at a time, what each knows is up to date whenever it runs.
///
/// Nodes of the file's tree belong to whoever inserted the page for which they were made (__GFP_ACCOUNT), and so do their shadows as the shadow
/// shrinker counts them (list_lru_add_obj in workingset_update_node).
/// Source: __filemap_add_folio in mm/filemap.c; workingset_refault, lru_gen_refault in mm/workingset.c; folio_mark_accessed in mm/swap.c, v6.8.
/// </summary>
internal sealed class SharedPages
{
    /// <summary>State of a page in memory that is charged to another: under neither policy one of its own has it.</summary>
    public const byte Foreign = 0b1000_0000;

    private const short None = -1;

    private readonly MemoryCgroup _memcg;
    private readonly ushort _self;
    private readonly byte[] _state;
    private readonly SharedFile[] _files;
    private readonly short[] _fileOfLeaf;

    /// <summary>By number of the file on the host: which of <see cref="_files"/>.</summary>
    private readonly short[] _fileOfNumber;

    /// <summary>By page: in memory: whom it is charged to; else who evicted it last.</summary>
    private readonly ushort[] _member;

    /// <summary>Mappings of shared files by processes of its own.</summary>
    private readonly List<Vma> _mappings = [];

    /// <summary>By container and number: copies of mappings by those of others.</summary>
    private readonly Dictionary<(ushort Member, ushort Number), Vma> _copies = [];

    private FileChange[] _changes = new FileChange[64];
    private int _count;
    private uint _inserted;
    private ushort _evictor;

    /// <param name="memcg">The cgroup.</param>
    /// <param name="self">Number of its container.</param>
    /// <param name="files">The files that it shares.</param>
    public SharedPages(MemoryCgroup memcg, ushort self, IReadOnlyList<SharedFilePlan> files)
    {
        (_memcg, _self, _evictor) = (memcg, self, self);
        _state = memcg.Folios.State;
        _member = new ushort[memcg.Folios.Pages];
        _fileOfLeaf = new short[(memcg.Folios.Pages + 63) >> 6];
        _fileOfLeaf.AsSpan().Fill(None);
        _files = [.. files.Select(file => new SharedFile(file.Number, memcg.Tree.PagesOf(file.File)))];
        _fileOfNumber = new short[_files.Max(file => file.Number) + 1];
        for (var i = 0; i < _files.Length; i++)
        {
            _fileOfNumber[_files[i].Number] = (short)i;
            var first = (int)(_files[i].First >> 6);
            _fileOfLeaf.AsSpan(first, (int)((_files[i].End + 63) >> 6) - first).Fill((short)i);
        }
    }

    /// <summary>Whether a page that is being brought in had been evicted from another cgroup.</summary>
    public bool WasEvictedElsewhere(uint page) => page == _inserted && _evictor != _self;

    /// <summary>Classic only: what refaults of pages are judged by that others evicted.</summary>
    public IReadOnlyList<EvictorState> Evictors { get; set; } = [];

    /// <summary>The lists of the cgroup that evicted the page brought in last, if it is for them to judge its refault.</summary>
    public EvictorState? Evictor
    {
        get
        {
            foreach (var evictor in Evictors)
            {
                if (evictor.Member == _evictor)
                {
                    return evictor;
                }
            }

            return null;
        }
    }

    /// <summary>A page that is charged to another is accessed: whom it is charged to will mark it.</summary>
    public void Touch(uint page)
    {
        _files[_fileOfLeaf[page >> 6]].OthersAccessed++;
        Log(FileChangeKind.Touched, page, _member[page]);
    }

    /// <summary>A page was brought in, and is in the tree.</summary>
    /// <param name="page">The page.</param>
    /// <param name="hadShadow">Whether eviction had left a shadow.</param>
    public void Inserted(uint page, bool hadShadow)
    {
        (_inserted, _evictor) = (page, _self);
        if (_fileOfLeaf[page >> 6] is not None and var file)
        {
            _evictor = hadShadow ? _member[page] : _self;
            _files[file].BroughtIn++;
            _files[file].LostByOthers += WasEvictedElsewhere(page) ? 1 : 0;
            _member[page] = _self;
            Log(FileChangeKind.Inserted, page, _self);
        }
    }

    /// <summary>An own page was evicted.</summary>
    public void Evicted(uint page, uint shadow)
    {
        if (_fileOfLeaf[page >> 6] != None)
        {
            Log(FileChangeKind.Evicted, page, _self, shadow);
        }
    }

    /// <summary>A node of the tree was freed with its shadows.</summary>
    /// <param name="leaf">Which.</param>
    public void ShadowsDropped(int leaf)
    {
        if (_fileOfLeaf[leaf] != None)
        {
            Log(FileChangeKind.ShadowsDropped, (uint)leaf << 6, _self);
        }
    }

    /// <summary>PG_readahead of a page was set or taken off.</summary>
    public void Marked(uint page, bool set)
    {
        if (_fileOfLeaf[page >> 6] != None)
        {
            Log(set ? FileChangeKind.Marked : FileChangeKind.Unmarked, page, _self);
        }
    }

    /// <summary>A process of its own maps a file; one that is shared or not.</summary>
    public void Map(Vma vma)
    {
        if (!vma.Anonymous && _fileOfLeaf[vma.FirstFolio >> 6] != None)
        {
            vma.Sharing = new SharedMapping(this, new FileMapping(_self, (ushort)_mappings.Count, vma.Recency, vma.Executable, Common: 0), isCopy: false);
            _mappings.Add(vma);
        }
    }

    /// <summary>A process of its own has accessed a page through a mapping: if it is charged to another, that one is told.</summary>
    public void Mapped(uint page, in FileMapping mapping)
    {
        if (_state[page] == Foreign)
        {
            Log(FileChangeKind.Mapped, page, _member[page], mapping: mapping);
        }
    }

    /// <summary>A process of its own that had a page mapped exits.</summary>
    public void Unmapped(uint page, in FileMapping mapping)
    {
        if (_state[page] == Foreign)
        {
            Log(FileChangeKind.Unmapped, page, _member[page], mapping: mapping);
        }
    }

    /// <summary>Reclaim found that another's process had accessed an own page, and took the bit.</summary>
    public void Aged(uint page, in FileMapping mapping) => Log(FileChangeKind.Aged, page, mapping.Member, mapping: mapping);

    /// <summary>Takes over what others have done.</summary>
    public void Apply(IReadOnlyList<FileChange>? changes)
    {
        foreach (var change in changes ?? [])
        {
            Apply(change);
        }
    }

    /// <summary>What was done here since this was last asked; null: nothing.</summary>
    public FileChange[]? TakeChanges()
    {
        if (_count == 0)
        {
            return null;
        }

        var changes = _changes.AsSpan(0, _count).ToArray();
        _count = 0;
        return changes;
    }

    /// <summary>What it has had to do with a file.</summary>
    /// <param name="number">Number of the file on the host.</param>
    public SharedFileFigures Figures(ushort number)
    {
        ref readonly var file = ref _files[_fileOfNumber[number]];
        var (charged, resident) = (0L, 0L);
        for (var page = file.First; page < file.End; page++)
        {
            resident += _state[page] != 0 ? 1 : 0;
            charged += _state[page] is not (0 or Foreign) ? 1 : 0;
        }

        return new SharedFileFigures(charged, resident, file.BroughtIn, file.OthersAccessed, file.LostByOthers);
    }

    private void Apply(in FileChange change)
    {
        var page = _files[_fileOfNumber[change.File]].First + change.Index;
        switch (change.Kind)
        {
            case FileChangeKind.Inserted:
                _memcg.InsertedElsewhere(page);
                _member[page] = change.Member;
                _state[page] = Foreign;
                break;
            case FileChangeKind.Evicted:
                _state[page] = 0;
                _member[page] = change.Member;
                _memcg.EvictedElsewhere(page, change.Shadow);
                break;
            case FileChangeKind.ShadowsDropped:
                _memcg.ShadowsDroppedElsewhere(page);
                break;
            case FileChangeKind.Touched when _state[page] is not (0 or Foreign):
                _memcg.Lruvec.MarkAccessed(page);
                break;
            case FileChangeKind.Mapped when _state[page] is not (0 or Foreign):
                CopyOf(change).Pte[change.Index] = PteFlags.Present | PteFlags.Accessed;
                break;
            case FileChangeKind.Unmapped:
                CopyOf(change).Pte[change.Index] = PteFlags.None;
                break;
            case FileChangeKind.Aged:
                _mappings[change.Mapping.Number].Pte[change.Index] &= ~PteFlags.Accessed;
                break;
            case FileChangeKind.Marked:
                _memcg.Folios.Readahead?.Set(page);
                break;
            case FileChangeKind.Unmarked:
                _memcg.Folios.Readahead?.Clear(page);
                break;
            default:
                break;
        }
    }

    /// <summary>What is known of a mapping by another's process; the first that is heard of it makes it.</summary>
    private Vma CopyOf(in FileChange change)
    {
        var mapping = change.Mapping;
        if (!_copies.TryGetValue((mapping.Member, mapping.Number), out var copy))
        {
            ref var file = ref _files[_fileOfNumber[change.File]];
            copy = new Vma(new AddressSpace(tlbEntries: 0), start: 0, file.First, (int)(file.End - file.First), anonymous: false, mapping.Recency, mapping.Executable)
            {
                Sharing = new SharedMapping(this, mapping, isCopy: true),
            };
            _copies.Add((mapping.Member, mapping.Number), copy);
            _memcg.Rmap.Add(copy);
        }

        return copy;
    }

    private void Log(FileChangeKind kind, uint page, ushort member, uint shadow = 0, FileMapping mapping = default)
    {
        if (_count == _changes.Length)
        {
            Array.Resize(ref _changes, 2 * _count);
        }

        ref var file = ref _files[_fileOfLeaf[page >> 6]];
        _changes[_count++] = new FileChange(kind, file.Number, member, page - file.First, shadow) { Mapping = mapping };
    }

    /// <summary>Where in the container's pages a file is, and what became of it.</summary>
    private struct SharedFile(ushort number, (uint First, uint End) pages)
    {
        public readonly ushort Number = number;
        public readonly uint First = pages.First;
        public readonly uint End = pages.End;
        public long BroughtIn;
        public long OthersAccessed;
        public long LostByOthers;
    }
}
