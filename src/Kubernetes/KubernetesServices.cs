using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace NangoOrleans.Kubernetes;

/// <summary>Registers everything that talks to the Kubernetes API.</summary>
public static class KubernetesServices
{
    /// <summary>
    /// Adds <see cref="KubernetesTransport"/>, <see cref="FeedFactory"/>, <see cref="IIntegrationStore"/>, <see cref="IEnvironmentStore"/>,
    /// <see cref="ISecretReader"/>, <see cref="IEventRecorder"/>, <see cref="CrdProbe"/>, <see cref="AccessProbe"/>, <see cref="ReadyProbe"/>,
    /// <see cref="AccessReviewer"/> and <see cref="KubernetesMetrics"/>.
    /// </summary>
    /// <param name="services">Where to add them.</param>
    /// <param name="kubeconfig">Path of a kubeconfig; null for the order of <see cref="KubernetesConnection.Load(string?)"/>, which is only followed when the first service is used.</param>
    public static IServiceCollection AddKubernetes(this IServiceCollection services, string? kubeconfig = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton(p => new KubernetesMetrics(p.GetRequiredService<IMeterFactory>()));
        services.TryAddSingleton(p => new KubernetesTransport(
            KubernetesConnection.Load(kubeconfig), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<KubernetesMetrics>()));
        services.TryAddSingleton(p => new FeedFactory(
            p.GetRequiredService<KubernetesTransport>(), p.GetRequiredService<TimeProvider>(), Random.Shared,
            p.GetRequiredService<KubernetesMetrics>(), p.GetRequiredService<ILoggerFactory>()));
        services.TryAddSingleton<IIntegrationStore, IntegrationStore>();
        services.TryAddSingleton<IEnvironmentStore, EnvironmentStore>();
        services.TryAddSingleton<IDefinitionReader, DefinitionReader>();
        services.TryAddSingleton<ISecretReader, SecretReader>();
        services.TryAddSingleton<IEventRecorder>(p => new EventRecorder(
            p.GetRequiredService<KubernetesTransport>(), p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<KubernetesMetrics>(), p.GetRequiredService<ILogger<EventRecorder>>()));
        services.TryAddSingleton<CrdProbe>();
        services.TryAddSingleton<AccessProbe>();
        services.TryAddSingleton<ReadyProbe>();
        services.TryAddSingleton<AccessReviewer>();
        return services;
    }
}
