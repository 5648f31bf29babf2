using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NangoOrleans.Kubernetes;
using NangoOrleans.Testing;
using Orleans.Configuration;

namespace NangoOrleans.Clustering.Tests.Membership;

/// <summary>Real silos over TCP in this process, which find each other through an API server.</summary>
internal sealed class SiloHosts(string kubeconfig, string @namespace) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly List<IHost> _silos = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public IReadOnlyList<IHost> All => _silos;

    public async Task<IHost> StartAsync(string name)
    {
        for (var attempt = 1; ; attempt++)
        {
            var host = Build(name);
            try
            {
                await host.StartAsync(Cancel);
                lock (_silos) _silos.Add(host);
                return host;
            }
            catch (Exception e)
            {
                host.Dispose();
                if (attempt == TakenPort.StartAttempts || !TakenPort.IsCauseOf(e)) throw;
            }
        }
    }

    private IHost Build(string name)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddKubernetes(kubeconfig);
        builder.UseOrleans(silo =>
        {
            silo.UseKubernetesClustering(options => options.Namespace = @namespace);
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (MembershipTables.ClusterId, "operator"));
            silo.Configure<global::Orleans.Configuration.SiloOptions>(options => options.SiloName = name);
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort(), gatewayPort: 0);
            // Often enough that an outage of the API server is met many times over.
            silo.Configure<ClusterMembershipOptions>(options =>
                (options.TableRefreshTimeout, options.IAmAliveTablePublishTimeout) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3)));
            // The first call to a cold silo of a busy machine may take longer than Orleans waits by itself.
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromMinutes(2));
            silo.Services.AddSingleton<PlacementStrategy, RandomPlacement>();
        });
        return builder.Build();
    }

    /// <summary>Stops a silo in an orderly way.</summary>
    public async Task StopAsync(IHost silo)
    {
        _silos.Remove(silo);
        await silo.StopAsync(Cancel);
        silo.Dispose();
    }

    /// <summary>Waits until every silo sees exactly so many active ones.</summary>
    public async Task UntilAllSeeAsync(int active)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(Patience);
        while (!_silos.TrueForAll(silo => Statuses(silo).Count(status => status == SiloStatus.Active) == active)) await Task.Delay(LookEvery, TimeProvider.System, deadline.Token);
    }

    public static IEnumerable<SiloStatus> Statuses(IHost silo) =>
        silo.Services.GetRequiredService<IClusterMembershipService>().CurrentSnapshot.Members.Values.Select(member => member.Status);

    /// <summary>Calls grains from a silo.</summary>
    /// <returns>Where they live.</returns>
    public static async Task<IReadOnlyList<string>> CallAsync(IHost silo, IEnumerable<string> keys)
    {
        var grains = silo.Services.GetRequiredService<IGrainFactory>();
        return await Task.WhenAll(keys.Select(key => grains.GetGrain<IResidentGrain>(key).WhereAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos.ToArray()) await StopAsync(silo);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

public interface IResidentGrain : IGrainWithStringKey
{
    /// <summary>Name of the silo it lives on.</summary>
    Task<string> WhereAsync();
}

public sealed class ResidentGrain(ILocalSiloDetails silo) : Grain, IResidentGrain
{
    public Task<string> WhereAsync() => Task.FromResult(silo.Name);
}
