using System.Diagnostics;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Reclaim.Silo.Live;
using Reclaim.Silo.Security;
using Reclaim.Silo.Storage;

namespace Reclaim.Silo.Hosting;

/// <summary>A silo as a process, from its command line to its exit status.</summary>
internal static class SiloProcess
{
    private const int Ended = 0;
    private const int Broken = 1;
    private const int WrongSettings = 2;

    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        if (args is ["--help" or "-h"])
        {
            await output.WriteAsync(Help());
            return Ended;
        }

        if (args is ["--version"])
        {
            await output.WriteLineAsync(Version);
            return Ended;
        }

        SiloSettings settings;
        IConfiguration configuration;
        TlsIdentity? tls;
        try
        {
            configuration = SettingsReader.Sources(args);
            settings = SettingsReader.Read(configuration);
            tls = settings.Tls is { } files ? TlsIdentity.OfSilo(files, SettingKeys.Path) : null;
        }
        catch (SettingException e)
        {
            await error.WriteLineAsync(e.Message);
            return WrongSettings;
        }
        catch (InvalidDataException e)
        {
            // appsettings.json is not JSON: the message names the file.
            await error.WriteLineAsync((e.InnerException?.Message is { } why ? $"{e.Message} {why}" : e.Message).ReplaceLineEndings(" "));
            return WrongSettings;
        }

        ReservedPorts ports;
        try
        {
            settings = settings with { Listen = settings.Listen.Reserve(out ports) };
        }
        catch (Exception e) when (e is PortTakenException or SocketException)
        {
            await error.WriteLineAsync($"the silo could not start: {e.Message}");
            return Broken;
        }

        using var reserved = ports;
        settings = settings.Name.Length > 0 ? settings : settings with { Name = $"{Environment.MachineName}-{settings.Listen.SiloPort}" };
        foreach (var line in Describe(settings, tls))
        {
            await output.WriteLineAsync(line);
        }

        try
        {
            using var logs = LoggerFactory.Create(logging => SiloApplication.Log(logging, configuration));
            await using var store = await RunStores.OpenAsync(settings.Storage.ToOptions(), logs);
            await SiloMembership.PrepareAsync(settings.Membership);
            await using var app = SiloApplication.Build(settings, configuration, store, tls);
            await app.StartAsync();
            await output.WriteLineAsync("started");
            await EndAsync(app, output);
            return Ended;
        }
        catch (StoreUnreachableException e)
        {
            await error.WriteLineAsync(e.Message.ReplaceLineEndings(" "));
            return e.IsSetting ? WrongSettings : Broken;
        }
#pragma warning disable CA1031 // The outermost place: whatever is left becomes one line and status 1.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await error.WriteLineAsync($"the silo could not start: {e.GetType().Name}: {(e.InnerException is null ? e.Message : e.GetBaseException().Message).ReplaceLineEndings(" ")}");
            if (Environment.GetEnvironmentVariable("RECLAIM_DEBUG") is not null)
            {
                await error.WriteLineAsync(e.ToString());
            }

            return Broken;
        }
    }

    /// <summary>Waits until the silo is told to stop, or stops by itself, and lets it hand over what it has, but not for longer than it may take.</summary>
    private static async Task EndAsync(WebApplication app, TextWriter output)
    {
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        await Task.Delay(Timeout.Infinite, lifetime.ApplicationStopping).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await output.WriteLineAsync("stopping");
        var clock = Stopwatch.StartNew();
        var limit = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
        try
        {
            await LeaveAsync(app, limit / 2, output);
            await app.StopAsync().WaitAsync(limit - clock.Elapsed);
            await output.WriteLineAsync($"stopped after {clock.Elapsed.TotalSeconds:0.0} s");
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or AggregateException)
        {
            await output.WriteLineAsync($"stopped before it was done, after {clock.Elapsed.TotalSeconds:0.0} s: {e.Message.ReplaceLineEndings(" ")}");
            Environment.Exit(Ended);
        }
    }

    /// <summary>Its hosts go to other silos, while it still works.</summary>
    private static async Task LeaveAsync(WebApplication app, TimeSpan limit, TextWriter output)
    {
        try
        {
            await app.Services.GetRequiredService<RunKeeper>().LeaveAsync().WaitAsync(limit);
        }
#pragma warning disable CA1031 // It stops all the same: hosts that are still here go on elsewhere from their last checkpoints.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await output.WriteLineAsync($"not all hosts could be given away: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static string Version =>
        typeof(SiloProcess).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown version";

    private static IEnumerable<string> Describe(SiloSettings settings, TlsIdentity? tls)
    {
        var listen = settings.Listen;
        yield return $"reclaim silo {Version}";
        yield return $"cluster: {settings.ClusterId}";
        yield return $"silo: {settings.Name} at {listen.At(listen.SiloPort)}, gateway {listen.At(listen.GatewayPort)}, http://{listen.At(listen.HttpPort)}";
        yield return $"membership: {settings.Membership}";
        yield return $"storage: {settings.Storage}";
        yield return $"checkpoints: {settings.Checkpoint}";
        if (settings.LiveToken is { } token)
        {
            var page = $"http://{listen.At(listen.HttpPort)}{LiveEndpoints.Path}";
            yield return token == settings.Secret ? $"live: {page} (asks for the secret)" : $"live: {page}?token={token}";
        }

        if (settings.Telemetry.Prometheus)
        {
            yield return $"metrics: http://{listen.At(listen.HttpPort)}/metrics, of {settings.Telemetry.Cgroups} cgroups at most";
        }

        if (settings.Telemetry.Exports)
        {
            yield return $"telemetry: to {string.Join(", and ", new[] { settings.Telemetry.Otlp?.ToString(), settings.Telemetry.Console ? "standard output" : null }.OfType<string>())}";
        }

        if (tls is not null)
        {
            yield return $"tls: {tls}";
        }
    }

    private static string Help()
    {
        var width = SettingKeys.All.Max(item => item.Key.Length);
        return $"""
            A silo of a reclaim cluster. Settings come from appsettings.json (section {SettingKeys.Section}), the environment ({SettingKeys.Section}__Listen__HttpPort
            or {SettingKeys.Variable(SettingKeys.HttpPort)}) and the command line (--{SettingKeys.Path(SettingKeys.HttpPort)} 8080); the last one counts.

            {string.Join('\n', SettingKeys.All.Select(item => $"  {item.Key.PadRight(width)}  {item.Says}"))}

            """;
    }
}
