using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Reclaim.Cluster.Tests;

/// <summary>An authority and what it has signed, as PEM files.</summary>
internal sealed class Certificates : IDisposable
{
    public const string ServerUse = "1.3.6.1.5.5.7.3.1";
    public const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset Yesterday = DateTimeOffset.UtcNow.AddDays(-1);
    private static readonly DateTimeOffset Tomorrow = DateTimeOffset.UtcNow.AddDays(1);

    private readonly string folder = Directory.CreateTempSubdirectory("reclaim-certificates-").FullName;
    private readonly X509Certificate2 authority = Sign($"authority {Guid.NewGuid():N}", null);

    public Certificates() => File.WriteAllText(Authority, authority.ExportCertificatePem() + "\n");

    /// <summary>The authority's own.</summary>
    public string Authority => PathOf("authority.pem");

    public string PathOf(string file) => Path.Combine(folder, file);

    /// <summary>Signs a certificate and writes it and its key.</summary>
    /// <param name="name">Files are called so, with .pem and .key.</param>
    /// <param name="usages">What it may be used for.</param>
    /// <param name="days">From when until when it is valid, in days from now.</param>
    /// <param name="between">Signs it with another, which the authority has signed, and writes that behind it.</param>
    public void Write(string name, string[] usages, (int From, int To)? days = null, bool between = false)
    {
        using var signer = between ? Sign("between", authority) : null;
        using var certificate = Sign(name, signer ?? authority, usages, days);
        File.WriteAllText(PathOf(name + ".pem"), $"{certificate.ExportCertificatePem()}\n{signer?.ExportCertificatePem()}\n");
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(PathOf(name + ".key"), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Variables with which a process shows a certificate.</summary>
    public void Set(IDictionary<string, string> environment, string name)
    {
        environment["RECLAIM_TLS_CERTIFICATE"] = PathOf(name + ".pem");
        environment["RECLAIM_TLS_KEY"] = PathOf(name + ".key");
        environment["RECLAIM_TLS_AUTHORITY"] = Authority;
    }

    public void Dispose()
    {
        authority.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <param name="name">Whose it is.</param>
    /// <param name="signer">Who signs it; null: itself.</param>
    /// <param name="usages">What it may be used for; null: to sign others.</param>
    /// <param name="days">From when until when it is valid, in days from now.</param>
    private static X509Certificate2 Sign(string name, X509Certificate2? signer, string[]? usages = null, (int From, int To)? days = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(usages is null, false, 0, true));
        if (usages is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(usage => new Oid(usage))], false));
        }

        var (from, to) = days is { } given ? (DateTimeOffset.UtcNow.AddDays(given.From), DateTimeOffset.UtcNow.AddDays(given.To)) : (Yesterday, Tomorrow);
        if (signer is null)
        {
            return request.CreateSelfSigned(from.AddDays(-10), to.AddDays(10));
        }

        using var signed = request.Create(signer, from, to, RandomNumberGenerator.GetBytes(12));
        return signed.CopyWithPrivateKey(key);
    }
}
