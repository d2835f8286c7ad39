using System.Collections.Immutable;
using System.Net;
using Orleans.Messaging;

namespace Reclaim.Silo.Membership;

/// <summary>Finds the gateways of a cluster of this machine in its folder.</summary>
internal sealed class FolderGateways(string folder) : IGatewayListProvider
{
    private readonly MembersFile _file = new(folder);

    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(1);

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public Task<IList<Uri>> GetGateways() => Task.FromResult<IList<Uri>>([.. Of(_file).Select(gateway => gateway.ToGatewayUri())]);

    /// <summary>Those that are there now.</summary>
    public static ImmutableArray<IPEndPoint> Of(string folder) => [.. Of(new MembersFile(folder))];

    private static IEnumerable<IPEndPoint> Of(MembersFile file) =>
        LocalMembers.Of(file.Read()).Where(member => member.State == LocalMembers.Active).Select(member => member.Gateway).OfType<IPEndPoint>();
}
