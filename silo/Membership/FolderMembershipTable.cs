using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Reclaim.Silo.Membership;

/// <summary>
/// Who belongs to a cluster of processes of one machine: the membership protocol's table, in a folder that they share. No server is
/// needed, and no silo is special. As they are processes of one machine, it also knows which of them are gone: whoever reads the table
/// turns the rows of these dead, so that a silo that was killed is known to be dead at the next reading, however busy the machine is.
/// </summary>
internal sealed class FolderMembershipTable(FolderMembershipOptions folder, IOptions<ClusterOptions> cluster) : IMembershipTable
{
    private readonly MembersFile _file = new(folder.Folder);

    public async Task InitializeMembershipTable(bool tryInitTableVersion) => await _file.ChangeAsync(table =>
        Own(table).Cluster is null ? table with { Cluster = cluster.Value.ClusterId } : null);

    public Task DeleteMembershipTableEntries(string clusterId) => _file.DeleteAsync();

    public async Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => await _file.ChangeAsync(table =>
    {
        var rows = table.Rows.RemoveAll(row => row.Status == nameof(SiloStatus.Dead) && row.Alive < beforeDate.UtcDateTime);
        return rows.Length == table.Rows.Length ? null : table with { Rows = rows };
    });

    public async Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        var table = await ReadAsync();
        return table.Find(key.ToParsableString()) is { } row ? new MembershipTableData(ToTuple(row), Version(table)) : new MembershipTableData(Version(table));
    }

    public async Task<MembershipTableData> ReadAll()
    {
        var table = await ReadAsync();
        return new MembershipTableData([.. table.Rows.Select(ToTuple)], Version(table));
    }

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => _file.ChangeAsync(table =>
        Own(table).Find(entry.SiloAddress.ToParsableString()) is null && Continues(table, tableVersion)
            ? table with { Version = tableVersion.Version, Rows = table.Rows.Add(New(entry, tableVersion.Version)) }
            : null);

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => _file.ChangeAsync(table =>
        Own(table).Find(entry.SiloAddress.ToParsableString()) is { } row && Text(row.Etag) == etag && Continues(table, tableVersion)
            ? table.With(Changed(row, entry, tableVersion.Version)) with { Version = tableVersion.Version }
            : null);

    public async Task UpdateIAmAlive(MembershipEntry entry) => await _file.ChangeAsync(table =>
        Own(table).Find(entry.SiloAddress.ToParsableString()) is { } row ? table.With(row with { Alive = entry.IAmAliveTime }) : null);

    /// <summary>Reads the table, after those whose processes are gone have been declared dead.</summary>
    private async Task<MembersTable> ReadAsync()
    {
        var table = Own(_file.Read());
        if (!table.Rows.Any(IsGone))
        {
            return table;
        }

        await _file.ChangeAsync(Bury);
        return Own(_file.Read());
    }

    private MembersTable? Bury(MembersTable table)
    {
        if (!Own(table).Rows.Any(IsGone))
        {
            return null;
        }

        var version = table.Version + 1;
        return table with
        {
            Version = version,
            Rows = [.. table.Rows.Select(row => IsGone(row) ? row with { Status = nameof(SiloStatus.Dead), Etag = version } : row)],
        };
    }

    private static bool IsGone(MemberRow row) => row.Status != nameof(SiloStatus.Dead) && !row.Process.IsAlive;

    /// <summary>Guards against a folder that two clusters were given.</summary>
    private MembersTable Own(MembersTable table) => table.Cluster is null || table.Cluster == cluster.Value.ClusterId
        ? table
        : throw new IOException($"{_file.File}: is the table of cluster '{table.Cluster}', not of '{cluster.Value.ClusterId}'");

    /// <summary>Whether the table is still what the writer has read.</summary>
    private static bool Continues(MembersTable table, TableVersion next) => Text(table.Version) == next.VersionEtag;

    private static TableVersion Version(MembersTable table) => new(table.Version, Text(table.Version));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private MemberRow New(MembershipEntry entry, int version)
    {
        var me = ProcessIdentity.Current;
        return Changed(
            new MemberRow
            {
                Silo = entry.SiloAddress.ToParsableString(),
                Name = entry.SiloName,
                Host = entry.HostName,
                GatewayPort = entry.ProxyPort,
                Http = folder.Http?.ToString(),
                Pid = me.Pid,
                ProcessStart = me.Start,
                Started = entry.StartTime,
                Status = "",
                Etag = 0,
                Alive = default,
            },
            entry,
            version);
    }

    private static MemberRow Changed(MemberRow row, MembershipEntry entry, int version) => row with
    {
        Status = entry.Status.ToString(),
        Etag = version,
        Alive = entry.IAmAliveTime,
        Left = entry.Status == SiloStatus.Dead && row.Process == ProcessIdentity.Current,
        Suspicions = [.. (entry.SuspectTimes ?? []).Select(suspicion => new MemberSuspicion(suspicion.Item1.ToParsableString(), suspicion.Item2))],
    };

    private static Tuple<MembershipEntry, string> ToTuple(MemberRow row) => Tuple.Create(
        new MembershipEntry
        {
            SiloAddress = SiloAddress.FromParsableString(row.Silo),
            SiloName = row.Name,
            HostName = row.Host,
            ProxyPort = row.GatewayPort,
            Status = Enum.Parse<SiloStatus>(row.Status),
            StartTime = row.Started,
            IAmAliveTime = row.Alive,
            SuspectTimes = [.. row.Suspicions.Select(suspicion => Tuple.Create(SiloAddress.FromParsableString(suspicion.By), suspicion.At))],
        },
        Text(row.Etag));
}

/// <summary>Where the table is, and what a silo says of itself there.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Http">Where its health is asked for.</param>
internal sealed record FolderMembershipOptions(string Folder, System.Net.IPEndPoint? Http);
