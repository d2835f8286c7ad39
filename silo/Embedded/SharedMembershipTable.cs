using System.Globalization;

namespace Reclaim.Silo.Embedded;

/// <summary>Who belongs to the cluster, for silos of one process: the membership protocol's table of versioned rows, in memory.</summary>
internal sealed class SharedMembershipTable : IMembershipTable
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<SiloAddress, Row> rows = [];
    private TableVersion version = new(0, "0");

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId)
    {
        lock (gate)
        {
            rows.Clear();
        }

        return Task.CompletedTask;
    }

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        lock (gate)
        {
            var defunct = rows.Values.Where(row => row.Entry.Status == SiloStatus.Dead && row.Entry.IAmAliveTime < beforeDate.UtcDateTime).ToArray();
            Array.ForEach(defunct, row => rows.Remove(row.Entry.SiloAddress));
        }

        return Task.CompletedTask;
    }

    public Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        lock (gate)
        {
            return Task.FromResult(rows.TryGetValue(key, out var row)
                ? new MembershipTableData(row.ToTuple(), version)
                : new MembershipTableData(version));
        }
    }

    public Task<MembershipTableData> ReadAll()
    {
        lock (gate)
        {
            return Task.FromResult(new MembershipTableData([.. rows.Values.Select(row => row.ToTuple())], version));
        }
    }

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        lock (gate)
        {
            return Task.FromResult(!rows.ContainsKey(entry.SiloAddress) && Write(entry, tableVersion));
        }
    }

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
    {
        lock (gate)
        {
            return Task.FromResult(rows.TryGetValue(entry.SiloAddress, out var row) && row.Etag == etag && Write(entry, tableVersion));
        }
    }

    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        lock (gate)
        {
            if (rows.TryGetValue(entry.SiloAddress, out var row))
            {
                row.Entry.IAmAliveTime = entry.IAmAliveTime;
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Writes a row if the table is still what the writer read.</summary>
    private bool Write(MembershipEntry entry, TableVersion next)
    {
        if (next.VersionEtag != version.VersionEtag)
        {
            return false;
        }

        var etag = next.Version.ToString(CultureInfo.InvariantCulture);
        rows[entry.SiloAddress] = new Row(Copy(entry), etag);
        version = new TableVersion(next.Version, etag);
        return true;
    }

    private static MembershipEntry Copy(MembershipEntry entry) => new()
    {
        SiloAddress = entry.SiloAddress,
        Status = entry.Status,
        SuspectTimes = entry.SuspectTimes is null ? null : [.. entry.SuspectTimes],
        ProxyPort = entry.ProxyPort,
        HostName = entry.HostName,
        SiloName = entry.SiloName,
        RoleName = entry.RoleName,
        UpdateZone = entry.UpdateZone,
        FaultZone = entry.FaultZone,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
    };

    private sealed record Row(MembershipEntry Entry, string Etag)
    {
        /// <summary>Readers get a copy of their own.</summary>
        public Tuple<MembershipEntry, string> ToTuple() => Tuple.Create(Copy(Entry), Etag);
    }
}
