using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using Reclaim.Silo.Live;
using Reclaim.Silo.Membership;
using Reclaim.Silo.Security;
using Reclaim.Silo.Telemetry;

namespace Reclaim.Silo.Hosting;

/// <summary>
/// Reads the section <c>Reclaim</c> from appsettings.json beside the program, then the environment, then the command line; the last one
/// counts. What is wrong is found before anything starts.
/// </summary>
internal static class SettingsReader
{
    private const int MaxDrainSeconds = 3600;
    private const int MaxCgroups = 100_000;
    private const int MaxStepsPerSpan = 1_000_000_000;

    /// <summary>Where a process's settings come from.</summary>
    /// <exception cref="SettingException">The command line has something that is no setting.</exception>
    public static IConfiguration Sources(IReadOnlyList<string> args)
    {
        var variables = SettingKeys.All
            .Select(item => (item.Key, Value: Environment.GetEnvironmentVariable(SettingKeys.Variable(item.Key))))
            .Where(item => item.Value is not null)
            .Select(item => KeyValuePair.Create(SettingKeys.Path(item.Key), item.Value));
        return new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddInMemoryCollection(variables)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(Arguments(args))
            .Build();
    }

    /// <exception cref="SettingException">A key is unknown, or a value is none.</exception>
    public static SiloSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(SettingKeys.Section);
        RefuseUnknown(section, "");
        var listen = Listen(section);
        var membership = Kind(section, SettingKeys.MembershipKind, SettingKeys.MembershipKinds);
        var storage = Kind(section, SettingKeys.StorageKind, SettingKeys.StorageKinds);
        var secret = section[SettingKeys.Secret] is { Length: > 0 } asked ? asked : null;
        var live = Kind(section, SettingKeys.Live, SettingKeys.LiveKinds);
        return new SiloSettings
        {
            ClusterId = section[SettingKeys.ClusterId] is { Length: > 0 } id ? id : ReclaimSilo.DefaultCluster,
            Name = section[SettingKeys.Name] is { Length: > 0 } name ? name : "",
            Listen = listen,
            Membership = new MembershipSettings(
                membership,
                Folder(section, SettingKeys.MembershipFolder, membership == SettingKeys.Localhost, LocalFolder.Default),
                Connection(section, SettingKeys.MembershipConnection, membership, membership != SettingKeys.Localhost)),
            Storage = new StorageSettings(
                storage,
                Folder(section, SettingKeys.StorageFolder, storage == SettingKeys.Files, LocalFolder.RunsOf(LocalFolder.Default)),
                Connection(section, SettingKeys.StorageConnection, storage, storage != SettingKeys.Files)),
            Secret = secret,
            LiveToken = live == "on" || (live == "loopback" && IPAddress.IsLoopback(listen.Address)) ? secret ?? LiveAccess.NewToken() : null,
            Tls = TlsFiles.Read(key => section[key], SettingKeys.Path),
            Checkpoint = Checkpoint(section),
            Telemetry = new TelemetrySettings(Switch(section, SettingKeys.TelemetryPrometheus), Number(section, SettingKeys.TelemetryCgroups, 200, 0, MaxCgroups, "cgroups"))
            {
                Otlp = OtlpTarget.Read(OrVariable(SettingKeys.TelemetryOtlp, OtlpTarget.EndpointVariable), OrVariable(SettingKeys.TelemetryOtlpProtocol, OtlpTarget.ProtocolVariable), configuration[OtlpTarget.DisabledVariable]),
                Console = Switch(section, SettingKeys.TelemetryConsole),
                StepsPerSpan = Number(section, SettingKeys.TelemetryStepsPerSpan, 256, 0, MaxStepsPerSpan, "steps; 0: none is a span"),
            },
            Drain = TimeSpan.FromSeconds(Number(section, SettingKeys.DrainSeconds, 30, 1, MaxDrainSeconds, "seconds")),
        };

        // The variable is what all programs have that send to a collector; the key counts if there is one.
        (string Key, string? Value) OrVariable(string key, string variable) =>
            section[key] is { Length: > 0 } value ? (SettingKeys.Path(key), value) : (variable, configuration[variable]);
    }

    /// <summary><c>--Reclaim:Listen:SiloPort=N</c> or <c>--Reclaim:Listen:SiloPort N</c>; the section's name may be left out.</summary>
    private static Dictionary<string, string?> Arguments(IReadOnlyList<string> args)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < args.Count; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? args[i] : args[i][..equals];
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                throw new SettingException(name, "not an option; options are --KEY VALUE or --KEY=VALUE");
            }

            var key = name[2..];
            if (!key.StartsWith("Logging:", StringComparison.OrdinalIgnoreCase))
            {
                var inside = key.StartsWith(SettingKeys.Section + ":", StringComparison.OrdinalIgnoreCase) ? key[(SettingKeys.Section.Length + 1)..] : key;
                key = SettingKeys.Path(Known(inside, name));
            }

            if (equals < 0 && i + 1 == args.Count)
            {
                throw new SettingException(name, "has no value");
            }

            values[key] = equals < 0 ? args[++i] : args[i][(equals + 1)..];
        }

        return values;
    }

    private static void RefuseUnknown(IConfigurationSection section, string prefix)
    {
        foreach (var child in section.GetChildren())
        {
            var key = prefix + child.Key;
            if (child.Value is { Length: > 0 } || !child.GetChildren().Any())
            {
                Known(key, SettingKeys.Path(key));
            }

            RefuseUnknown(child, key + ":");
        }
    }

    private static string Known(string key, string written) =>
        SettingKeys.All.FirstOrDefault(item => item.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Key
        ?? (IsGroup(key) ? key : throw new SettingException(
            written, $"no such key{Nearest.Suggestion(SettingKeys.Path(key), SettingKeys.All.Select(item => SettingKeys.Path(item.Key)))}"));

    /// <summary>A group that is empty, as <c>"Listen": {}</c>.</summary>
    private static bool IsGroup(string key) => SettingKeys.All.Any(item => item.Key.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase));

    private static ListenSettings Listen(IConfigurationSection section)
    {
        var address = Address(section, SettingKeys.ListenAddress) ?? IPAddress.Loopback;
        var advertise = Address(section, SettingKeys.ListenAdvertise) ?? address;
        if (advertise.Equals(IPAddress.Any) || advertise.Equals(IPAddress.IPv6Any))
        {
            throw new SettingException(SettingKeys.Path(SettingKeys.ListenAdvertise), $"needed with {SettingKeys.ListenAddress} {address}: the address at which others reach this silo");
        }

        var ports = new[] { SettingKeys.SiloPort, SettingKeys.GatewayPort, SettingKeys.HttpPort }
            .Select(key => (Key: key, Port: Number(section, key, 0, 0, ushort.MaxValue, "a port; 0: any that is free"))).ToList();
        foreach (var (key, port) in ports.Where(item => item.Port != 0))
        {
            if (ports.First(other => other.Port == port).Key is var first && first != key)
            {
                throw new SettingException(SettingKeys.Path(key), $"{port} is {SettingKeys.Path(first)} already");
            }
        }

        return new ListenSettings(address, advertise, ports[0].Port, ports[1].Port, ports[2].Port);
    }

    private static IPAddress? Address(IConfigurationSection section, string key) => section[key] switch
    {
        null or "" => null,
        var text when IPAddress.TryParse(text, out var address) => address,
        var text => throw new SettingException(SettingKeys.Path(key), $"'{text}' is not an IP address"),
    };

    private static int Number(IConfigurationSection section, string key, int otherwise, int min, int max, string what) => section[key] switch
    {
        null or "" => otherwise,
        var text when int.TryParse(text, out var number) && number >= min && number <= max => number,
        var text => throw new SettingException(SettingKeys.Path(key), $"'{text}' must be a whole number from {min} to {max} ({what})"),
    };

    private static CheckpointSettings Checkpoint(IConfigurationSection section)
    {
        var virtually = Decimal(section, SettingKeys.CheckpointEveryVirtualSeconds, 1e-6, CheckpointTimes.MaxSeconds, "seconds of virtual time");
        if (virtually is not null && section[SettingKeys.CheckpointEverySeconds] is { Length: > 0 })
        {
            throw new SettingException(SettingKeys.Path(SettingKeys.CheckpointEveryVirtualSeconds), $"remove it, or {SettingKeys.Path(SettingKeys.CheckpointEverySeconds)}: checkpoints come by one of the two");
        }

        return new CheckpointSettings(
            TimeSpan.FromSeconds(Decimal(section, SettingKeys.CheckpointEverySeconds, 0, CheckpointTimes.MaxSeconds, "seconds; 0: only when a host moves") ?? 5),
            virtually is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Decimal(section, SettingKeys.CheckpointMostPercent, 0.01, 100, "percent") ?? 3);
    }

    private static double? Decimal(IConfigurationSection section, string key, double min, double max, string what) => section[key] switch
    {
        null or "" => null,
        var text when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max => number,
        var text => throw new SettingException(
            SettingKeys.Path(key), string.Create(CultureInfo.InvariantCulture, $"'{text}' must be a number from {(decimal)min} to {(decimal)max} ({what})")),
    };

    private static bool Switch(IConfigurationSection section, string key) => section[key] switch
    {
        null or "" => false,
        var text when bool.TryParse(text, out var value) => value,
        var text => throw new SettingException(SettingKeys.Path(key), $"'{text}' must be true or false"),
    };

    private static string Kind(IConfigurationSection section, string key, IReadOnlyList<string> kinds) => section[key] switch
    {
        null or "" => kinds[0],
        var text when kinds.Contains(text) => text,
        var text => throw new SettingException(SettingKeys.Path(key), $"no kind '{text}'{Nearest.Suggestion(text, kinds)}"),
    };

    private static string Folder(IConfigurationSection section, string key, bool used, string otherwise) => section[key] switch
    {
        null or "" => otherwise,
        _ when !used => throw new SettingException(SettingKeys.Path(key), "not used by this kind: remove it"),
        var text => Path.GetFullPath(text),
    };

    private static string? Connection(IConfigurationSection section, string key, string kind, bool used) => section[key] switch
    {
        null or "" => used ? throw new SettingException(SettingKeys.Path(key), $"missing; kind '{kind}' needs it") : null,
        _ when !used => throw new SettingException(SettingKeys.Path(key), $"not used by kind '{kind}': remove it"),
        var text => text,
    };
}
