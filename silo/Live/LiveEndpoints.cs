using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Silo.Remote;

namespace Reclaim.Silo.Live;

/// <summary>
/// <c>/live/</c>: the page. Below it <c>runs</c>, <c>runs/RUN/frames</c> (a line of JSON at once, and then each second, each with what has changed) and, to be posted,
/// <c>runs/RUN/COMMAND</c>.
/// </summary>
internal sealed class LiveEndpoints(ILiveRuns runs, LiveAccess access, TimeProvider clock)
{
    /// <summary>Where it stands.</summary>
    public const string Path = "/live/";

    private const long MaxCommandBytes = 64 << 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly JsonSerializerOptions Json = new(ResultDigest.Json)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var name in LiveAssets.Names)
        {
            routes.MapGet(Path + name, Open(context => LiveAssets.SendAsync(context, name)));
        }

        routes.MapGet(Path, Open(context => LiveAssets.SendAsync(context, "index.html")));
        routes.MapGet(Path + "runs", Closed(async context => await SendAsync(context, await runs.NamesAsync())));
        routes.MapGet(Path + "runs/{run}/frames", Closed(context => WithRunAsync(context, FramesAsync)));
        routes.MapPost(Path + "runs/{run}/{command}", Closed(context => WithRunAsync(context, CommandAsync)));
    }

    private RequestDelegate Open(Func<HttpContext, Task> answer) => context => AnswerAsync(context, open: true, answer);

    private RequestDelegate Closed(Func<HttpContext, Task> answer) => context => AnswerAsync(context, open: false, answer);

    private async Task AnswerAsync(HttpContext context, bool open, Func<HttpContext, Task> answer)
    {
        LiveAssets.Guard(context.Response);
        if (access.Refusal(context.Request, open) is var (status, why))
        {
            await RefuseAsync(context, status, why);
            return;
        }

        try
        {
            await answer(context);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or JsonException or NotSupportedException or BadHttpRequestException && !context.Response.HasStarted)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, e.Message.Split(" (Parameter")[0]);
        }
        catch (Exception e) when ((e is ClusterException or StepRefusedException || RunLoss.IsPassing(e)) && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked has gone.
        }
    }

    private async Task WithRunAsync(HttpContext context, Func<HttpContext, IRun, Task> answer)
    {
        var name = (string)context.GetRouteValue("run")!;
        if (await runs.FindAsync(name) is { } run)
        {
            await answer(context, run);
        }
        else
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, $"no run {name}");
        }
    }

    /// <summary>How a run stands, again and again, until whoever asked has gone.</summary>
    private async Task FramesAsync(HttpContext context, IRun run)
    {
        var request = new ViewRequest(Cgroup: context.Request.Query["cgroup"] is [{ Length: > 0 } cgroup] ? cgroup : null) { IsWatching = true, IsBrief = true };
        var frames = new LiveFrames(request.Cgroup, Json);
        context.Response.ContentType = "application/x-ndjson";
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            var view = await run.ViewAsync(request).WaitAsync(context.RequestAborted);
            await JsonSerializer.SerializeAsync(context.Response.Body, frames.Next(view), Json, context.RequestAborted);
            await context.Response.WriteAsync("\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
        while (await timer.WaitForNextTickAsync(context.RequestAborted));
    }

    private async Task CommandAsync(HttpContext context, IRun run)
    {
        switch ((string)context.GetRouteValue("command")!)
        {
            case "resume":
                await run.StartAsync();
                break;
            case "pause":
                await run.PauseAsync();
                break;
            case "step":
                await run.AdvanceAsync((await ReadAsync<StepCommand>(context)).Ns);
                break;
            case "speed":
                await run.PaceAsync((await ReadAsync<SpeedCommand>(context)).Speed);
                break;
            case "control":
                await ControlAsync(context, run, await ReadAsync<ControlWrite>(context));
                return;
            case var unknown:
                await RefuseAsync(context, StatusCodes.Status404NotFound, $"no command {unknown}");
                return;
        }

        await SendAsync(context, new { });
    }

    private static async Task ControlAsync(HttpContext context, IRun run, ControlWrite write)
    {
        var file = EventFiles.Writable.Contains(write.File) ? EventFiles.Find(write.File)!.Value
            : throw new ArgumentException($"no file '{write.File}' to write{Nearest.Suggestion(write.File, EventFiles.Writable)}");
        await SendAsync(context, await run.ControlAsync(new ControlRequest(Guid.NewGuid().ToString("N"), write.Host, write.Cgroup, file, write.Value)));
    }

    private static async Task<T> ReadAsync<T>(HttpContext context)
    {
        if (context.Request.ContentLength is null or > MaxCommandBytes)
        {
            throw new ArgumentException("a command of no length, or too long");
        }

        return await JsonSerializer.DeserializeAsync<T>(context.Request.Body, Json, context.RequestAborted) ?? throw new ArgumentException("a command that is null");
    }

    private static Task SendAsync<T>(HttpContext context, T answer)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, answer, Json, context.RequestAborted);
    }

    private static async Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        await SendAsync(context, new { Error = why });
    }

    private sealed record StepCommand(long Ns);

    private sealed record SpeedCommand(double? Speed);

    private sealed record ControlWrite(int Host, string Cgroup, string File, string Value);
}
