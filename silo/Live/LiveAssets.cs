using Microsoft.AspNetCore.Http;

namespace Reclaim.Silo.Live;

/// <summary>The files of the page, built from <c>live/</c> and part of this assembly: nothing comes from anywhere else.</summary>
internal static class LiveAssets
{
    /// <summary>Nothing but what this process serves: no script in the page itself, no frame around it.</summary>
    private const string ContentSecurity =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly (string Path, string Type)[] _files =
    [
        ("index.html", "text/html; charset=utf-8"),
        ("live.js", "text/javascript; charset=utf-8"),
        ("live.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ];

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names => _files.Select(file => file.Path);

    /// <summary>Sends one of them.</summary>
    public static async Task SendAsync(HttpContext context, string name)
    {
        var response = context.Response;
        response.ContentType = _files.First(file => file.Path == name).Type;
        Guard(response);
        await using var content = typeof(LiveAssets).Assembly.GetManifestResourceStream($"live/{name}")!;
        response.ContentLength = content.Length;
        await content.CopyToAsync(response.Body, context.RequestAborted);
    }

    /// <summary>Whatever is sent, a browser is to take it for what it is, keep none of it, and tell nobody where it came from.</summary>
    public static void Guard(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = ContentSecurity;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
