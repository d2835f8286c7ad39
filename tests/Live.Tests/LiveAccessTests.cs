using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Reclaim.Live.Tests;

/// <summary>Only whoever was given the address may look, and no other page may in a browser's name.</summary>
public class LiveAccessTests
{
    private static readonly string[] _closed = ["runs", "runs/run/frames", "runs/run/pause"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_has_no_token_comes_by_an_address_of_others_or_from_their_page_is_refused()
    {
        await using var program = await LiveProgram.StartAsync(LiveProgram.Scenario("noisy-neighbour.yaml"), "--paused");
        var (page, token) = Parts(program.Address);
        using var http = new HttpClient { BaseAddress = page };
        Assert.True(page.IsLoopback);

        foreach (var path in _closed)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(http, path, null));
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(http, path, "0123456789abcdef0123456789abcdef"));
            Assert.Equal(HttpStatusCode.Forbidden, await Status(http, path, token, host: $"rebound.example:{page.Port}"));
            Assert.Equal(HttpStatusCode.Forbidden, await Status(http, path, token, origin: "http://elsewhere.example"));
            Assert.Equal(HttpStatusCode.Forbidden, await Status(http, path, token, origin: $"http://127.0.0.1:{page.Port + 1}"));
        }

        Assert.Equal(HttpStatusCode.Forbidden, await Status(http, "", null, host: "rebound.example"));
        Assert.Equal(HttpStatusCode.OK, await Status(http, "runs", token, host: $"localhost:{page.Port}"));
        Assert.Equal(HttpStatusCode.OK, await Status(http, "runs/run/pause", token, origin: page.GetLeftPart(UriPartial.Authority)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("what only we know")]
    public async Task A_silo_serves_it_too_and_never_prints_its_secret(string? secret)
    {
        var folder = Directory.CreateTempSubdirectory("reclaim-live").FullName;
        try
        {
            await using var silo = await LiveProgram.SiloAsync(folder, secret);
            Assert.Equal(secret is null, silo.Address.Contains("?token=", StringComparison.Ordinal));
            Assert.DoesNotContain(silo.Said, line => secret is not null && line.Contains(secret, StringComparison.Ordinal));
            var (page, token) = secret is null ? Parts(silo.Address) : (new Uri(silo.Address.Split(' ')[0]), secret);
            using var http = new HttpClient { BaseAddress = page };
            while (!silo.Said.Contains("started"))
            {
                await Task.Delay(10, Cancellation);
            }

            Assert.Equal(HttpStatusCode.OK, await Status(http, "", null));
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(http, "runs", null));
            Assert.Equal(HttpStatusCode.OK, await Status(http, "runs", token));
            Assert.Equal(HttpStatusCode.NotFound, await Status(http, "runs/nobody/frames", token));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_page_may_use_nothing_that_this_program_does_not_serve()
    {
        await using var program = await LiveProgram.StartAsync(LiveProgram.Scenario("noisy-neighbour.yaml"), "--paused");
        using var http = new HttpClient { BaseAddress = Parts(program.Address).Page };

        foreach (var path in (string[])["", "live.js", "live.css", "icon.svg"])
        {
            using var response = await http.GetAsync(path, Cancellation);
            response.EnsureSuccessStatusCode();
            var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("step", """{"ns": 0}""", HttpStatusCode.BadRequest)]
    [InlineData("step", "{", HttpStatusCode.BadRequest)]
    [InlineData("step", "null", HttpStatusCode.BadRequest)]
    [InlineData("speed", """{"speed": -1}""", HttpStatusCode.BadRequest)]
    [InlineData("control", """{"host": 0, "cgroup": "/nobody", "file": "memory.max", "value": "1M"}""", HttpStatusCode.BadRequest)]
    [InlineData("control", """{"host": 7, "cgroup": "/database", "file": "memory.max", "value": "1M"}""", HttpStatusCode.BadRequest)]
    [InlineData("control", """{"host": 0, "cgroup": "/database", "file": "memory.mx", "value": "1M"}""", HttpStatusCode.BadRequest)]
    [InlineData("control", """{"host": 0}""", HttpStatusCode.BadRequest)]
    [InlineData("explode", "{}", HttpStatusCode.NotFound)]
    public async Task A_command_that_makes_no_sense_is_refused_with_the_reason(string command, string body, HttpStatusCode status)
    {
        await using var program = await LiveProgram.StartAsync(LiveProgram.Scenario("noisy-neighbour.yaml"), "--paused");
        var (page, token) = Parts(program.Address);
        using var http = new HttpClient { BaseAddress = page };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var content = new StringContent(body);
        using var response = await http.PostAsync($"runs/run/{command}", content, Cancellation);

        Assert.Equal(status, response.StatusCode);
        Assert.NotEmpty((await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("error").GetString()!);
    }

    private static async Task<HttpStatusCode> Status(HttpClient http, string path, string? token, string? host = null, string? origin = null)
    {
        using var request = new HttpRequestMessage(path.EndsWith("pause", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, path);
        if (request.Method == HttpMethod.Post)
        {
            request.Content = new StringContent("{}");
        }

        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        request.Headers.Host = host;
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        return response.StatusCode;
    }

    private static (Uri Page, string Token) Parts(string address)
    {
        var parts = address.Split("?token=");
        return (new Uri(parts[0]), parts[1]);
    }
}
