using System.Globalization;
using System.Net;
using Reclaim.Grains;
using Reclaim.Silo.Security;
using Reclaim.Silo.Storage;
using Reclaim.Silo.Telemetry;

namespace Reclaim.Silo.Hosting;

/// <summary>The section <c>Reclaim</c> of a silo's configuration, read and checked (<see cref="SettingsReader"/>).</summary>
internal sealed record SiloSettings
{
    public required string ClusterId { get; init; }

    /// <summary>What this silo is called in the membership.</summary>
    public required string Name { get; init; }

    public required ListenSettings Listen { get; init; }

    public required MembershipSettings Membership { get; init; }

    public required StorageSettings Storage { get; init; }

    /// <summary>What clients must know; null: nothing. Never printed.</summary>
    public string? Secret { get; init; }

    /// <summary>What whoever looks at the live page must know; null: there is none. Never printed where it is the secret.</summary>
    public string? LiveToken { get; init; }

    /// <summary>With what connections are encrypted; null: they are not.</summary>
    public TlsFiles? Tls { get; init; }

    public required CheckpointSettings Checkpoint { get; init; }

    public required TelemetrySettings Telemetry { get; init; }

    /// <summary>How long it may take to hand over what it has when it is told to stop.</summary>
    public required TimeSpan Drain { get; init; }
}

/// <summary>Where it listens.</summary>
/// <param name="Address">The address that its ports are open at: loopback, unless the configuration says so.</param>
/// <param name="Advertise">The address at which others reach it.</param>
/// <param name="SiloPort">For other silos.</param>
/// <param name="GatewayPort">For clients.</param>
/// <param name="HttpPort">For health and the live page.</param>
internal sealed record ListenSettings(IPAddress Address, IPAddress Advertise, int SiloPort, int GatewayPort, int HttpPort)
{
    /// <summary>An address at which a port is reached.</summary>
    public IPEndPoint At(int port) => new(Advertise, port);

    /// <summary>The same with each port that is 0 replaced by one that was free; all are reserved.</summary>
    /// <exception cref="PortTakenException">Somebody listens at one of them.</exception>
    public ListenSettings Reserve(out ReservedPorts ports)
    {
        ports = ReservedPorts.Take(Address, SiloPort, GatewayPort, HttpPort);
        return this with { SiloPort = ports.Numbers[0], GatewayPort = ports.Numbers[1], HttpPort = ports.Numbers[2] };
    }
}

/// <summary>When hosts are written to the store.</summary>
/// <param name="Every">Wall clock time between two checkpoints of a host; zero: none are written but when it moves.</param>
/// <param name="EveryVirtual">Virtual time instead; null: by the wall clock.</param>
/// <param name="MostPercent">Share of a run's time that those by the wall clock may take.</param>
internal sealed record CheckpointSettings(TimeSpan Every, TimeSpan? EveryVirtual, double MostPercent)
{
    public RunOptions ToOptions() => new()
    {
        CheckpointEvery = Every,
        CheckpointEveryNs = EveryVirtual is { } time ? time.Ticks * TimeSpan.NanosecondsPerTick : null,
        CheckpointShare = MostPercent / 100,
    };

    public override string ToString() =>
        EveryVirtual is { } time ? string.Create(CultureInfo.InvariantCulture, $"every {time.TotalSeconds} s of virtual time")
        : Every == TimeSpan.Zero ? "only of hosts that move"
        : string.Create(CultureInfo.InvariantCulture, $"every {Every.TotalSeconds} s, at most {MostPercent} % of the time");
}

/// <summary>What a silo tells of itself and of what it simulates.</summary>
/// <param name="Prometheus">Whether there is <c>/metrics</c>.</param>
/// <param name="Cgroups">Of how many cgroups it has figures, at most.</param>
internal sealed record TelemetrySettings(bool Prometheus, int Cgroups)
{
    /// <summary>The collector that is sent spans and metrics; null: none.</summary>
    public OtlpTarget? Otlp { get; init; }

    /// <summary>Whether they are printed.</summary>
    public bool Console { get; init; }

    /// <summary>Of so many steps of a host one is a span; 0: none.</summary>
    public int StepsPerSpan { get; init; }

    /// <summary>Whether anything is sent or printed.</summary>
    public bool Exports => Otlp is not null || Console;
}

/// <summary>Where silos and clients learn who belongs to the cluster.</summary>
/// <param name="Kind">One of <see cref="SettingKeys.MembershipKinds"/>.</param>
/// <param name="Folder">For <c>localhost</c>: the folder that processes of this machine share.</param>
/// <param name="Connection">For servers: how to reach them. May hold a password: never printed.</param>
internal sealed record MembershipSettings(string Kind, string Folder, string? Connection)
{
    public override string ToString() => Kind == SettingKeys.Localhost ? $"{Kind} {Folder}" : Kind;
}

/// <summary>Where a cluster keeps what outlives its silos.</summary>
/// <param name="Kind">One of <see cref="SettingKeys.StorageKinds"/>.</param>
/// <param name="Folder">For <c>files</c>.</param>
/// <param name="Connection">For servers: how to reach them. May hold a password: never printed.</param>
internal sealed record StorageSettings(string Kind, string Folder, string? Connection)
{
    public RunStoreOptions ToOptions() => new() { Kind = Kind, Folder = Folder, Connection = Connection };

    public override string ToString() => Kind == SettingKeys.Files ? $"{Kind} {Folder}" : Kind;
}
