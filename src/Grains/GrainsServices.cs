using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NangoOrleans.Environments;
using NangoOrleans.Integrations;
using NangoOrleans.Integrations.Execution;
using NangoOrleans.Nango;
using NangoOrleans.Scheduling;

namespace NangoOrleans;

/// <summary>Registers what the grains need besides the ports (store, Secrets, events, claims, Nango).</summary>
public static class GrainsServices
{
    /// <summary>Adds it.</summary>
    /// <param name="services">The silo's services.</param>
    public static IServiceCollection AddIntegrationGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<ReconcileOptions>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<ReconcileOptions>>().Value);
        services.AddSingleton<EnvironmentHold>();
        services.AddSingleton<IEnvironmentGrains, EnvironmentGrains>();
        services.AddSingleton<EnvironmentPermits>();
        services.AddSingleton<IRateLimitObserver>(provider => provider.GetRequiredService<EnvironmentPermits>());
        services.AddSingleton<ProviderCatalogue>();
        services.AddSingleton<EnvironmentAccess>();
        services.AddSingleton<EnvironmentTokens>();
        services.AddSingleton<EnvironmentResolver>();
        services.AddSingleton<EnvironmentProbe>();
        services.AddSingleton<ICredentialReader, CredentialReader>();
        services.AddSingleton<ValueResolver>();
        services.AddSingleton<RecordedEnvironment>();
        services.AddSingleton<IntegrationExecutor>();
        services.AddSingleton<IntegrationRun>();
        services.AddSingleton<LeftoverRemover>();
        services.AddSingleton<ReconcileGate>();
        services.AddSingleton<IntegrationRuns>();
        return services;
    }
}
