using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Reclaim.Silo.Live;

/// <summary>
/// Who may look at runs and steer them: whoever has the token, from a page that this process served. Other pages of the same browser cannot: their
/// origin is refused, and so is a host name, as anybody's name may be made to lead to a loopback address.
/// </summary>
/// <param name="token">What requests have to show.</param>
internal sealed class LiveAccess(string token)
{
    private const string Scheme = "Bearer ";

    private readonly byte[] hash = Hash(token);

    /// <summary>A token that nobody can guess.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Why a request is refused, with its status; null: it is not.</summary>
    /// <param name="request">The request.</param>
    /// <param name="open">Whether it is for what anybody may see: the page without any run.</param>
    public (int Status, string Why)? Refusal(HttpRequest request, bool open)
    {
        var host = request.Host;
        if (!(host.Host is "localhost" || IPAddress.TryParse(host.Host.Trim('[', ']'), out _)))
        {
            return (StatusCodes.Status403Forbidden, $"asked for as '{host.Host}': only addresses and localhost are answered");
        }

        if (request.Headers.Origin is [{ } origin] && origin != $"{request.Scheme}://{host}")
        {
            return (StatusCodes.Status403Forbidden, "asked for by another page");
        }

        return open || Shows(request) ? null : (StatusCodes.Status401Unauthorized, "needs the token that stands in the page's address");
    }

    private bool Shows(HttpRequest request) =>
        request.Headers.Authorization is [{ } shown]
        && shown.StartsWith(Scheme, StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(Hash(shown[Scheme.Length..]), hash);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
