using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Serialization;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Grains.Checkpoints;
using Reclaim.Grains.Storage;

namespace Reclaim.Grains.Runs;

/// <summary>Runs in the store of this silo; without a store nothing is kept and nothing found.</summary>
internal sealed class RunArchive(IEnumerable<IRunStore> stores, Serializer serializer)
{
    private const string SpecItem = "spec";
    private const string LifeItem = "life.json";
    private const string ResultsItem = "results.json";

    private static readonly JsonSerializerOptions _json = new() { Converters = { new JsonStringEnumConverter() } };

    private readonly IRunStore? _store = stores.LastOrDefault();

    /// <summary>Whether there is a store.</summary>
    public bool Exists => _store is not null;

    /// <summary>Names of all runs.</summary>
    public async Task<IReadOnlyList<string>> Runs() => _store is null ? [] : await _store.RunsAsync();

    public Task WriteSpec(string run, RunSpec spec) => Write(run, SpecItem, () => serializer.SerializeToArray(spec));

    public Task WriteLife(string run, RunLife life) => Write(run, LifeItem, () => JsonSerializer.SerializeToUtf8Bytes(life, _json));

    public Task WriteResults(string run, RunResults results) => Write(run, ResultsItem, () => JsonSerializer.SerializeToUtf8Bytes(results, ResultDigest.Json));

    public async Task<RunSpec?> Spec(string run) => await Read(run, SpecItem) is { } bytes ? serializer.Deserialize<RunSpec>(bytes) : null;

    public async Task<RunLife?> Life(string run) => await Read(run, LifeItem) is { } bytes ? JsonSerializer.Deserialize<RunLife>(bytes.Span, _json) : null;

    public async Task<RunResults?> Results(string run) => await Read(run, ResultsItem) is { } bytes ? JsonSerializer.Deserialize<RunResults>(bytes.Span, ResultDigest.Json) : null;

    /// <summary>Numbers of the checkpoints of a host that are whole, the last first, and the highest that was begun.</summary>
    public async Task<(IReadOnlyList<long> Whole, long Tried)> Checkpoints(string run, int host)
    {
        var items = _store is null ? [] : await _store.ItemsAsync(run);
        return ([.. CheckpointItems.Numbers(items, host)], CheckpointItems.Highest(items, host));
    }

    /// <summary>Removes its checkpoints: it is over.</summary>
    public async Task ForgetCheckpoints(string run)
    {
        if (_store is not null)
        {
            await _store.DeleteAsync(run, [.. (await _store.ItemsAsync(run)).Where(CheckpointItems.IsPart)]);
        }
    }

    /// <summary>Removes all of a run.</summary>
    public Task Forget(string run) => _store?.DeleteRunAsync(run) ?? Task.CompletedTask;

    private Task Write(string run, string item, Func<byte[]> content) => _store?.WriteAsync(run, item, content()) ?? Task.CompletedTask;

    private async Task<ReadOnlyMemory<byte>?> Read(string run, string item) => _store is null ? null : await _store.ReadAsync(run, item);
}
