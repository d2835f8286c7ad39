using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reclaim.Silo.Membership;

/// <summary>
/// The table of a cluster's members as a file that its processes share. It is replaced as a whole (written beside, synced, renamed), so
/// whoever reads finds the old table or the new one; changes are made under a lock, one after the other.
/// </summary>
internal sealed class MembersFile(string folder)
{
    public const string Schema = "reclaim-members/1";

    /// <summary>A change takes milliseconds.</summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public string File { get; } = Path.Combine(folder, "members.json");

    private string Lock => Path.Combine(folder, "members.lock");

    /// <summary>The table as it is; without a file, an empty one.</summary>
    /// <exception cref="IOException">It cannot be read, or is not such a table.</exception>
    public MembersTable Read()
    {
        try
        {
            var table = JsonSerializer.Deserialize<MembersTable>(System.IO.File.ReadAllBytes(File), Json);
            return table is { Schema: Schema, Rows.IsDefault: false } ? table : throw NoTable($"its schema is not {Schema}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return MembersTable.Empty;
        }
        catch (JsonException e)
        {
            throw NoTable(e.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>Changes the table: what <paramref name="change"/> returns replaces it; null leaves it as it is.</summary>
    /// <returns>Whether it has changed.</returns>
    public async Task<bool> ChangeAsync(Func<MembersTable, MembersTable?> change, CancellationToken cancellation = default)
    {
        using var mine = await FileLock.TakeAsync(Lock, LockPatience, cancellation);
        if (change(Read()) is not { } next)
        {
            return false;
        }

        Write(next);
        return true;
    }

    /// <summary>Removes it.</summary>
    public async Task DeleteAsync(CancellationToken cancellation = default)
    {
        using var mine = await FileLock.TakeAsync(Lock, LockPatience, cancellation);
        System.IO.File.Delete(File);
    }

    private void Write(MembersTable table)
    {
        // The lock is held, so what a writer that was killed has left can be written over.
        var beside = File + ".new";
        using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, table, Json);
            stream.Flush(flushToDisk: true);
        }

        System.IO.File.Move(beside, File, overwrite: true);
    }

    private IOException NoTable(string why) =>
        new($"{File}: not a table of members ({why}); stop the silos that use this folder and remove the file, or name another folder");
}

/// <summary>The members of a cluster.</summary>
/// <param name="Schema">What kind of file it is.</param>
/// <param name="Cluster">Whose table it is; null: nobody's yet.</param>
/// <param name="Version">Counts changes of the membership.</param>
/// <param name="Rows">Its silos, those that are dead too, in the order in which they came.</param>
internal sealed record MembersTable(string Schema, string? Cluster, int Version, ImmutableArray<MemberRow> Rows)
{
    public static MembersTable Empty { get; } = new(MembersFile.Schema, null, 0, []);

    public MemberRow? Find(string silo) => Rows.FirstOrDefault(row => row.Silo == silo);

    /// <summary>With a row replaced; what the version counts does not change.</summary>
    public MembersTable With(MemberRow row) => this with { Rows = Rows.Replace(Find(row.Silo)!, row) };
}

/// <summary>A silo.</summary>
internal sealed record MemberRow
{
    /// <summary>Its address and generation, as <see cref="SiloAddress.ToParsableString"/> writes them.</summary>
    public required string Silo { get; init; }

    public required string Name { get; init; }

    /// <summary>A name of <see cref="SiloStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Version of the table at its last change.</summary>
    public required int Etag { get; init; }

    public required string Host { get; init; }

    public required int GatewayPort { get; init; }

    /// <summary>Where its health is asked for; null where the process that wrote this has none.</summary>
    public string? Http { get; init; }

    public required int Pid { get; init; }

    /// <summary><see cref="ProcessIdentity.Start"/>.</summary>
    public required string ProcessStart { get; init; }

    public required DateTime Started { get; init; }

    public required DateTime Alive { get; init; }

    public ImmutableArray<MemberSuspicion> Suspicions { get; init; } = [];

    /// <summary>Whether it said itself that it has ended.</summary>
    public bool Left { get; init; }

    /// <summary>The process that it is.</summary>
    [JsonIgnore]
    public ProcessIdentity Process => new(Pid, ProcessStart);

    /// <summary>Dead by the table, or its process is gone.</summary>
    [JsonIgnore]
    public bool IsDead => Status == nameof(SiloStatus.Dead) || !Process.IsAlive;
}

/// <summary>A silo says that another does not answer.</summary>
internal sealed record MemberSuspicion(string By, DateTime At);
