using Reclaim.Silo.Hosting;

namespace Reclaim.Silo.Telemetry;

/// <summary>A collector of OpenTelemetry, as its own variables or a silo's settings name it.</summary>
/// <param name="Endpoint">Its URL, without the paths of its signals.</param>
/// <param name="Protocol">One of <see cref="Protocols"/>.</param>
public sealed record OtlpTarget(Uri Endpoint, string Protocol)
{
    /// <summary>The variable that says where it is.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The variable that says what it speaks.</summary>
    public const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>The variable that switches all of it off: <c>true</c>.</summary>
    public const string DisabledVariable = "OTEL_SDK_DISABLED";

    /// <summary>Those that the exporter speaks, the usual one first.</summary>
    public static IReadOnlyList<string> Protocols { get; } = ["grpc", "http/protobuf"];

    /// <summary>Reads where it is.</summary>
    /// <param name="endpoint">Its URL, and what said so.</param>
    /// <param name="protocol">Its protocol, likewise.</param>
    /// <param name="disabled">Value of <see cref="DisabledVariable"/>.</param>
    /// <returns>Null: there is none.</returns>
    /// <exception cref="SettingException">Nothing could be sent there.</exception>
    public static OtlpTarget? Read((string Key, string? Value) endpoint, (string Key, string? Value) protocol, string? disabled)
    {
        if (endpoint.Value is not { Length: > 0 } url || string.Equals(disabled, "true", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new SettingException(endpoint.Key, $"'{url}' is no URL of a collector: http://HOST:PORT or https://…");
        }

        return protocol.Value switch
        {
            null or "" => new OtlpTarget(address, Protocols[0]),
            var text when Protocols.Contains(text) => new OtlpTarget(address, text),
            var text => throw new SettingException(protocol.Key, $"no protocol '{text}': {string.Join(" or ", Protocols)}"),
        };
    }

    /// <inheritdoc cref="Read"/>
    public static OtlpTarget? FromEnvironment() => Read(
        (EndpointVariable, Environment.GetEnvironmentVariable(EndpointVariable)), (ProtocolVariable, Environment.GetEnvironmentVariable(ProtocolVariable)), Environment.GetEnvironmentVariable(DisabledVariable));

    /// <summary>Where it is, without what a URL may hold of a password.</summary>
    public string Address => $"{Endpoint.GetLeftPart(UriPartial.Scheme)}{Endpoint.Authority}";

    /// <inheritdoc/>
    public override string ToString() => $"{Address} ({Protocol})";
}
