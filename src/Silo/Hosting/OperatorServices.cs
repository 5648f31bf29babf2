using NangoOrleans.Clustering.Reminders;
using NangoOrleans.Configuration;
using NangoOrleans.Credentials;
using NangoOrleans.Health;
using NangoOrleans.Integrations;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Scheduling;
using NangoOrleans.Watching;
using NangoOrleans.Witnessing;
using Orleans.Configuration;

namespace NangoOrleans.Hosting;

/// <summary>What the operator is made of.</summary>
internal static class OperatorServices
{
    // Orleans' own default is 5 minutes; a reminder of another silo's grain is taken over one refresh after that silo left.
    private static readonly TimeSpan ReminderRefresh = TimeSpan.FromMinutes(1);

    // A settled integration needs no memory; its timers are shorter than this, and longer waits have a reminder.
    private static readonly TimeSpan RestingAge = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LongTurn = TimeSpan.FromSeconds(5);

    /// <summary>Registers the operator's own services; called after Orleans', so that they stop before the silo does.</summary>
    /// <param name="services">Where to register them.</param>
    /// <param name="settings">All settings.</param>
    public static void AddOperator(this IServiceCollection services, OperatorSettings settings)
    {
        settings.AddTo(services);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new DefaultCredentialSource(
            settings.BaseUrls.Default, settings.Environment.NangoToken, settings.Environment.NangoTokenFile,
            settings.Options.DefaultCredential.Namespaces, TimeProvider.System));
        services.AddNango(settings);
        services.AddKubernetes();
        services.AddSingleton<IStartupCheck, ClusterCheck>();
        services.AddSingleton(provider => new StartupChecks(
            provider.GetServices<IStartupCheck>(), provider.GetRequiredService<ReadyProbe>().IsReadyAsync,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<StartupChecks>>()));
        services.AddIntegrationGrains();
        services.Configure<ReconcileOptions>(reconcile =>
        {
            reconcile.DeletionGiveUpAfter = settings.Options.Deletion.GiveUpAfter;
            reconcile.RateReservePercent = settings.Options.RateLimit.ReservePercent;
        });
        services.AddWatching(settings);
    }

    private static void AddNango(this IServiceCollection services, OperatorSettings settings)
    {
        services.AddSingleton<INangoAccess, NangoAccess>();
        // Nango's cloud is public: even an administrator who lists it does not mean a private address by that name.
        services.AddNangoClient(client => client.PrivateAddressOrigins.UnionWith(settings.BaseUrls.AdministratorOrigins.Where(origin => origin != BaseUrlPolicy.BuiltInDefault)));
    }

    private static void AddWatching(this IServiceCollection services, OperatorSettings settings)
    {
        services.AddSingleton<EnvironmentView>();
        services.AddSingleton<IEnvironmentView>(provider => provider.GetRequiredService<EnvironmentView>());
        services.AddHostedService<EnvironmentWatcher>();
        services.AddSingleton<WatcherParts>();
        services.AddSingleton<IStartupCheck, ElectionCheck>();
        services.AddSingleton<LeaseElection>();
        services.AddSingleton<IElection>(provider => provider.GetRequiredService<LeaseElection>());
        services.AddSingleton<WatcherServiceClient>();
        services.AddSingleton<ActiveWatcher>();
        services.AddSingleton<IReminderRows>(provider => provider.GetRequiredService<ActiveWatcher>());
        services.AddSingleton<IClaims>(provider => provider.GetRequiredService<ActiveWatcher>());
        services.AddSingleton<WitnessedLeftovers>();
        services.AddSingleton<IWitnesses, Witnesses>();
        services.AddSingleton<WitnessDuty>();
        services.AddHostedService(provider => provider.GetRequiredService<WitnessDuty>());
        services.AddSingleton<WatcherReadiness>();
        services.AddHostedService(provider => provider.GetRequiredService<WatcherReadiness>());
        services.AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<WatcherReadiness>());
        if (settings.Options.Clustering == ClusteringKind.Development) services.AddHostedService<RivalCheck>();
        // Last, and so the first to stop: another silo can watch while this one still finishes what it has begun.
        services.AddSingleton<Watcher>();
        services.AddHostedService(provider => provider.GetRequiredService<Watcher>());
        services.AddSingleton<WorkMetrics>();
    }

    /// <summary>Sets up what grains rely on.</summary>
    /// <param name="silo">The silo.</param>
    public static void ConfigureSilo(this ISiloBuilder silo)
    {
        silo.UseStatusReminders(options =>
        {
            options.GrainType = NangoIntegrationGrain.GrainTypeName;
            options.ReminderName = NangoIntegrationGrain.RetryReminder;
        });
        silo.AddGrainService<WatcherService>();
        silo.AddGrainService<WitnessService>();
        silo.AddMemoryGrainStorageAsDefault();
        // The first turn of a kind is compiled while it runs; on a busy machine that alone takes longer than the default of 1 s.
        silo.Configure<SchedulingOptions>(options => options.TurnWarningLengthThreshold = LongTurn);
        silo.Configure<ReminderOptions>(options => options.RefreshReminderListPeriod = ReminderRefresh);
        silo.Configure<GrainCollectionOptions>(options => options.ClassSpecificCollectionAge[typeof(NangoIntegrationGrain).FullName!] = RestingAge);
        // The default keeps new grains on the calling silo, and all calls come from the one that watches.
        silo.Services.AddSingleton<PlacementStrategy, RandomPlacement>();
    }
}
