using Reclaim.Model.Control;
using Reclaim.Model.LruGenFiles;
using Reclaim.Model.Lruvecs;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// What the commands written to /sys/kernel/debug/lru_gen do. Pages in the add batch stay there: nothing drains it first.
/// Source: run_cmd, run_aging, run_eviction in mm/vmscan.c, v6.8 and v6.14; its EEXIST takes a second one who ages at the same time.
/// </summary>
internal sealed partial class MultiGenLruvec
{
    /// <summary>Swappiness of the command being carried out, which asks nobody whether there is room in swap; null: none is.</summary>
    private int? _commandSwappiness;

    /// <summary>Carries out a command for this lruvec.</summary>
    /// <returns>0, or the number of the error.</returns>
    public int Run(LruGenCommand command)
    {
        _commandSwappiness = command.Swappiness;
        (_walkContext, _proactive) = (true, false);
        Memcg.Nodes?.ReclaimFor(ulong.MaxValue);
        try
        {
            return command switch
            {
                LruGenAging aging => RunAging(aging),
                LruGenEviction eviction => RunEviction(eviction),
                _ => throw new ArgumentException($"{command.GetType().Name} is no command", nameof(command)),
            };
        }
        finally
        {
            _commandSwappiness = null;
        }
    }

    private int RunAging(LruGenAging aging)
    {
        if (aging.Seq > _maxSeq)
        {
            return ControlOutcome.Einval;
        }

        if (aging.Seq < _maxSeq && !_rules.NewCommands)
        {
            return 0;
        }

        if (!_rules.NewCommands && !aging.ForceScan && EvictableMinSeq + MaxNrGens - 1 <= _maxSeq)
        {
            return ControlOutcome.Erange;
        }

        IncMaxSeq(aging.ForceScan);
        return 0;
    }

    private int RunEviction(LruGenEviction eviction)
    {
        if (eviction.Seq + MinNrGens > _maxSeq)
        {
            return ControlOutcome.Einval;
        }

        // Priority is 0. What is asked for is the target of a round where rounds have one (v6.19).
        var sc = new ScanControl();
        while (EvictableMinSeq <= eviction.Seq && (ulong)sc.NrReclaimed < eviction.NrToReclaim)
        {
            var left = eviction.NrToReclaim - (ulong)sc.NrReclaimed;
            if (EvictFolios(ref sc, (long)Math.Min(left, long.MaxValue)) == 0)
            {
                break;
            }
        }

        return 0;
    }
}
