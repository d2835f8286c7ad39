using Reclaim.Silo.Hosting;

namespace Reclaim.Silo.Security;

/// <summary>What one takes part with in a cluster whose connections are encrypted: PEM files, read when a process starts.</summary>
/// <param name="Certificate">Its certificate, and after it those between it and the authority, if any.</param>
/// <param name="Key">Its private key, not encrypted.</param>
/// <param name="Authority">The certificates of whoever signs for the cluster.</param>
internal sealed record TlsFiles(string Certificate, string Key, string Authority)
{
    /// <summary>All three, or none.</summary>
    /// <param name="read">What is set for a key of <see cref="SettingKeys.Tls"/>.</param>
    /// <param name="name">What messages call a key.</param>
    /// <returns>Null: none is set.</returns>
    /// <exception cref="SettingException">Some are set.</exception>
    public static TlsFiles? Read(Func<string, string?> read, Func<string, string> name)
    {
        var set = SettingKeys.Tls.Where(key => read(key) is { Length: > 0 }).ToList();
        if (set.Count == 0)
        {
            return null;
        }

        return new TlsFiles(Path(SettingKeys.TlsCertificate), Path(SettingKeys.TlsKey), Path(SettingKeys.TlsAuthority));

        string Path(string key) => set.Contains(key)
            ? System.IO.Path.GetFullPath(read(key)!)
            : throw new SettingException(name(key), $"missing; needed with {name(set[0])}");
    }
}
