using Reclaim.Model.Lruvecs;

namespace Reclaim.Model.Classic;

/// <summary>
/// How far each of the four lists is scanned: anonymous and file pages in inverse proportion to what evicting them has cost.
///
/// A cost is noted for pages looked at in vain (1), written to swap (32) or restored by a refault (32), at each level; where costs exceed a
/// quarter of the pages, both are halved.
///
/// Source: prepare_scan_control, get_scan_count, shrink_lruvec in mm/vmscan.c; lru_note_cost in mm/swap.c, v6.8.
/// </summary>
internal sealed partial class ClassicLruvec
{
    private const int IoCost = 32;

    /// <summary>Fills in the pages to look at on each list.</summary>
    private void ScanCounts(in ScanControl sc, bool mayDeactivateFile, Span<long> counts)
    {
        var priority = sc.Priority;
        for (var list = 0; list < 4; list++)
        {
            counts[list] = sc.Unprotected(_lists[list].Count) >> priority;
            if (counts[list] == 0 && Memcg.IsOffline)
            {
                counts[list] = Math.Min(_lists[list].Count, ScanControl.SwapClusterMax);
            }
        }

        var noAnon = sc.NoSwap || (Memcg.SwapFree <= 0 && !CanDemote) || (Swappiness == 0 && !sc.FileIsTiny);
        var onlyAnon = sc.FileIsTiny && (priority != 0 || Swappiness == 0);
        if (noAnon || (!onlyAnon && priority != 0 && Together(File, active: false, _target) >> priority != 0 && !mayDeactivateFile))
        {
            counts[ListOf(Anon, active: false)] = 0;
            counts[ListOf(Anon, active: true)] = 0;
            return;
        }

        // SWAPPINESS_ANON_ONLY, from memory.reclaim alone (v6.16); file_is_tiny.
        if (Swappiness > 200 || onlyAnon)
        {
            counts[ListOf(File, active: false)] = 0;
            counts[ListOf(File, active: true)] = 0;
            return;
        }

        // At the last priority both are scanned whole.
        if (priority == 0)
        {
            return;
        }

        ref readonly var cost = ref _levels[_target];
        var total = cost.AnonCost + cost.FileCost;
        var (anonCost, fileCost) = (total + cost.AnonCost, total + cost.FileCost);
        var sum = anonCost + fileCost;
        var anonShare = Swappiness * (sum + 1) / (anonCost + 1);
        var fileShare = (200 - Swappiness) * (sum + 1) / (fileCost + 1);
        for (var list = 0; list < 4; list++)
        {
            counts[list] = counts[list] * (list >> 1 == Anon ? anonShare : fileShare) / (anonShare + fileShare);
        }
    }

    /// <summary>
    /// Enough was freed: the type with less left to do stops, and the other goes on only as far in proportion as the first one got.
    /// </summary>
    /// <returns>False if one type is done anyway: then all stops.</returns>
    private static bool StopSmaller(ReadOnlySpan<long> targets, Span<long> left)
    {
        var file = left[2] + left[3];
        var anon = left[0] + left[1];
        if (file == 0 || anon == 0)
        {
            return false;
        }

        var smaller = file > anon ? Anon : File;
        var percentage = Math.Min(file, anon) * 100 / (targets[smaller * 2] + targets[smaller * 2 + 1] + 1);
        left[smaller * 2] = 0;
        left[smaller * 2 + 1] = 0;
        for (var list = (1 - smaller) * 2; list < (1 - smaller) * 2 + 2; list++)
        {
            var scanned = targets[list] - left[list];
            left[list] = Math.Max(0, targets[list] * (100 - percentage) / 100 - scanned);
        }

        return true;
    }

    private void NoteCost(int type, long pagesIo, long rotated)
    {
        var cost = pagesIo * IoCost + rotated;
        if (cost == 0)
        {
            return;
        }

        for (var level = 0; level < _levels.Length; level++)
        {
            ref var costs = ref _levels[level];
            (type == Anon ? ref costs.AnonCost : ref costs.FileCost) += cost;
            var pages = Together(Anon, false, level) + Together(Anon, true, level) + Together(File, false, level) + Together(File, true, level);
            if (costs.AnonCost + costs.FileCost > pages / 4)
            {
                costs.AnonCost /= 2;
                costs.FileCost /= 2;
            }
        }
    }
}
