using System.Net;

namespace Reclaim.Silo.Membership;

/// <summary>The silos of a cluster of this machine, as its folder tells.</summary>
public static class LocalMembers
{
    /// <summary>State of a silo that works.</summary>
    public const string Active = "active";

    /// <summary>State of a silo that does not work yet.</summary>
    public const string Starting = "starting";

    /// <summary>State of a silo that has been told to stop.</summary>
    public const string Stopping = "stopping";

    /// <summary>State of a silo that has ended without saying so.</summary>
    public const string Dead = "dead";

    /// <summary>Name of the cluster; null: nobody has used the folder yet.</summary>
    public static string? ClusterOf(string folder) => new MembersFile(folder).Read().Cluster;

    /// <summary>The silos, by name: of those that had the same name, the last. Those that ended as they were told to are left out.</summary>
    /// <exception cref="IOException">The folder's table cannot be read.</exception>
    public static IReadOnlyList<LocalMember> Read(string folder) => Of(new MembersFile(folder).Read());

    /// <summary>Forgets all of them.</summary>
    public static Task ForgetAsync(string folder, CancellationToken cancellation = default) => new MembersFile(folder).DeleteAsync(cancellation);

    internal static IReadOnlyList<LocalMember> Of(MembersTable table) =>
    [
        .. table.Rows.GroupBy(row => row.Name, StringComparer.Ordinal).Select(rows => Of(rows.Last())).OfType<LocalMember>()
            .OrderBy(member => member.Name.Length).ThenBy(member => member.Name, StringComparer.Ordinal),
    ];

    private static LocalMember? Of(MemberRow row)
    {
        if (row.Left)
        {
            return null;
        }

        var silo = SiloAddress.FromParsableString(row.Silo).Endpoint;
        return new LocalMember(
            row.Name,
            row.Process,
            silo.ToString(),
            row.GatewayPort == 0 ? null : new IPEndPoint(silo.Address, row.GatewayPort),
            row.Http,
            StateOf(row));
    }

    private static string StateOf(MemberRow row) => row.IsDead ? Dead : Enum.Parse<SiloStatus>(row.Status) switch
    {
        SiloStatus.Active => Active,
        SiloStatus.ShuttingDown or SiloStatus.Stopping => Stopping,
        _ => Starting,
    };
}

/// <summary>A silo of a cluster of this machine.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Process">The process that it is.</param>
/// <param name="Address">Where other silos reach it.</param>
/// <param name="Gateway">Where clients reach it.</param>
/// <param name="Http">Where its health is asked for.</param>
/// <param name="State">One of the states of <see cref="LocalMembers"/>.</param>
public sealed record LocalMember(string Name, ProcessIdentity Process, string Address, IPEndPoint? Gateway, string? Http, string State);
