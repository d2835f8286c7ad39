using OpenTelemetry.Resources;

namespace Reclaim.Silo.Telemetry;

/// <summary>Who tells a collector something. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES may say it otherwise.</summary>
public static class TelemetryResource
{
    /// <summary>The service that the command line is.</summary>
    public const string Client = "reclaim";

    /// <summary>That which silos are.</summary>
    public const string Silo = "reclaim-silo";

    /// <summary>Describes it.</summary>
    /// <param name="resource">What is to describe it.</param>
    /// <param name="service">Its service, unless the environment says so.</param>
    /// <param name="instance">Which of its instances; null: any.</param>
    public static ResourceBuilder Describe(ResourceBuilder resource, string service, string? instance = null) =>
        resource.Clear().AddService(service, serviceInstanceId: instance, autoGenerateServiceInstanceId: instance is null).AddTelemetrySdk().AddEnvironmentVariableDetector();
}
