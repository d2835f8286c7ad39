namespace Reclaim.Grains.Storage;

/// <summary>
/// What outlives silos: for each run, named items. Every silo of a cluster sees the same ones. Failures are <see cref="IOException"/>s;
/// a call that failed may be made again.
/// </summary>
public interface IRunStore
{
    /// <summary>Writes an item whole, or not at all: whoever reads finds the old one or the new one, after a crash too.</summary>
    /// <param name="run">Name of the run (<see cref="StoreNames.Run"/>).</param>
    /// <param name="item">Name of the item (<see cref="StoreNames.Item"/>).</param>
    /// <param name="content">Its bytes; up to some hundred megabytes.</param>
    /// <param name="cancellation">Gives up.</param>
    Task WriteAsync(string run, string item, ReadOnlyMemory<byte> content, CancellationToken cancellation = default);

    /// <summary>Reads an item; null if there is none.</summary>
    /// <inheritdoc cref="WriteAsync"/>
    Task<ReadOnlyMemory<byte>?> ReadAsync(string run, string item, CancellationToken cancellation = default);

    /// <summary>The runs of which there is any item, in ordinal order.</summary>
    Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancellation = default);

    /// <summary>Names of the items of a run, in ordinal order; empty if there is no such run.</summary>
    Task<IReadOnlyList<string>> ItemsAsync(string run, CancellationToken cancellation = default);

    /// <summary>Removes items; those that are not there are no error.</summary>
    Task DeleteAsync(string run, IReadOnlyCollection<string> items, CancellationToken cancellation = default);

    /// <summary>Removes a run with all its items.</summary>
    Task DeleteRunAsync(string run, CancellationToken cancellation = default);
}
