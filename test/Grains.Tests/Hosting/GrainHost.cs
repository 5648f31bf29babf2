using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Environments;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Integrations;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Resources;
using Orleans.Core.Internal;
using Orleans.TestingHost;

namespace NangoOrleans.Grains.Tests.Hosting;

/// <summary>A silo with the real grains between the two worlds in memory. Grains have a clock that the tests move.</summary>
public sealed class GrainHost : IAsyncLifetime
{
    private InProcessTestCluster _silo = null!;

    public GrainHost()
    {
        Cluster = new InMemoryCluster(Wire);
        Nango = new InMemoryNango(Wire);
    }

    internal FakeTimeProvider Time { get; } = new(IntegrationBuilder.Born.AddHours(1));

    internal Wire Wire { get; } = new();

    internal InMemoryCluster Cluster { get; }

    internal InMemoryNango Nango { get; }

    internal Permissions Permissions { get; } = new();

    internal RecordingWitnesses Witnesses { get; } = new();

    internal InMemoryEnvironments Environments { get; } = new();

    internal LeakDetector Logs { get; } = new();

    internal Arrivals Arrivals { get; } = new();

    internal IReminderTable Reminders => _silo.Silos[0].ServiceProvider.GetRequiredService<IReminderTable>();

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.UseInMemoryReminderService();
            silo.AddMemoryGrainStorageAsDefault();
            silo.Services.AddSingleton<TimeProvider>(Time);
            silo.Services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, Time);
            foreach (var real in (string[])
                [
                    TimeProviderNames.ActivationManagement, TimeProviderNames.GrainDirectory, TimeProviderNames.Membership, TimeProviderNames.Messaging,
                    TimeProviderNames.SystemTimers, Orleans.Reminders.ReminderTimeProviderNames.Reminders,
                ])
                silo.Services.AddKeyedSingleton(real, TimeProvider.System);
            silo.Services.AddSingleton<IIntegrationStore>(Cluster).AddSingleton<ISecretReader>(Cluster).AddSingleton<IEventRecorder>(Cluster).AddSingleton<IDefinitionReader>(Cluster);
            silo.Services.AddSingleton<INangoClientFactory>(Nango).AddSingleton<INangoAccess>(Permissions).AddSingleton<IClaims>(Permissions).AddSingleton<IWitnesses>(Witnesses);
            silo.Services.AddSingleton<IEnvironmentView>(Environments).AddSingleton<IEnvironmentStore>(Environments);
            silo.Services.AddIntegrationGrains();
            silo.Services.AddSingleton<IIncomingGrainCallFilter>(Arrivals);
            silo.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Logs));
        });
        _silo = builder.Build();
        await _silo.DeployAsync();
    }

    public async ValueTask DisposeAsync() => await _silo.DisposeAsync();

    internal T Grain<T>(string name)
        where T : IGrainWithStringKey => _silo.Client.GetGrain<T>($"team/{name}");

    internal INangoEnvironmentGrain Environment(string key) => _silo.Client.GetGrain<INangoEnvironmentGrain>(key);

    internal static Task DeactivateAsync(IAddressable grain) => grain.Cast<IGrainManagementExtension>().DeactivateOnIdle().AsTask();

    internal INangoIntegrationGrain Integration(string name) => Grain<INangoIntegrationGrain>(name);

    /// <summary>Brings the object as it is now to its grain, as the watcher does.</summary>
    internal Task PokeAsync(string name, bool recheck = false) => PokeAsync(name, Find(name)!, recheck);

    internal async Task PokeAsync(string name, NangoIntegration resource, bool recheck = false, bool fromList = false) =>
        await Integration(name).Observe(new IntegrationPoke { Resource = resource.Redact(), Recheck = recheck, FromList = fromList });

    internal NangoIntegration? Find(string name) => Cluster.Find(new IntegrationKey("team", name));

    /// <summary>Calls about one resource, without its name.</summary>
    internal IReadOnlyList<string> Calls(string name) =>
        [.. Wire.Calls.Select(call => call.Split(' ')).Where(parts => parts.Length == 2 && (parts[1] == name || parts[1] == "team/" + name)).Select(parts => parts[0])];

    internal Task UntilStatusAsync(string name, string status) => UntilAsync(() => Find(name)?.Status?.Status == status);

    internal Task UntilRestingAsync(string name, long runs) => UntilAsync(async () =>
    {
        var state = await Integration(name).GetState();
        return state.Runs >= runs && !state.Running;
    });

    internal static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    internal static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(3));
        while (!await condition()) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
    }

    /// <summary>Lets the grains' clock run until something is so.</summary>
    internal Task LetTimePassUntilAsync(Func<bool> condition, int secondsAtATime = 1) => UntilAsync(() =>
    {
        if (condition()) return Task.FromResult(true);
        Time.Advance(TimeSpan.FromSeconds(secondsAtATime));
        return Task.FromResult(false);
    });
}
