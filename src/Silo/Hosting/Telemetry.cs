using OpenTelemetry.Metrics;

namespace NangoOrleans.Hosting;

/// <summary>Metrics in Prometheus' format.</summary>
internal static class Telemetry
{
    /// <summary>Collects our own meters, Orleans' and the runtime's.</summary>
    /// <param name="services">Where to register the collection.</param>
    public static void AddMetricCollection(this IServiceCollection services) => services.AddOpenTelemetry().WithMetrics(metrics => metrics
        .AddMeter("NangoOrleans*", "Microsoft.Orleans", "System.Runtime")
        .AddPrometheusExporter());
}
