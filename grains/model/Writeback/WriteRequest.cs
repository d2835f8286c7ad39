namespace Reclaim.Model.Writeback;

/// <summary>A request under way at a device: neighbouring pages of one file.</summary>
/// <param name="Flusher">Whose it is.</param>
/// <param name="First">The first page.</param>
/// <param name="Pages">How many.</param>
internal readonly record struct WriteRequest(BdiWriteback Flusher, uint First, int Pages);
