using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.FakeNango;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Integrations;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using Orleans.Core.Internal;
using Orleans.TestingHost;

namespace NangoOrleans.Grains.Tests.Hosting;

/// <summary>Three silos in front of one Nango whose limiter is on, with windows that are short enough to see several.</summary>
internal sealed class SharedBudgetHost : IAsyncDisposable
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(4);

    private readonly InProcessTestCluster _cluster;

    private SharedBudgetHost(FakeNangoServer nango)
    {
        Nango = nango;
        Endpoint = new NangoEndpoint(nango.BaseUrl, A.Token);
        var builder = new InProcessTestClusterBuilder(3);
        builder.ConfigureSilo((_, silo) =>
        {
            var wire = new Wire();
            var (kubernetes, environments, permissions) = (new InMemoryCluster(wire), new InMemoryEnvironments(), new Permissions());
            silo.UseInMemoryReminderService();
            silo.AddMemoryGrainStorageAsDefault();
            silo.Services.AddSingleton<IIntegrationStore>(kubernetes).AddSingleton<ISecretReader>(kubernetes).AddSingleton<IEventRecorder>(kubernetes).AddSingleton<IDefinitionReader>(kubernetes);
            silo.Services.AddSingleton<INangoAccess>(permissions).AddSingleton<IClaims>(permissions).AddSingleton<IWitnesses>(new RecordingWitnesses());
            silo.Services.AddSingleton<IEnvironmentView>(environments).AddSingleton<IEnvironmentStore>(environments);
            silo.Services.AddNangoClient(client =>
            {
                client.UseProxy = false;
                client.RequestTimeout = TimeSpan.FromSeconds(30);
                client.PrivateAddressOrigins.Add(nango.BaseUrl);
            });
            silo.Services.AddIntegrationGrains();
            silo.Services.AddSingleton<IRateLimitObserver>(services => new Recorder(services.GetRequiredService<EnvironmentPermits>(), Readings));
        });
        _cluster = builder.Build();
    }

    public FakeNangoServer Nango { get; }

    public NangoEndpoint Endpoint { get; }

    /// <summary>What Nango's answers to all silos said.</summary>
    public ConcurrentQueue<RateLimitReading> Readings { get; } = new();

    public INangoEnvironmentGrain Grain => _cluster.Client.GetGrain<INangoEnvironmentGrain>(Endpoint.EnvironmentKey);

    public static async Task<SharedBudgetHost> StartAsync(int? limit)
    {
        var nango = await FakeNangoServer.StartAsync(
            new FakeNangoOptions { Token = A.Token, RateLimitPerMinute = limit, RateLimitWindow = Window }, TestContext.Current.CancellationToken);
        var host = new SharedBudgetHost(nango);
        await host._cluster.DeployAsync();
        // A cluster that has just come up may be slower than a caller is patient.
        foreach (var silo in (int[])[0, 1, 2]) await GrainHost.UntilAsync(() => host.TryAsync(silo, RequestTurn.Own, TestContext.Current.CancellationToken));
        return host;
    }

    public EnvironmentAccess Silo(int number) => _cluster.Silos[number].ServiceProvider.GetRequiredService<EnvironmentAccess>();

    public Task CallAsync(int silo, RequestTurn turn, CancellationToken cancellationToken) =>
        Silo(silo).CallAsync(Endpoint, turn, client => client.GetAsync("nobody", includeCredentials: false, cancellationToken));

    public async Task<bool> TryAsync(int silo, RequestTurn turn, CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync(silo, turn, cancellationToken);
            return true;
        }
        catch (FailureException)
        {
            return false;
        }
    }

    public Task DeactivateAsync() => Grain.Cast<IGrainManagementExtension>().DeactivateOnIdle().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await Nango.DisposeAsync();
    }

    private sealed class Recorder(IRateLimitObserver inner, ConcurrentQueue<RateLimitReading> readings) : IRateLimitObserver
    {
        public void Observe(NangoEndpoint endpoint, RateLimitReading reading)
        {
            readings.Enqueue(reading);
            inner.Observe(endpoint, reading);
        }
    }
}
