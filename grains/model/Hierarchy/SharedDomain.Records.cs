using Reclaim.Model.Records;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>What is written down of reclaims, if anybody wants to know.</summary>
public sealed partial class SharedDomain
{
    private readonly ReclaimLog? _log;

    /// <summary>The reclaim of the current member, while one is under way.</summary>
    private OpenReclaim? _written;

    /// <summary>Reclaims that are written down; 0: none. Nothing else depends on it.</summary>
    public int MostRecords
    {
        get;
        init
        {
            field = value;
            _log = value > 0 ? new ReclaimLog(value) : null;
        }
    }

    /// <summary>The reclaims that were written down, with their scans; null: none were to be.</summary>
    public IEnumerable<(ReclaimRecord Record, IReadOnlyList<ScanRecord> Scans)>? Records => _log?.Kept();

    /// <summary>By kind, all of them; and one of so many is there.</summary>
    public (IReadOnlyList<ReclaimTotal> Totals, long Every) RecordTotals => _log is null ? ([], 1) : (_log.Totals, _log.Every);

    /// <summary>Virtual time of the task that waits for reclaim: its clock, and what that has cost it so far.</summary>
    private long WaitingNs => (_turns ? _clockNs : _members[_current].NowNs) + _stallNs;

    private void WriteBegin()
    {
        if (_log is null || _kswapd is not null || _written is not null)
        {
            return;
        }

        var member = _members[_current];
        var limit = _reclaim is HighReclaim ? member.Node : _reclaim is LimitReclaim { Root: var root } && _tree.Nodes[root].Limits.Max != long.MaxValue ? root : -1;
        var kind = _reclaim is HighReclaim ? ReclaimKind.High : limit >= 0 ? ReclaimKind.Limit : ReclaimKind.Direct;
        _written = _log.Begin(new ReclaimRecord(0, kind, member.Number, -1, limit >= 0 ? -1 : member.Home.Id, _tree.Nodes[Math.Max(0, limit)].Path)
        {
            StartNs = WaitingNs,
            FreeBefore = limit >= 0 ? -1 : member.Home.Memory!.Free,
            FreeAfter = -1,
        });
    }

    private void WriteEnd(Member member)
    {
        if (_written is { } open)
        {
            _log!.End(open.Ended(WaitingNs, open.Record.Node < 0 ? -1 : member.Home.Memory!.Free));
            _written = null;
        }
    }

    private void WriteWaking(NodeState node) => node.Written = _log?.Begin(new ReclaimRecord(0, ReclaimKind.Kswapd, -1, -1, node.Id, "/")
    {
        StartNs = node.KswapdNs,
        FreeBefore = node.Memory!.Free,
        FreeAfter = -1,
    });

    private void WriteSleeping(NodeState node)
    {
        if (node.Written is { } open)
        {
            _log!.End(open.Ended(node.KswapdNs, node.Memory!.Free));
            node.Written = null;
        }
    }

    /// <summary>The mark that pages get which go on the next order.</summary>
    private uint Mark => (_kswapd is { } awake ? awake.Written : _written) is { } open ? _log!.MarkOf(open) : 0;

    private void WriteScan(int victim, ShrinkOrder order, in ShrinkReport report, long startNs)
    {
        if ((_kswapd is { } awake ? awake.Written : _written) is not { } open
            || report is { Scanned: 0, Freed: 0, Seen: null or { Protected: 0, Activated: 0 } })
        {
            return;
        }

        var scan = new ScanRecord(
            _members[_aggressor].Number, _members[victim].Number, _matrixNodes > 1 ? order.Node : _members[victim].Home.Id, order.Priority,
            startNs, startNs + report.CostNs, report.Scanned, report.Freed, report.Seen ?? default);
        _log!.Add(open, scan);
    }
}
