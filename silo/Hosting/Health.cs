using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Reclaim.Grains.Storage;
using Reclaim.Silo.Storage;

namespace Reclaim.Silo.Hosting;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: its silo works, and the store answers if there is one; it also says how many
/// silos it knows, as those that start a cluster wait until each knows all.
/// </summary>
internal sealed class Health(ILocalSiloDetails silo, ISiloStatusOracle statuses, IClusterManifestProvider manifests, IServiceProvider services)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", (RequestDelegate)(context => context.Response.WriteAsync("live\n")));
        routes.MapGet("/health/ready", (RequestDelegate)ReadyAsync);
    }

    private async Task ReadyAsync(HttpContext context)
    {
        var status = statuses.CurrentStatus;
        var why = status != SiloStatus.Active ? $"the silo is {status}" : await StoreAsync(context.RequestAborted);
        context.Response.StatusCode = why is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await context.Response.WriteAsync(why is null ? $"ready, silos: {Known()}\n" : $"not ready: {why}\n");
    }

    /// <summary>Silos that work, and whose grains this one knows: before, it would place none there.</summary>
    private int Known() => manifests.Current.Silos.Keys.Count(known => known.Equals(silo.SiloAddress) || statuses.GetApproximateSiloStatus(known) == SiloStatus.Active);

    /// <summary>What is wrong with the store; null: nothing.</summary>
    private async Task<string?> StoreAsync(CancellationToken cancellation)
    {
        if (services.GetService(typeof(IRunStore)) is not ResilientRunStore store)
        {
            return null;
        }

        try
        {
            await store.ProbeAsync(cancellation).WaitAsync(Patience, cancellation);
            return null;
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            return "the store does not answer";
        }
    }
}
