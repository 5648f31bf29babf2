using NangoOrleans.Configuration;
using NangoOrleans.Credentials;

namespace NangoOrleans.Hosting;

/// <summary>What the operator is made of.</summary>
internal static class OperatorServices
{
    // Orleans' own default is 5 minutes; a reminder of another silo's grain is taken over one refresh after that silo left.
    private static readonly TimeSpan ReminderRefresh = TimeSpan.FromMinutes(1);

    /// <summary>Registers the operator's own services; called after Orleans', so that they stop before the silo does.</summary>
    /// <param name="services">Where to register them.</param>
    /// <param name="settings">All settings.</param>
    public static void AddOperator(this IServiceCollection services, OperatorSettings settings)
    {
        settings.AddTo(services);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new DefaultCredentialSource(settings.Environment, settings.Options.DefaultCredential, TimeProvider.System));
    }

    /// <summary>Sets up what grains rely on.</summary>
    /// <param name="silo">The silo.</param>
    public static void ConfigureSilo(this ISiloBuilder silo)
    {
        silo.UseInMemoryReminderService();
        silo.AddMemoryGrainStorageAsDefault();
        silo.Configure<ReminderOptions>(options => options.RefreshReminderListPeriod = ReminderRefresh);
        // The default keeps new grains on the calling silo, and all calls come from the one that watches.
        silo.Services.AddSingleton<PlacementStrategy, RandomPlacement>();
    }
}
