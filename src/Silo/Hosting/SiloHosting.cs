using NangoOrleans.Configuration;
using Orleans.Dashboard;

namespace NangoOrleans.Hosting;

/// <summary>Orleans, as one silo on loopback.</summary>
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
        silo.UseLocalhostClustering(ports.Silo, ports.Gateway, serviceId: ServiceId, clusterId: ClusterId(settings));
        silo.AddDashboard(dashboard => dashboard.HideTrace = true);
        silo.ConfigureSilo();
    });

    private static string ClusterId(OperatorSettings settings) => $"{settings.Environment.Namespace}-{settings.Options.Orleans.Installation}";
}
