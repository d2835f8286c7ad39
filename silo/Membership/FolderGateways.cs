using Orleans.Messaging;

namespace Reclaim.Silo.Membership;

/// <summary>Finds the gateways of a cluster of this machine in its folder.</summary>
internal sealed class FolderGateways(string folder) : IGatewayListProvider
{
    private readonly MembersFile _file = new(folder);

    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(1);

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public Task<IList<Uri>> GetGateways() => Task.FromResult<IList<Uri>>([.. LocalMembers.Of(_file.Read())
        .Where(member => member is { State: LocalMembers.Active, Gateway: not null }).Select(member => member.Gateway!.ToGatewayUri())]);
}
