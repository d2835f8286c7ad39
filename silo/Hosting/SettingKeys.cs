using Reclaim.Silo.Telemetry;

namespace Reclaim.Silo.Hosting;

/// <summary>The keys of the section <c>Reclaim</c>, and what some of them may be.</summary>
internal static class SettingKeys
{
    public const string Section = "Reclaim";

    public const string ClusterId = "ClusterId";
    public const string Name = "Name";
    public const string ListenAddress = "Listen:Address";
    public const string ListenAdvertise = "Listen:Advertise";
    public const string SiloPort = "Listen:SiloPort";
    public const string GatewayPort = "Listen:GatewayPort";
    public const string HttpPort = "Listen:HttpPort";
    public const string MembershipKind = "Membership:Kind";
    public const string MembershipFolder = "Membership:Folder";
    public const string MembershipConnection = "Membership:Connection";
    public const string StorageKind = "Storage:Kind";
    public const string StorageFolder = "Storage:Folder";
    public const string StorageConnection = "Storage:Connection";
    public const string Secret = "Secret";
    public const string Live = "Live";
    public const string TlsCertificate = "Tls:Certificate";
    public const string TlsKey = "Tls:Key";
    public const string TlsAuthority = "Tls:Authority";
    public const string CheckpointEverySeconds = "Checkpoint:EverySeconds";
    public const string CheckpointEveryVirtualSeconds = "Checkpoint:EveryVirtualSeconds";
    public const string CheckpointMostPercent = "Checkpoint:MostPercent";
    public const string TelemetryPrometheus = "Telemetry:Prometheus";
    public const string TelemetryOtlp = "Telemetry:Otlp";
    public const string TelemetryOtlpProtocol = "Telemetry:OtlpProtocol";
    public const string TelemetryConsole = "Telemetry:Console";
    public const string TelemetryCgroups = "Telemetry:Cgroups";
    public const string TelemetryStepsPerSpan = "Telemetry:StepsPerSpan";
    public const string DrainSeconds = "DrainSeconds";

    public const string Localhost = "localhost";
    public const string Files = "files";
    public const string Redis = "redis";
    public const string PostgreSql = "postgresql";

    public static IReadOnlyList<string> MembershipKinds { get; } = [Localhost, Redis, PostgreSql];

    /// <summary>Where the live page is served: only at a loopback address, wherever the HTTP port is open, or nowhere.</summary>
    public static IReadOnlyList<string> LiveKinds { get; } = ["loopback", "on", "off"];

    public static IReadOnlyList<string> StorageKinds { get; } = [Files, Redis, PostgreSql];

    /// <summary>The files that encrypted connections need: all of them, or none.</summary>
    public static IReadOnlyList<string> Tls { get; } = [TlsCertificate, TlsKey, TlsAuthority];

    /// <summary>Every key, with what it says.</summary>
    public static IReadOnlyList<(string Key, string Says)> All { get; } =
    [
        (ClusterId, $"name of the cluster (default {ReclaimSilo.DefaultCluster})"),
        (Name, "name of this silo (default: its machine's, and its port)"),
        (ListenAddress, "IP address at which its ports are open (default 127.0.0.1)"),
        (ListenAdvertise, "IP address at which others reach it (default: Listen:Address)"),
        (SiloPort, "port for other silos (default 0: any that is free)"),
        (GatewayPort, "port for clients (default 0)"),
        (HttpPort, "port for /health/live, /health/ready, the live page and /metrics (default 0)"),
        (MembershipKind, "localhost (default): silos of this machine, through a folder; redis; postgresql"),
        (MembershipFolder, "localhost: the folder (default: that of the local cluster)"),
        (MembershipConnection, "redis, postgresql: how to reach the server"),
        (StorageKind, "files (default), redis, postgresql: where runs outlive silos"),
        (StorageFolder, "files: the folder (default: runs in that of the local cluster)"),
        (StorageConnection, "redis, postgresql: how to reach the server"),
        (Secret, "what clients must know (their RECLAIM_SECRET); best in the environment"),
        (Live, "loopback (default): the live page, at /live/ of the HTTP port, where that is a loopback address; on: wherever it is; off"),
        (TlsCertificate, "PEM file: connections are encrypted, and this is shown on them (default: they are not)"),
        (TlsKey, "PEM file: the certificate's private key"),
        (TlsAuthority, "PEM file: whoever must have signed the certificates of silos and clients"),
        (CheckpointEverySeconds, "how often a host is written to the store, at most; 0: only when it moves (default 5)"),
        (CheckpointEveryVirtualSeconds, "the same by virtual time, instead"),
        (CheckpointMostPercent, "share of a run's time that checkpoints may take before they become rarer (default 3)"),
        (TelemetryPrometheus, "true: /metrics on the HTTP port, for Prometheus (default false)"),
        (TelemetryOtlp, $"URL of an OpenTelemetry collector, which is sent spans and metrics (default: {OtlpTarget.EndpointVariable} if it is set)"),
        (TelemetryOtlpProtocol, $"{string.Join(" or ", OtlpTarget.Protocols)} (default: {OtlpTarget.ProtocolVariable}, or {OtlpTarget.Protocols[0]})"),
        (TelemetryConsole, "true: spans and metrics on standard output (default false)"),
        (TelemetryCgroups, "figures of so many cgroups are among them, at most (default 200)"),
        (TelemetryStepsPerSpan, "of so many steps of a host one is a span; 0: none (default 256)"),
        (DrainSeconds, "how long it may take to stop (default 30)"),
    ];

    /// <summary>A key as messages name it.</summary>
    public static string Path(string key) => $"{Section}:{key}";

    /// <summary>The environment variable that sets a key, besides the standard <c>Reclaim__Listen__SiloPort</c>.</summary>
    public static string Variable(string key) => $"RECLAIM_{key.Replace(':', '_').ToUpperInvariant()}";
}
