using System.Net;
using Reclaim.Silo.Hosting;
using Reclaim.Tests.Otlp;

namespace Reclaim.Tests;

/// <summary>Takes what is sent to it by OTLP over HTTP.</summary>
internal sealed class Collector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ReservedPorts _ports = ReservedPorts.Take(IPAddress.Loopback, 0);
    private readonly Lock _access = new();
    private readonly List<ExportTraceServiceRequest> _traces = [];
    private readonly List<ExportMetricsServiceRequest> _metrics = [];

    public Collector()
    {
        Endpoint = $"http://127.0.0.1:{_ports.Numbers[0]}";
        _listener.Prefixes.Add($"{Endpoint}/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Endpoint { get; }

    /// <summary>Variables by which a program is told to send here, soon.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Endpoint,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
    };

    public IReadOnlyList<Span> Spans => [.. Requests(_traces).SelectMany(request => request.ResourceSpans).SelectMany(resource => resource.ScopeSpans).SelectMany(scope => scope.Spans)];

    /// <summary>In the order in which they came: of a metric that was sent more than once the last is how it was at the end.</summary>
    public IReadOnlyList<Metric> Metrics => [.. Requests(_metrics).SelectMany(request => request.ResourceMetrics).SelectMany(resource => resource.ScopeMetrics).SelectMany(scope => scope.Metrics)];

    /// <summary>Names of the services and scopes that have sent something.</summary>
    public IEnumerable<(string Service, string Scope)> Senders => Requests(_traces).SelectMany(request => request.ResourceSpans).SelectMany(resource => resource.ScopeSpans.Select(scope => (Of(resource.Resource), scope.Scope.Name)))
        .Concat(Requests(_metrics).SelectMany(request => request.ResourceMetrics).SelectMany(resource => resource.ScopeMetrics.Select(scope => (Of(resource.Resource), scope.Scope.Name)))).Distinct();

    /// <summary>Spans that a service has sent.</summary>
    public IReadOnlyList<Span> SpansOf(string service) =>
        [.. Requests(_traces).SelectMany(request => request.ResourceSpans).Where(resource => Of(resource.Resource) == service).SelectMany(resource => resource.ScopeSpans).SelectMany(scope => scope.Spans)];

    public void Dispose()
    {
        _listener.Close();
        _ports.Dispose();
    }

    private static string Of(Resource resource) => resource.Attributes.Single(attribute => attribute.Key == "service.name").Value.StringValue;

    private T[] Requests<T>(List<T> requests)
    {
        lock (_access)
        {
            return [.. requests];
        }
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            lock (_access)
            {
                if (context.Request.Url!.AbsolutePath == "/v1/traces")
                {
                    _traces.Add(ExportTraceServiceRequest.Parser.ParseFrom(body.ToArray()));
                }
                else
                {
                    _metrics.Add(ExportMetricsServiceRequest.Parser.ParseFrom(body.ToArray()));
                }
            }

            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }
}
