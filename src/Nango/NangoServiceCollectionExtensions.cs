using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NangoOrleans.Nango;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the client of Nango's API.</summary>
public static class NangoServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="INangoClientFactory"/>, with one connection pool for the process, and the meter <c>NangoOrleans.Nango</c>.
    /// The options are validated at start.
    /// </summary>
    /// <param name="services">Where to add.</param>
    /// <param name="configure">Changes the defaults.</param>
    public static IServiceCollection AddNangoClient(this IServiceCollection services, Action<NangoClientOptions>? configure = null)
    {
        var options = services.AddOptions<NangoClientOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<NangoClientOptions>, NangoClientOptionsValidator>());
        services.TryAddSingleton<NangoMetrics>();
        services.TryAddSingleton(provider => new NangoConnections(
            provider.GetRequiredService<IOptions<NangoClientOptions>>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<NangoTransport>();
        services.TryAddSingleton<INangoClientFactory, NangoClientFactory>();
        return services;
    }
}
