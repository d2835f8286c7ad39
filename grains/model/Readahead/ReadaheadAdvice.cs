namespace Reclaim.Model.Readahead;

/// <summary>What the kernel was told of how a file will be read (posix_fadvise(2); generic_fadvise in mm/fadvise.c, v6.8).</summary>
public enum ReadaheadAdvice
{
    /// <summary>Nothing (POSIX_FADV_NORMAL): windows up to the device's read_ahead_kb.</summary>
    Normal,

    /// <summary>POSIX_FADV_RANDOM: a miss reads the requested pages and no others.</summary>
    Random,

    /// <summary>POSIX_FADV_SEQUENTIAL: windows up to twice read_ahead_kb.</summary>
    Sequential,
}
