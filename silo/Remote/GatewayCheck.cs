using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Reclaim.Silo.Hosting;
using Reclaim.Silo.Security;

namespace Reclaim.Silo.Remote;

/// <summary>
/// Looks at the gateways of a cluster before Orleans does: where nobody listens, or certificates are not believed, it tries for long and does
/// not tell why.
/// </summary>
internal static class GatewayCheck
{
    /// <summary>How long a gateway may take to say that it does not believe our certificate: with TLS 1.3 it does so after the handshake.</summary>
    private static readonly TimeSpan RefusalTime = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    /// <summary>One gateway that takes us will do.</summary>
    /// <exception cref="ClusterException">There is none.</exception>
    public static async Task RequireAsync(ClusterAddress address, IEnumerable<IPEndPoint> gateways, TlsIdentity? tls, CancellationToken cancellation)
    {
        ClusterException? why = null;
        foreach (var gateway in gateways)
        {
            try
            {
                using var probe = new TcpClient(gateway.AddressFamily);
                await probe.ConnectAsync(gateway, cancellation);
                if (tls is not null)
                {
                    await ShakeHandsAsync(probe, gateway, tls, cancellation);
                }

                return;
            }
            catch (SocketException e)
            {
                why ??= NobodyAt(address, e);
            }
            catch (ClusterException e)
            {
                why = e;
            }
        }

        throw why ?? NobodyAt(address, null);
    }

    /// <summary>For somebody without a certificate who does not get there.</summary>
    /// <exception cref="ClusterException">He needs one.</exception>
    public static async Task RefuseTlsAsync(ClusterAddress address, IEnumerable<IPEndPoint> gateways, CancellationToken cancellation)
    {
        if ((await Task.WhenAll(gateways.Select(gateway => SpeaksTlsAsync(gateway, cancellation)))).Any(yes => yes))
        {
            throw new ClusterException($"the cluster at {address} encrypts its connections: clients need {string.Join(", ", SettingKeys.Tls.Select(SettingKeys.Variable))}");
        }
    }

    public static ClusterException NobodyAt(ClusterAddress address, Exception? why) => new($"no run answers at {address}", why!);

    /// <summary>Whether a handshake gets as far as its certificate.</summary>
    private static async Task<bool> SpeaksTlsAsync(IPEndPoint gateway, CancellationToken cancellation)
    {
        var shown = false;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(HandshakeTime);
            using var probe = new TcpClient(gateway.AddressFamily);
            await probe.ConnectAsync(gateway, patience.Token);
            await using var stream = new SslStream(probe.GetStream());
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    // We only look, and send nothing.
                    RemoteCertificateValidationCallback = (_, _, _, _) => !(shown = true),
                },
                patience.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
        }

        return shown;
    }

    private static async Task ShakeHandsAsync(TcpClient probe, IPEndPoint gateway, TlsIdentity tls, CancellationToken cancellation)
    {
        await using var stream = new SslStream(probe.GetStream());
        string? refused = null;
        try
        {
            await stream.AuthenticateAsClientAsync(tls.Calling(why => refused = why), cancellation).WaitAsync(HandshakeTime, cancellation);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or TimeoutException)
        {
            throw new ClusterException(
                refused is null ? $"the silo at {gateway} does not speak TLS: {e.Message.ReplaceLineEndings(" ")}" : $"the certificate of the silo at {gateway} is not believed: {refused}", e);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(RefusalTime);
        try
        {
            if (await stream.ReadAsync(new byte[1], patience.Token) > 0)
            {
                return;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It has nothing against us.
            return;
        }
        catch (IOException)
        {
        }

        throw new ClusterException($"the silo at {gateway} does not believe the certificate of this client ({tls})");
    }
}
