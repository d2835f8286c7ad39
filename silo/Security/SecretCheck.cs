using System.Security.Cryptography;
using System.Text;

namespace Reclaim.Silo.Security;

/// <summary>Refuses calls of clients that do not carry the cluster's secret. What grains call each other for is theirs.</summary>
/// <remarks>It keeps out who is not meant to use the cluster. Who can read the network, or speaks the silos' own protocol, is kept out by TLS.</remarks>
internal sealed class SecretCheck(string secret) : IIncomingGrainCallFilter
{
    private readonly byte[] hash = Hash(secret);

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.SourceId is { } source && source.IsClient() && !context.TargetId.IsSystemTarget())
        {
            // Hashes have one length, so that the time it takes tells nothing.
            if (RequestContext.Get(SecretStamp.Key) is not string given || !CryptographicOperations.FixedTimeEquals(Hash(given), hash))
            {
                throw new UnauthorizedAccessException("the cluster asks its clients for a secret (RECLAIM_SECRET)");
            }

            RequestContext.Remove(SecretStamp.Key);
        }

        return context.Invoke();
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
