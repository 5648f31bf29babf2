namespace NangoOrleans.Configuration;

/// <summary>The plain environment variables that Nango's and Kubernetes' own tools also know.</summary>
internal sealed class OperatorEnvironment
{
    /// <summary><c>NANGO_TOKEN</c>: the default credential itself; null when unset.</summary>
    public string? NangoToken { get; private init; }

    /// <summary><c>NANGO_TOKEN_FILE</c>: a file that holds it; null when unset.</summary>
    public string? NangoTokenFile { get; private init; }

    /// <summary><c>NANGO_BASE_URL</c> as written; null when unset.</summary>
    public string? NangoBaseUrl { get; private init; }

    /// <summary><c>POD_NAMESPACE</c>: where the operator keeps its own objects.</summary>
    public string Namespace { get; private init; } = "default";

    /// <summary>True inside a pod.</summary>
    public bool IsPod { get; private init; }

    /// <summary>Reads the variables.</summary>
    /// <param name="configuration">The whole configuration, environment included.</param>
    /// <returns>The variables, and one sentence for each mistake.</returns>
    public static (OperatorEnvironment Environment, IReadOnlyList<string> Problems) Read(IConfiguration configuration)
    {
        var environment = new OperatorEnvironment
        {
            NangoToken = Text(configuration, "NANGO_TOKEN"),
            NangoTokenFile = Text(configuration, "NANGO_TOKEN_FILE"),
            NangoBaseUrl = Text(configuration, "NANGO_BASE_URL"),
            Namespace = Text(configuration, "POD_NAMESPACE") ?? "default",
            IsPod = Text(configuration, "KUBERNETES_SERVICE_HOST") is not null,
        };
        return environment is { NangoToken: not null, NangoTokenFile: not null }
            ? (environment, ["NANGO_TOKEN and NANGO_TOKEN_FILE are both set; set one of them."])
            : (environment, []);
    }

    private static string? Text(IConfiguration configuration, string name) =>
        configuration[name]?.Trim() is { Length: > 0 } text ? text : null;
}
