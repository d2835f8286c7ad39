using System.Globalization;
using Reclaim.Model.Control;
using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// Limits of cgroups with others below them are written and read while members run, at a virtual time, from outside: it costs nobody time of
/// their own. By their clocks no turn goes beyond that time, so that it takes place when all have come there; in turns, when the first turn is
/// over that has come there. So a limit that is written on the way has the effect of one that was planned for the same time.
/// </summary>
public sealed partial class SharedDomain
{
    private static readonly ControlFile[] _limits = [ControlFile.MemoryMax, ControlFile.MemoryHigh, ControlFile.MemoryLow, ControlFile.MemoryMin, ControlFile.MemorySwapMax];

    /// <summary>When the next is due; <see cref="long.MaxValue"/>: there is none.</summary>
    private long _controlNs = long.MaxValue;

    /// <summary>How far anybody has come, or was let.</summary>
    private long _latestNs;

    /// <summary>What follows from the limit that was written last, while it goes on; and when it was.</summary>
    private LimitWrite? _write;
    private long _writeNs;

    /// <summary>What is wrong with an access to a file of a cgroup with others below it; null: nothing.</summary>
    /// <param name="file">The file.</param>
    /// <param name="text">The text written; null: it is read.</param>
    /// <param name="kernel">The kernel that is to take it.</param>
    public static string? Problem(ControlFile file, string? text, KernelChoice kernel) =>
        text is null && file == ControlFile.MemoryCurrent ? null
        : Array.IndexOf(_limits, file) < 0 ? "not in this version: of a cgroup with others below it, only limits of memory and swap are written and read, and memory.current is read"
        : text is null ? null : ControlSyntax.Problem(file, text, kernel, []);

    /// <summary>Plans that a file of a cgroup with others below it is written or read.</summary>
    /// <param name="node">Its index in the tree.</param>
    /// <param name="access">What, and when.</param>
    public void Plan(int node, ControlAccess access)
    {
        _tree.Nodes[node].Controls.Add(access);
        if (access.File == ControlFile.MemoryMax && MemorySize.TryRead(access.Value ?? "", out var pages) && _tree.Nodes[node].LargestMax != long.MaxValue)
        {
            _tree.Nodes[node].LargestMax = Math.Max(_tree.Nodes[node].LargestMax, pages);
        }

        _controlNs = Math.Min(_controlNs, access.AtNs);
    }

    /// <summary>The same on the way, as soon as all have come as far as the first of them.</summary>
    /// <param name="node">Index of the cgroup.</param>
    /// <param name="file">The file.</param>
    /// <param name="value">The text written; null: it is read.</param>
    /// <param name="id">Names the request.</param>
    /// <param name="atNs">When, where that is known from an earlier life.</param>
    /// <returns>When. The same planned for that time has the same effect.</returns>
    /// <exception cref="ArgumentException">It would have more memory than its node holds for it.</exception>
    public long Schedule(int node, ControlFile file, string? value, string id, long? atNs = null)
    {
        var cgroup = _tree.Nodes[node];
        if (file == ControlFile.MemoryMax && value is not null && MemorySize.TryRead(value, out var pages) && pages > cgroup.LargestMax && !Nodes.Any())
        {
            throw new ArgumentException($"{value} is more than the {cgroup.LargestMax} pages that the node holds for this cgroup: its largest planned memory.max");
        }

        if (file == ControlFile.MemorySwapMax && value is not null && MemorySize.TryRead(value, out var slots) && slots > cgroup.Limits.SwapMax)
        {
            throw new ArgumentException($"{value} is more than memory.swap.max is, {cgroup.Limits.SwapMax} pages: it can be lowered");
        }

        var at = atNs ?? (_turns ? _clockNs : _latestNs) + 1;
        Plan(node, new ControlAccess(at, file, value) { Id = id });
        EndBatchAt(at);
        if (_untilNs > at)
        {
            _untilNs = at;
        }

        return at;
    }

    /// <summary>Carries out what is due, if anything is and nobody is on its turn.</summary>
    /// <returns>Whether anything was.</returns>
    private bool Carry()
    {
        if (_controlNs == long.MaxValue || Done || _left <= 0 || !IsDue())
        {
            return false;
        }

        for (var node = 0; node < _tree.Nodes.Count; node++)
        {
            if (_tree.Nodes[node].Controls.TryTake(_controlNs) is { } access)
            {
                Carry(node, access);
                break;
            }
        }

        _controlNs = _tree.Nodes.Min(node => node.Controls.NextNs);
        return true;
    }

    private bool IsDue()
    {
        if (_turns)
        {
            return (_between || Turns == 0) && _clockNs >= _controlNs;
        }

        if (_untilNs is not null)
        {
            return false;
        }

        WaitForCpus();
        return _queue.FirstClock >= _controlNs;
    }

    private void Carry(int node, ControlAccess access)
    {
        var cgroup = _tree.Nodes[node];
        if (access.Value is null)
        {
            cgroup.Did(new ControlOutcome(access.AtNs, access.File, null, 0, Read(cgroup, access.File)) { Id = access.Id });
            return;
        }

        var isSize = MemorySize.TryRead(access.Value, out var pages);
        cgroup.Did(new ControlOutcome(access.AtNs, access.File, access.Value, isSize ? 0 : ControlOutcome.Einval, null) { Id = access.Id });
        if (!isSize)
        {
            return;
        }

        _tree.Write(node, access.File, pages);
        var isMax = access.File == ControlFile.MemoryMax;
        if ((isMax || access.File == ControlFile.MemoryHigh) && cgroup.Usage > pages)
        {
            DrainStock(node);
            _writeNs = access.AtNs;
            _write = new LimitWrite(_tree, node, isMax, _rules.LimitWalk, Lists, _topology.Zonelist(_topology.NearestWithCpus(0))) { ScalesProtected = ScalesProtected };
        }
    }

    /// <summary>The next order for the limit that was written; null: there is none just now.</summary>
    private SharedCall? FindOrder(LimitWrite write)
    {
        _kswapd = null;
        if (!write.GaveUp && write.Next() is { } victim)
        {
            if (!IsIdle(victim))
            {
                return Order(victim, _writeNs);
            }

            write.Took(new ShrinkReport { Lists = ListsOf(_members[_memberAt[victim.Node]], victim.Numa) });
        }
        else if (write.WantsOom)
        {
            OutOfMemory(write.Root, byKswapd: null);
        }
        else
        {
            _write = null;
        }

        return null;
    }

    /// <summary>The stock of a member below a cgroup goes back to the counters (drain_all_stock).</summary>
    private void DrainStock(int root)
    {
        if (_stockOwner >= 0 && _tree.Subtree(root).Contains(_members[_stockOwner].Node))
        {
            DropStock(_members[_stockOwner]);
            _stockOwner = -1;
        }
    }

    private static string Read(MemcgNode cgroup, ControlFile file) => file switch
    {
        ControlFile.MemoryMax => Size(cgroup.Limits.Max),
        ControlFile.MemoryHigh => Size(cgroup.Limits.High),
        ControlFile.MemoryLow => Size(cgroup.Limits.Low),
        ControlFile.MemoryMin => Size(cgroup.Limits.Min),
        ControlFile.MemorySwapMax => Size(cgroup.Limits.SwapMax),
        _ => Size(cgroup.Usage),
    };

    private static string Size(long pages) => pages == long.MaxValue ? "max\n" : string.Create(CultureInfo.InvariantCulture, $"{pages << 12}\n");
}
