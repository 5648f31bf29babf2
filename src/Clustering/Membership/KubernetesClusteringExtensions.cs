using Microsoft.Extensions.DependencyInjection;
using NangoOrleans.Clustering.Membership;
using Orleans.Configuration;
using Orleans.Messaging;

namespace Orleans.Hosting;

/// <summary>Lets silos find each other through the Kubernetes API; <see cref="NangoOrleans.Kubernetes.KubernetesTransport"/> must be registered.</summary>
public static class KubernetesClusteringExtensions
{
    // Three missed ones make a silo suspect to a newcomer. Orleans' 30 s would keep everybody out for 90 s when all silos died together
    // and left nobody who could declare them dead.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    /// <summary>Keeps the membership table in an OrleansCluster.</summary>
    /// <param name="builder">The silo. Its name is that of its pod, where there is one.</param>
    /// <param name="configure">Where.</param>
    public static ISiloBuilder UseKubernetesClustering(this ISiloBuilder builder, Action<KubernetesClusteringOptions> configure)
    {
        builder.Services.AddTable(configure);
        builder.Configure<ClusterMembershipOptions>(membership => membership.IAmAliveTablePublishTimeout = Heartbeat);
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
