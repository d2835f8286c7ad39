using System.Collections.Concurrent;

namespace Reclaim.Grains.Storage;

/// <summary>A store that lives as long as its process: for embedded silos, which live and die together, and for tests.</summary>
public sealed class MemoryRunStore : IRunStore
{
    private readonly ConcurrentDictionary<(string Run, string Item), byte[]> _items = new();

    public Task WriteAsync(string run, string item, ReadOnlyMemory<byte> content, CancellationToken cancellation = default)
    {
        _items[(StoreNames.Run(run), StoreNames.Item(item))] = content.ToArray();
        return Task.CompletedTask;
    }

    public Task<ReadOnlyMemory<byte>?> ReadAsync(string run, string item, CancellationToken cancellation = default) =>
        Task.FromResult(_items.TryGetValue((run, item), out var content) ? (ReadOnlyMemory<byte>?)content : null);

    public Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<string>>([.. _items.Keys.Select(key => key.Run).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    public Task<IReadOnlyList<string>> ItemsAsync(string run, CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<string>>([.. _items.Keys.Where(key => key.Run == run).Select(key => key.Item).Order(StringComparer.Ordinal)]);

    public Task DeleteAsync(string run, IReadOnlyCollection<string> items, CancellationToken cancellation = default)
    {
        foreach (var item in items)
        {
            _items.TryRemove((run, item), out _);
        }

        return Task.CompletedTask;
    }

    public async Task DeleteRunAsync(string run, CancellationToken cancellation = default) => await DeleteAsync(run, await ItemsAsync(run, cancellation), cancellation);
}
