using Reclaim.Silo.Hosting;

namespace Reclaim.Silo.Security;

/// <summary>What a client has to show to a cluster, by the variables of its environment.</summary>
public sealed class ClientCredentials
{
    private ClientCredentials(string? secret, TlsIdentity? tls) => (Secret, Tls) = (secret, tls);

    /// <summary>Nothing, for a cluster that asks for nothing.</summary>
    public static ClientCredentials None { get; } = new(null, null);

    /// <summary>What the cluster asks its clients for (<c>RECLAIM_SECRET</c>); null: nothing.</summary>
    internal string? Secret { get; }

    /// <summary>Its certificate (<c>RECLAIM_TLS_CERTIFICATE</c>, <c>RECLAIM_TLS_KEY</c>, <c>RECLAIM_TLS_AUTHORITY</c>); null: connections are not encrypted.</summary>
    internal TlsIdentity? Tls { get; }

    /// <summary>Those of this process.</summary>
    /// <exception cref="SettingException">A file that is named is missing, or not what it should be.</exception>
    public static ClientCredentials FromEnvironment()
    {
        var files = TlsFiles.Read(Read, SettingKeys.Variable);
        return new ClientCredentials(Read(SettingKeys.Secret), files is null ? null : TlsIdentity.OfClient(files, SettingKeys.Variable));
    }

    /// <summary>The variables of this process that name files, with whole paths: for a process that is started in another folder.</summary>
    public static IEnumerable<KeyValuePair<string, string>> WholePaths() => SettingKeys.Tls
        .Where(key => Read(key) is { Length: > 0 })
        .Select(key => KeyValuePair.Create(SettingKeys.Variable(key), Path.GetFullPath(Read(key)!)));

    private static string? Read(string key) => Environment.GetEnvironmentVariable(SettingKeys.Variable(key));
}
