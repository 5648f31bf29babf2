using Microsoft.Extensions.DependencyInjection;
using NangoOrleans.Clustering.Membership;
using Orleans.Messaging;

namespace Orleans.Hosting;

/// <summary>Lets silos find each other through the Kubernetes API; <see cref="NangoOrleans.Kubernetes.KubernetesTransport"/> must be registered.</summary>
public static class KubernetesClusteringExtensions
{
    /// <summary>Keeps the membership table in an OrleansCluster.</summary>
    /// <param name="builder">The silo. Its name is that of its pod, where there is one.</param>
    /// <param name="configure">Where.</param>
    public static ISiloBuilder UseKubernetesClustering(this ISiloBuilder builder, Action<KubernetesClusteringOptions> configure)
    {
        builder.Services.AddTable(configure);
        builder.Services.AddSingleton<IMembershipTable>(provider => provider.GetRequiredService<KubernetesMembershipTable>());
        return builder;
    }

    /// <summary>Finds gateways in an OrleansCluster.</summary>
    /// <param name="builder">A client outside of the cluster.</param>
    /// <param name="configure">Where.</param>
    public static IClientBuilder UseKubernetesClustering(this IClientBuilder builder, Action<KubernetesClusteringOptions> configure)
    {
        builder.Services.AddTable(configure);
        builder.Services.AddSingleton<IGatewayListProvider, KubernetesGatewayList>();
        return builder;
    }

    private static void AddTable(this IServiceCollection services, Action<KubernetesClusteringOptions> configure)
    {
        services.Configure(configure);
        services.AddSingleton<ClusterStore>();
        services.AddSingleton<SiloLeases>();
        services.AddSingleton<KubernetesMembershipTable>();
    }
}
