namespace Reclaim.Model.Readahead;

/// <summary>Which pages of one file are in memory. Structs implement it, so that the rules are compiled for each and call nothing virtual.</summary>
internal interface IResidency
{
    /// <summary>Whether a page is in memory.</summary>
    /// <param name="index">Its index in the file; beyond the end nothing is.</param>
    bool IsResident(long index);
}
