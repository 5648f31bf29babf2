using System.Net;
using NangoOrleans.Configuration;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace NangoOrleans.Hosting;

/// <summary>Orleans: one silo on loopback, or one of several that meet through the Kubernetes API.</summary>
internal static class SiloHosting
{
    /// <summary>Orleans ServiceId: the same for all installations and all time.</summary>
    public const string ServiceId = "nango-integration-operator";

    /// <summary>Adds the silo to the host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="settings">All settings.</param>
    /// <param name="ports">Ports to listen on.</param>
    public static void AddSilo(this IHostApplicationBuilder host, OperatorSettings settings, SiloPorts ports) => host.UseOrleans(silo =>
    {
        if (settings.Pod is { } pod) silo.JoinCluster(settings, pod, ports);
        else silo.UseLocalhostClustering(ports.Silo, ports.Gateway, serviceId: ServiceId, clusterId: ClusterId(settings));
        silo.AddDashboard(dashboard => dashboard.HideTrace = true);
        silo.ConfigureSilo();
    });

    private static void JoinCluster(this ISiloBuilder silo, OperatorSettings settings, PodIdentity pod, SiloPorts ports)
    {
        silo.UseKubernetesClustering(options => options.Namespace = pod.Namespace);
        silo.Services.AddSingleton<IStartupCheck, MembershipCheck>();
        silo.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (ServiceId, ClusterId(settings)));
        silo.Configure<global::Orleans.Configuration.SiloOptions>(options => options.SiloName = pod.Name);
        // Nobody but the network of the pods is to reach these ports, so they are opened on the pod's address alone.
        silo.Configure<EndpointOptions>(endpoints =>
        {
            endpoints.AdvertisedIPAddress = pod.Address;
            (endpoints.SiloPort, endpoints.GatewayPort) = (ports.Silo, ports.Gateway);
            endpoints.SiloListeningEndpoint = new IPEndPoint(pod.Address, ports.Silo);
            endpoints.GatewayListeningEndpoint = new IPEndPoint(pod.Address, ports.Gateway);
        });
#pragma warning disable ORLEANSEXP003 // The default directory forgets grains of silos that stay when another leaves.
        if (settings.Options.Orleans.DistributedDirectory) silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
    }

    private static string ClusterId(OperatorSettings settings) => $"{settings.Environment.Namespace}-{settings.Options.Orleans.Installation}";
}
