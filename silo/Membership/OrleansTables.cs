namespace Reclaim.Silo.Membership;

/// <summary>
/// The tables that <c>Microsoft.Orleans.Clustering.AdoNet</c> expects in PostgreSQL. It asks <c>OrleansQuery</c> for the statements that it
/// then runs, by their keys; what is fixed are these keys, the names of parameters and of the columns that come back. The statements are our own.
/// <para>
/// A change of the membership turns the version of its deployment from the one that was read to the next, in the same statement. Of two silos
/// that read the same version, the second waits for the first at the version's row and then finds that it has turned: it changes nothing.
/// </para>
/// </summary>
internal static class OrleansTables
{
    /// <summary>A table that is there when all of them are.</summary>
    public const string Last = "orleansquery";

    /// <summary>Makes them.</summary>
    public static string Script => Tables + string.Concat(Queries.Select(query => $"insert into OrleansQuery values ('{query.Key}', $q${query.Text}$q$);\n"));

    private const string Tables = """
        create table OrleansMembershipVersionTable (
            DeploymentId text primary key,
            Timestamp timestamptz not null default now(),
            Version integer not null default 0);
        create table OrleansMembershipTable (
            DeploymentId text not null references OrleansMembershipVersionTable,
            Address text not null,
            Port integer not null,
            Generation integer not null,
            SiloName text not null,
            HostName text not null,
            Status integer not null,
            ProxyPort integer,
            SuspectTimes text,
            StartTime timestamptz not null,
            IAmAliveTime timestamptz not null,
            primary key (DeploymentId, Address, Port, Generation));
        create table OrleansQuery (
            QueryKey text primary key,
            QueryText text not null);

        """;

    private const string IsSilo = "DeploymentId = @DeploymentId and Address = @Address and Port = @Port and Generation = @Generation";

    private const string Turn = """
        update OrleansMembershipVersionTable set Version = Version + 1, Timestamp = now()
        where DeploymentId = @DeploymentId and Version = @Version
        """;

    /// <summary>One row at least, so that the version comes back without any silo too.</summary>
    private const string Members = """
        select Address, Port, Generation, SiloName, HostName, Status, ProxyPort, SuspectTimes, StartTime, IAmAliveTime, Version
        from OrleansMembershipVersionTable deployment left join OrleansMembershipTable silo on silo.DeploymentId = deployment.DeploymentId
        """;

    private const int Dead = (int)SiloStatus.Dead;

    private static readonly (string Key, string Text)[] Queries =
    [
        ("InsertMembershipVersionKey", """
            with made as (insert into OrleansMembershipVersionTable (DeploymentId) values (@DeploymentId) on conflict do nothing returning 1)
            select count(*)::integer from made
            """),
        ("InsertMembershipKey", $"""
            with turned as ({Turn} and not exists (select from OrleansMembershipTable where {IsSilo}) returning DeploymentId),
            made as (
                insert into OrleansMembershipTable
                    (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
                select DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime from turned
                returning 1)
            select count(*)::integer from made
            """),
        ("UpdateMembershipKey", $"""
            with turned as ({Turn} and exists (select from OrleansMembershipTable where {IsSilo}) returning 1),
            changed as (
                update OrleansMembershipTable set Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = @IAmAliveTime
                where {IsSilo} and exists (select from turned)
                returning 1)
            select count(*)::integer from changed
            """),
        ("UpdateIAmAlivetimeKey", $"update OrleansMembershipTable set IAmAliveTime = @IAmAliveTime where {IsSilo}"),
        ("MembershipReadRowKey", $"""
            {Members} and Address = @Address and Port = @Port and Generation = @Generation
            where deployment.DeploymentId = @DeploymentId
            """),
        ("MembershipReadAllKey", $"{Members} where deployment.DeploymentId = @DeploymentId"),
        ("GatewaysQueryKey", """
            select Address, ProxyPort, Generation from OrleansMembershipTable
            where DeploymentId = @DeploymentId and Status = @Status and ProxyPort > 0
            """),
        ("DeleteMembershipTableEntriesKey", """
            delete from OrleansMembershipTable where DeploymentId = @DeploymentId;
            delete from OrleansMembershipVersionTable where DeploymentId = @DeploymentId
            """),
        ("CleanupDefunctSiloEntriesKey", $"""
            delete from OrleansMembershipTable
            where DeploymentId = @DeploymentId and Status = {Dead} and IAmAliveTime < @IAmAliveTime
            """),
    ];
}
