using Reclaim.Model.Hierarchy;

namespace Reclaim.Model.Classic;

/// <summary>
/// A limit above that others share: shadows hold the age of the cgroup that reclaimed, and a refault is compared with the active pages of
/// all below it. Files only.
/// Source: workingset_eviction with target_memcg, workingset_test_recent in mm/workingset.c; prepare_scan_control with target_lruvec in
/// mm/vmscan.c, v6.12.
/// </summary>
internal sealed partial class ClassicLruvec
{
    private long _othersActiveFile;

    /// <inheritdoc/>
    public override void Share(ListState above)
    {
        _nonresidentAge = above.Age;
        _othersActiveFile = above.ActiveFile;
    }

    /// <inheritdoc/>
    public override ListState TakeLists()
    {
        var skipped = _skippedDeactivate;
        _skippedDeactivate = false;

        // Kernels that flush at each pass do so for all below the cgroup that reclaims.
        return _flush == StatisticsFlush.EveryPass
            ? new ListState(_nonresidentAge, FileSizes.Inactive, FileSizes.Active, Memcg.Stat.WorkingsetActivateFile, skipped)
            : new ListState(
                _nonresidentAge, _flushedSizes[ListOf(File, active: false)], _flushedSizes[ListOf(File, active: true)], _flushedActivations[File], skipped);
    }
}
