using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Reclaim.Silo.Membership;

namespace Reclaim.Silo.Hosting;

/// <summary>Has a silo enter itself where the others look, and tells how soon one that is gone is found out.</summary>
internal static class SiloMembership
{
    /// <summary>Sees that the server answers, if there is one.</summary>
    /// <exception cref="Storage.StoreUnreachableException">It does not.</exception>
    public static Task PrepareAsync(MembershipSettings membership) => membership.Kind == SettingKeys.Localhost
        ? Task.CompletedTask
        : ServerMembership.PrepareAsync(membership.Kind, membership.Connection!);

    public static ISiloBuilder UseMembership(this ISiloBuilder silo, SiloSettings settings)
    {
        switch (settings.Membership.Kind)
        {
            case SettingKeys.Localhost:
                silo.Services.AddSingleton(new FolderMembershipOptions(settings.Membership.Folder, settings.Listen.At(settings.Listen.HttpPort)));
                silo.Services.AddSingleton<IMembershipTable, FolderMembershipTable>();
                return silo.Configure<ClusterMembershipOptions>(OneMachine);
            default:
                silo.UseServerMembership(settings.Membership.Kind, settings.Membership.Connection!);
                return silo.Configure<ClusterMembershipOptions>(Machines).UseKubernetesPods();
        }
    }

    /// <summary>
    /// A process that is gone is seen when the table is read, within a second. Probes only have to find one that hangs, so they are patient:
    /// a machine that is merely busy must not cost a silo.
    /// </summary>
    private static void OneMachine(ClusterMembershipOptions table)
    {
        table.TableRefreshTimeout = TimeSpan.FromSeconds(1);
        table.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        table.ProbeTimeout = TimeSpan.FromSeconds(5);
        table.NumMissedProbesLimit = 3;
        table.NumVotesForDeathDeclaration = 1;
    }

    /// <summary>On several machines only probes tell: 5.5 to 6.4 s from a kill to the next answer that a client gets.</summary>
    private static void Machines(ClusterMembershipOptions table)
    {
        table.TableRefreshTimeout = TimeSpan.FromSeconds(2);
        table.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
        table.ProbeTimeout = TimeSpan.FromSeconds(1);
        table.NumMissedProbesLimit = 2;
        table.NumVotesForDeathDeclaration = 1;
    }
}
