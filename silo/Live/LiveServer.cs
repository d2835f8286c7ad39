using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Reclaim.Silo.Embedded;

namespace Reclaim.Silo.Live;

/// <summary>The live page of one run, at a port of this machine.</summary>
public sealed class LiveServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly OneLiveRun shown;

    private LiveServer(WebApplication app, OneLiveRun shown, string address) => (this.app, this.shown, Address) = (app, shown, address);

    /// <summary>Where a browser finds it: with the token, for whoever may look.</summary>
    public string Address { get; }

    /// <summary>Opens it.</summary>
    /// <param name="port">Port on the loopback address; 0: any that is free.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<LiveServer> StartAsync(int port, CancellationToken cancellation = default)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(http =>
        {
            http.AddServerHeader = false;
            http.Listen(IPAddress.Loopback, port);
        });
        var app = builder.Build();
        app.UseRouting();
        var (shown, token) = (new OneLiveRun(), LiveAccess.NewToken());
        new LiveEndpoints(shown, new LiveAccess(token), TimeProvider.System).Map(app);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await app.DisposeAsync();
            throw new IOException($"port {port} cannot be opened: {e.Message}", e);
        }

        var at = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new LiveServer(app, shown, $"{at}{LiveEndpoints.Path}?token={token}");
    }

    /// <summary>Shows a run from now on; null: none.</summary>
    public void Show(IRun? run) => shown.Show(run);

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(soon.Token);
        await app.DisposeAsync();
    }
}
