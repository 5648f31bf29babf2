using NangoOrleans.Nango;

namespace NangoOrleans.Configuration;

/// <summary>All that was configured, checked.</summary>
/// <param name="Options">Section <c>NangoOrleans</c>.</param>
/// <param name="Environment">Plain environment variables.</param>
/// <param name="BaseUrls">Nango servers that may be spoken to.</param>
internal sealed record OperatorSettings(OperatorOptions Options, OperatorEnvironment Environment, BaseUrlPolicy BaseUrls)
{
    /// <summary>Reads and checks the configuration.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <returns>The settings, and one sentence for each mistake.</returns>
    public static (OperatorSettings Settings, IReadOnlyList<string> Problems) Read(IConfiguration configuration)
    {
        var (options, optionProblems) = SettingsReader.Read(configuration);
        var (environment, environmentProblems) = OperatorEnvironment.Read(configuration);
        List<string> problems = [.. optionProblems, .. environmentProblems];
        if (options.Clustering == ClusteringKind.Kubernetes)
        {
            problems.Add($"{Setting.Describe($"{Setting.Section}:{nameof(OperatorOptions.Clustering)}")} is Kubernetes, "
                + "but this version runs as a single silo; set it to Development.");
        }

        return (new(options, environment, ReadBaseUrls(options, environment, problems)), problems);
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
