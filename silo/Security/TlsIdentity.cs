using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Reclaim.Silo.Hosting;

namespace Reclaim.Silo.Security;

/// <summary>
/// What a process shows of itself in a cluster whose connections are encrypted, and whom it believes. Both ends of every connection show a
/// certificate that the cluster's authority has signed. What it may be used for says what its owner is: clients have client authentication;
/// silos have server authentication too, so that nobody passes for a silo with what a client has. Names in certificates do not matter, as
/// silos are known by addresses that change.
/// </summary>
internal sealed class TlsIdentity
{
    private static readonly Oid AsClient = new("1.3.6.1.5.5.7.3.2", "client authentication");
    private static readonly Oid AsServer = new("1.3.6.1.5.5.7.3.1", "server authentication");

    private readonly SslStreamCertificateContext own;
    private readonly X509Certificate2Collection authorities;

    private TlsIdentity(X509Certificate2 certificate, X509Certificate2Collection between, X509Certificate2Collection authorities)
    {
        own = SslStreamCertificateContext.Create(certificate, between, offline: true);
        this.authorities = authorities;
    }

    /// <summary>That of a silo.</summary>
    /// <inheritdoc cref="Load"/>
    public static TlsIdentity OfSilo(TlsFiles files, Func<string, string> name) => Load(files, name, AsClient, AsServer);

    /// <summary>That of a client.</summary>
    /// <inheritdoc cref="Load"/>
    public static TlsIdentity OfClient(TlsFiles files, Func<string, string> name) => Load(files, name, AsClient);

    /// <summary>Encrypts a silo's connections.</summary>
    public void Configure(ISiloBuilder silo) => silo.Configure<SiloConnectionOptions>(connections =>
    {
        connections.ConfigureSiloInboundConnection(connection => connection.UseServerTls(Options(AsClient, AsServer)));
        connections.ConfigureSiloOutboundConnection(connection => connection.UseClientTls(Options(AsServer)));
        connections.ConfigureGatewayInboundConnection(connection => connection.UseServerTls(Options(AsClient)));
    });

    /// <summary>Encrypts a client's connections.</summary>
    public void Configure(IClientBuilder client) => client.Configure<ClientConnectionOptions>(connections =>
        connections.ConfigureConnection(connection => connection.UseClientTls(Options(AsServer))));

    /// <summary>As whoever calls a silo shows himself and looks at it.</summary>
    /// <param name="refuse">Is told why the silo's certificate is not believed.</param>
    public SslClientAuthenticationOptions Calling(Action<string> refuse) => Calling(
        new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                if (!IsBelieved(errors))
                {
                    refuse($"{certificate?.Subject}: {chain?.ChainStatus.FirstOrDefault().StatusInformation ?? errors.ToString()}");
                }

                return IsBelieved(errors);
            },
        },
        AsServer);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{own.TargetCertificate.Subject}, until {own.TargetCertificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm}Z");

    /// <summary>Reads it, and sees that it is good for what it is wanted for.</summary>
    /// <param name="files">Where it is.</param>
    /// <param name="name">What messages call a key of <see cref="SettingKeys.Tls"/>.</param>
    /// <param name="usages">What it is wanted for.</param>
    /// <exception cref="SettingException">A file is missing or not what it should be, or the certificate has expired, or is for something else.</exception>
    private static TlsIdentity Load(TlsFiles files, Func<string, string> name, params Oid[] usages)
    {
        var chain = Certificates(files.Certificate, name(SettingKeys.TlsCertificate));
        var key = Text(files.Key, name(SettingKeys.TlsKey));
        X509Certificate2 certificate;
        try
        {
            certificate = X509Certificate2.CreateFromPem(chain[0].ExportCertificatePem(), key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new SettingException(name(SettingKeys.TlsKey), $"{files.Key}: not the private key of {files.Certificate} (PEM, not encrypted)");
        }

        var identity = new TlsIdentity(certificate, [.. chain.Skip(1)], Certificates(files.Authority, name(SettingKeys.TlsAuthority)));
        identity.Require(files, name, usages);
        return identity;
    }

    private void Require(TlsFiles files, Func<string, string> name, Oid[] usages)
    {
        // Its dates are in local time.
        var (certificate, now) = (own.TargetCertificate, DateTime.Now);
        var path = $"{files.Certificate}: ";
        var wrong = now > certificate.NotAfter ? $"has expired on {Day(certificate.NotAfter)}"
            : now < certificate.NotBefore ? $"is not valid before {Day(certificate.NotBefore)}"
            : Fault(certificate) is { } fault ? $"is not signed by {files.Authority}: {fault}"
            : usages.FirstOrDefault(usage => Fault(certificate, usage) is not null) is { } lacking ? $"must be for {lacking.FriendlyName} (extended key usage)"
            : null;
        if (wrong is not null)
        {
            throw new SettingException(name(SettingKeys.TlsCertificate), path + wrong);
        }

        static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
    }

    /// <summary>Why the authority does not stand for a certificate; null: it does.</summary>
    private string? Fault(X509Certificate2 certificate, params Oid[] usages)
    {
        using var chain = new X509Chain { ChainPolicy = Believed(usages) };
        chain.ChainPolicy.ExtraStore.AddRange(own.IntermediateCertificates.ToArray());
        return chain.Build(certificate) ? null : chain.ChainStatus.FirstOrDefault().StatusInformation?.TrimEnd('.');
    }

    /// <summary>Settings of one kind of connection, for certificates of others that may be used so.</summary>
    private TlsOptions Options(params Oid[] peer) => new()
    {
        LocalCertificate = own.TargetCertificate,
        RemoteCertificateMode = RemoteCertificateMode.RequireCertificate,
        ClientCertificateMode = RemoteCertificateMode.RequireCertificate,
        RemoteCertificateValidation = (_, _, errors) => IsBelieved(errors),
        OnAuthenticateAsServer = (_, options) =>
        {
            var server = (SslServerAuthenticationOptions)options.SslServerAuthenticationOptions;

            // Orleans sets a callback that chooses a certificate, without those between it and the authority.
            (server.ServerCertificate, server.ServerCertificateSelectionCallback) = (null, null);
            (server.ServerCertificateContext, server.CertificateChainPolicy) = (own, Believed(peer));
        },
        OnAuthenticateAsClient = (_, options) => Calling((SslClientAuthenticationOptions)options.SslClientAuthenticationOptions, peer),
    };

    private SslClientAuthenticationOptions Calling(SslClientAuthenticationOptions options, params Oid[] peer)
    {
        (options.ClientCertificates, options.LocalCertificateSelectionCallback) = (null, null);
        (options.ClientCertificateContext, options.CertificateChainPolicy) = (own, Believed(peer));
        return options;
    }

    /// <summary>A policy is for one connection: what the other end sends is added to it.</summary>
    private X509ChainPolicy Believed(Oid[] usages)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        Array.ForEach(usages, usage => policy.ApplicationPolicy.Add(usage));
        return policy;
    }

    private static bool IsBelieved(SslPolicyErrors errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;

    private static X509Certificate2Collection Certificates(string path, string key)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(Text(path, key));
        }
        catch (CryptographicException e)
        {
            throw new SettingException(key, $"{path}: {e.Message.ReplaceLineEndings(" ")}");
        }

        return found.Count > 0 ? found : throw new SettingException(key, $"{path}: has no certificate (PEM)");
    }

    private static string Text(string path, string key)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(key, e is FileNotFoundException or DirectoryNotFoundException ? $"{path}: no such file" : e.Message);
        }
    }
}
