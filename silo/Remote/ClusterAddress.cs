using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Reclaim.Silo.Membership;

namespace Reclaim.Silo.Remote;

/// <summary>Where a cluster is reached: <c>local</c>, or <c>[ID@]host:port[,host:port…]</c>, gateways of a cluster that is called ID.</summary>
public sealed record ClusterAddress
{
    public const string Local = "local";

    private ClusterAddress(string text) => Text = text;

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>What the cluster is called; null: as its folder says.</summary>
    public string? ClusterId { get; private init; }

    /// <summary>The folder of a cluster of this machine, which knows its gateways.</summary>
    public string? Folder { get; private init; }

    /// <summary>Its gateways, where there is no folder.</summary>
    public ImmutableArray<IPEndPoint> Gateways { get; private init; } = [];

    /// <summary>Reads an address.</summary>
    /// <returns>What is wrong with it; null: nothing.</returns>
    public static string? TryParse(string text, [NotNullWhen(true)] out ClusterAddress? address)
    {
        address = null;
        if (text == Local)
        {
            address = new ClusterAddress(text) { Folder = LocalFolder.Default };
            return null;
        }

        var at = text.IndexOf('@', StringComparison.Ordinal);
        var gateways = ImmutableArray.CreateBuilder<IPEndPoint>();
        foreach (var part in text[(at + 1)..].Split(',', StringSplitOptions.TrimEntries))
        {
            if (Resolve(part) is not { } gateway)
            {
                return $"'{part}' must be an address and a port, for example 127.0.0.1:40000, or 'local'";
            }

            gateways.Add(gateway);
        }

        address = new ClusterAddress(text) { ClusterId = at < 0 ? ReclaimSilo.DefaultCluster : text[..at], Gateways = gateways.ToImmutable() };
        return null;
    }

    public override string ToString() => Text;

    private static IPEndPoint? Resolve(string text)
    {
        if (IPEndPoint.TryParse(text, out var address) && address.Port != 0 && text.Contains(':', StringComparison.Ordinal))
        {
            return address;
        }

        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text[(colon + 1)..], out var port) || port == 0)
        {
            return null;
        }

        try
        {
            var found = Dns.GetHostAddresses(text[..colon]);
            return found.Length == 0 ? null : new IPEndPoint(found.FirstOrDefault(one => one.AddressFamily == AddressFamily.InterNetwork) ?? found[0], port);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null;
        }
    }
}
