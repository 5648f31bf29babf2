using System.Net;
using NangoOrleans.Nango;

namespace NangoOrleans.Configuration;

/// <summary>All that was configured, checked.</summary>
/// <param name="Options">Section <c>NangoOrleans</c>.</param>
/// <param name="Environment">Plain environment variables.</param>
/// <param name="BaseUrls">Nango servers that may be spoken to.</param>
internal sealed record OperatorSettings(OperatorOptions Options, OperatorEnvironment Environment, BaseUrlPolicy BaseUrls)
{
    /// <summary>Who this silo is among others; null when it is a cluster of its own.</summary>
    public PodIdentity? Pod { get; private init; }

    /// <summary>Reads and checks the configuration.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <returns>The settings, and one sentence for each mistake.</returns>
    public static (OperatorSettings Settings, IReadOnlyList<string> Problems) Read(IConfiguration configuration)
    {
        var (options, optionProblems) = SettingsReader.Read(configuration);
        var (environment, environmentProblems) = OperatorEnvironment.Read(configuration);
        List<string> problems = [.. optionProblems, .. environmentProblems];
        if (environment.IsPod && IsUnset(configuration, nameof(OperatorOptions.Clustering))) options.Clustering = ClusteringKind.Kubernetes;
        var (pod, podProblems) = options.Clustering == ClusteringKind.Kubernetes ? PodIdentity.Read(configuration) : (null, []);
        problems.AddRange(podProblems);
        // Probes and scrapes of a pod come from outside of it.
        if (pod is not null && !IPAddress.IsLoopback(pod.Address) && IsUnset(configuration, nameof(OperatorOptions.BindAddress))) options.BindAddress = "*";
        return (new(options, environment, ReadBaseUrls(options, environment, problems)) { Pod = pod }, problems);
    }

    /// <summary>Registers the settings, one class per feature.</summary>
    /// <param name="services">Where to register them.</param>
    public void AddTo(IServiceCollection services)
    {
        services.AddSingleton(this);
        services.AddSingleton(Environment);
        services.AddSingleton(BaseUrls);
        services.AddSingleton(Options);
        services.AddSingleton(Options.Http);
        services.AddSingleton(Options.Dashboard);
        services.AddSingleton(Options.Orleans);
        services.AddSingleton(Options.DefaultCredential);
        services.AddSingleton(Options.Watch);
        services.AddSingleton(Options.Resync);
        services.AddSingleton(Options.Deletion);
        services.AddSingleton(Options.Secrets);
        services.AddSingleton(Options.RateLimit);
    }

    private static bool IsUnset(IConfiguration configuration, string name) => !configuration.GetSection($"{Setting.Section}:{name}").Exists();

    private static BaseUrlPolicy ReadBaseUrls(OperatorOptions options, OperatorEnvironment environment, List<string> problems)
    {
        try
        {
            return new(environment.NangoBaseUrl, options.AllowedBaseUrls);
        }
        catch (FormatException e)
        {
            problems.Add(e.Message);
            return new(null, []);
        }
    }
}
