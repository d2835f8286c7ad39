using System.Net;
using Reclaim.Client.Tests.Telemetry.Otlp;

namespace Reclaim.Client.Tests.Telemetry;

/// <summary>Takes what is sent to it by OTLP over HTTP.</summary>
internal sealed class Collector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly List<ExportTraceServiceRequest> _traces = [];
    private readonly List<ExportMetricsServiceRequest> _metrics = [];

    public Collector(int port)
    {
        Endpoint = $"http://127.0.0.1:{port}";
        _listener.Prefixes.Add($"{Endpoint}/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Endpoint { get; }

    public IReadOnlyList<Span> Spans => [.. _traces.SelectMany(request => request.ResourceSpans).SelectMany(resource => resource.ScopeSpans).SelectMany(scope => scope.Spans)];

    public IReadOnlyList<Metric> Metrics => [.. _metrics.SelectMany(request => request.ResourceMetrics).SelectMany(resource => resource.ScopeMetrics).SelectMany(scope => scope.Metrics)];

    /// <summary>Names of the services and scopes that have sent something.</summary>
    public IEnumerable<(string Service, string Scope)> Senders => _traces.SelectMany(request => request.ResourceSpans).SelectMany(resource => resource.ScopeSpans.Select(scope => (Of(resource.Resource), scope.Scope.Name)))
        .Concat(_metrics.SelectMany(request => request.ResourceMetrics).SelectMany(resource => resource.ScopeMetrics.Select(scope => (Of(resource.Resource), scope.Scope.Name)))).Distinct();

    public void Dispose() => _listener.Close();

    private static string Of(Resource resource) => resource.Attributes.Single(attribute => attribute.Key == "service.name").Value.StringValue;

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
            if (context.Request.Url!.AbsolutePath == "/v1/traces")
            {
                _traces.Add(ExportTraceServiceRequest.Parser.ParseFrom(body.ToArray()));
            }
            else
            {
                _metrics.Add(ExportMetricsServiceRequest.Parser.ParseFrom(body.ToArray()));
            }

            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }
}
