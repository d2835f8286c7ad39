using System.Collections.Concurrent;
using System.Net;
using System.Text;
using k8s;
using k8s.Models;
using Reclaim.Silo.Hosting;

namespace Reclaim.Deploy.Tests;

/// <summary>The part of a Kubernetes API server that silos ask: pods of one namespace, read, listed and watched.</summary>
internal sealed class PodsOnly : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly ReservedPorts ports = ReservedPorts.Take(IPAddress.Loopback, 0);
    private readonly Dictionary<string, V1Pod> pods;
    private readonly ConcurrentDictionary<string, bool> verbs = new();
    private readonly TaskCompletionSource watched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<V1Pod> deleted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PodsOnly(IEnumerable<string> names, IDictionary<string, string> labels)
    {
        pods = names.ToDictionary(name => name, name => new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "reclaim", Labels = labels },
        });
        Address = $"http://127.0.0.1:{ports.Numbers[0]}";
        listener.Prefixes.Add(Address + "/");
        listener.Start();
        _ = AcceptAsync();
    }

    public string Address { get; }

    /// <summary>What it was asked to do, in the words of a role.</summary>
    public IEnumerable<string> Verbs => verbs.Keys;

    /// <summary>Done when somebody watches.</summary>
    public Task Watched => watched.Task;

    public void Delete(string pod) => deleted.TrySetResult(pods[pod]);

    public void Dispose()
    {
        listener.Close();
        ports.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                _ = AnswerAsync(await listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        const string all = "/api/v1/namespaces/reclaim/pods";
        var (request, response) = (context.Request, context.Response);
        var path = request.Url!.AbsolutePath;
        response.ContentType = "application/json";
        if (request.HttpMethod == "GET" && path == all && request.QueryString["watch"] == "true")
        {
            verbs["watch"] = true;
            response.SendChunked = true;
            await response.OutputStream.FlushAsync();
            watched.TrySetResult();
            await WriteAsync(response, $$"""{"type":"DELETED","object":{{KubernetesJson.Serialize(await deleted.Task)}}}""" + "\n");
        }
        else if (request.HttpMethod == "GET" && path == all)
        {
            verbs["list"] = true;
            await WriteAsync(response, KubernetesJson.Serialize(new V1PodList { ApiVersion = "v1", Kind = "PodList", Items = [.. pods.Values] }));
        }
        else if (request.HttpMethod == "GET" && pods.TryGetValue(path[(all.Length + 1)..], out var pod))
        {
            verbs["get"] = true;
            await WriteAsync(response, KubernetesJson.Serialize(pod));
        }
        else
        {
            verbs[$"{request.HttpMethod} {path}"] = true;
            response.StatusCode = (int)HttpStatusCode.NotFound;
        }

        response.Close();
    }

    private static Task WriteAsync(HttpListenerResponse response, string text) => response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();
}
