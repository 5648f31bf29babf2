using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NangoOrleans.Configuration;
using NangoOrleans.Hosting;
using NangoOrleans.Integrations;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Testing;

namespace NangoOrleans.Watching.Clusters;

/// <summary>A whole operator in this process, but for its endpoints: a silo over TCP with its own way to the API server.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private TestSilo(IHost host, FaultProxy proxy, SiloPorts ports) => (_host, Proxy, Ports) = (host, proxy, ports);

    /// <summary>Between this silo and the API server.</summary>
    public FaultProxy Proxy { get; }

    public SiloPorts Ports { get; }

    public Watcher Watcher => Get<Watcher>();

    public GatedElection Election => (GatedElection)Get<IElection>();

    public IClaims Claims => Get<IClaims>();

    public IReminderTable Reminders => Get<IReminderTable>();

    public string Address => Get<ILocalSiloDetails>().SiloAddress.ToParsableString();

    public bool IsReady => Get<WatcherReadiness>().IsReady(out _);

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Starts a silo.</summary>
    /// <param name="proxy">Its way to the API server.</param>
    /// <param name="nangoBaseUrl">The Nango server.</param>
    /// <param name="namespace">What it watches, and where its Lease is.</param>
    /// <param name="primary">Port of the silo that keeps the membership; null for the first one.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<TestSilo> StartAsync(FaultProxy proxy, string nangoBaseUrl, string @namespace, int? primary, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var silo = Build(proxy, nangoBaseUrl, @namespace, primary);
            try
            {
                await silo._host.StartAsync(ct);
                return silo;
            }
            catch (Exception e)
            {
                silo._host.Dispose();
                if (attempt == TakenPort.StartAttempts || !TakenPort.IsCauseOf(e)) throw;
            }
        }
    }

    private static TestSilo Build(FaultProxy proxy, string nangoBaseUrl, string @namespace, int? primary)
    {
        var options = new OperatorOptions { Clustering = ClusteringKind.Kubernetes, Orleans = new() { SiloPort = 0, GatewayPort = 0 }, Watch = new() { Namespaces = [@namespace] } };
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["NANGO_TOKEN"] = SiloCluster.Token,
            ["NANGO_BASE_URL"] = nangoBaseUrl,
            ["POD_NAMESPACE"] = @namespace,
        });
        var settings = new OperatorSettings(options, OperatorEnvironment.Read(builder.Configuration).Environment, new BaseUrlPolicy(nangoBaseUrl, []));
        var ports = SiloPorts.Choose(settings);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton(services => new KubernetesTransport(
            KubernetesConnection.Load(proxy.KubeconfigPath), TimeProvider.System, services.GetRequiredService<KubernetesMetrics>()));
        builder.Services.AddSingleton<OperatorExit>();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(ports.Silo, ports.Gateway, new IPEndPoint(IPAddress.Loopback, primary ?? ports.Silo), "test", @namespace);
            silo.ConfigureSilo();
        });
        builder.Services.AddOperator(settings);
        builder.Services.AddSingleton<IElection>(services => new GatedElection(services.GetRequiredService<LeaseElection>()));
        return new TestSilo(builder.Build(), proxy, ports);
    }

    /// <summary>As SIGTERM does.</summary>
    public Task StopAsync() => _host.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        await Proxy.DisposeAsync();
    }
}

/// <summary>Stands for election once the test says so, and can be told that it leads whatever the Lease says.</summary>
internal sealed class GatedElection(LeaseElection inner) : IElection
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>True: as a silo that was cut off and does not know it yet.</summary>
    public bool IsUsurper { get; private set; }

    public string? Holder => inner.Holder;

    public bool IsHeld => IsUsurper || inner.IsHeld;

    public bool WasHandedOver => inner.WasHandedOver;

    public void Open() => _open.TrySetResult();

    public void Usurp()
    {
        IsUsurper = true;
        Open();
    }

    public async Task RunAsync(Func<long, CancellationToken, Task> lead, CancellationToken stop)
    {
        await _open.Task.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stop.IsCancellationRequested) return;
        await (IsUsurper ? lead(99, stop) : inner.RunAsync(lead, stop));
    }
}
