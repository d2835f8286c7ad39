using Reclaim.Contracts.Steps;
using Reclaim.Grains.Snapshots;
using Reclaim.Grains.Storage;

namespace Reclaim.Grains.Checkpoints;

/// <summary>Checkpoints in the store of this silo, if it has one.</summary>
/// <param name="stores">None, or the one.</param>
internal sealed class CheckpointStore(IEnumerable<IRunStore> stores)
{
    private readonly IRunStore? _store = stores.LastOrDefault();

    /// <summary>Whether there is a store at all.</summary>
    public bool Exists => _store is not null;

    private IRunStore Store => _store ?? throw new InvalidOperationException("this silo has no store, so that there are no checkpoints");

    /// <summary>Writes a part.</summary>
    public Task WriteAsync(string run, string item, byte[] snapshot) => Store.WriteAsync(run, item, snapshot);

    /// <summary>Reads a part.</summary>
    /// <exception cref="CheckpointException">It is not there, or cannot be used.</exception>
    public async Task<T> ReadAsync<T>(string run, string item)
        where T : class
    {
        var snapshot = await Store.ReadAsync(run, item) ?? throw new CheckpointException($"checkpoint {item} is incomplete or gone");
        return await ComputeThreads.Shared.Run(() => Restored<T>(item, snapshot));
    }

    /// <summary>Removes a checkpoint of a host that nobody needs any longer.</summary>
    public Task ForgetAsync(string run, int host, long number, int cgroups) => Store.DeleteAsync(
        run, [CheckpointItems.Host(host, number), .. Enumerable.Range(0, cgroups).Select(cgroup => CheckpointItems.Memcg(host, number, cgroup))]);

    private static T Restored<T>(string item, ReadOnlyMemory<byte> snapshot)
        where T : class
    {
        try
        {
            return Snapshot.Restore<T>(snapshot);
        }
        catch (SnapshotException e)
        {
            throw new CheckpointException($"checkpoint {item} cannot be used: {e.Message}");
        }
    }
}
