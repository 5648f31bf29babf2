namespace NangoOrleans.FakeNango;

internal enum Operation
{
    None,
    Health,
    Ready,
    ListIntegrations,
    CreateIntegration,
    Quickstart,
    GetIntegration,
    PatchIntegration,
    DeleteIntegration,
    ListProviders,
    GetProvider,
    ListConnections,
    GetConfig,
}

/// <summary>What a request line means. The key is null where the path has none; <see cref="BadEscape"/> marks an undecodable one.</summary>
internal sealed record Route(Operation Operation, string Template, string? Key = null, bool BadEscape = false)
{
    private const string NoTemplate = "(unrouted)";

    /// <summary>
    /// Routes on the raw path: keys may hold encoded slashes and dot segments, which a decoded, normalised path has lost.
    /// Literal segments are case-insensitive and one trailing slash is ignored, as in Express.
    /// </summary>
    public static Route Of(string method, string rawPath)
    {
        var parts = rawPath.Trim('/').ToLowerInvariant().Split('/');
        var reads = method is "GET" or "HEAD";
        return parts switch
        {
            ["health"] when reads => new(Operation.Health, "/health"),
            ["ready"] when reads => new(Operation.Ready, "/ready"),
            ["integrations"] when reads => new(Operation.ListIntegrations, "/integrations"),
            ["integrations"] when method == "POST" => new(Operation.CreateIntegration, "/integrations"),
            ["integrations", "quickstart"] when method == "POST" => new(Operation.Quickstart, "/integrations/quickstart"),
            ["integrations", _] when reads => Keyed(Operation.GetIntegration, "/integrations/{key}", rawPath),
            ["integrations", _] when method == "PATCH" => Keyed(Operation.PatchIntegration, "/integrations/{key}", rawPath),
            ["integrations", _] when method == "DELETE" => Keyed(Operation.DeleteIntegration, "/integrations/{key}", rawPath),
            ["providers"] when reads => new(Operation.ListProviders, "/providers"),
            ["providers", _] when reads => Keyed(Operation.GetProvider, "/providers/{provider}", rawPath),
            ["connections"] when reads => new(Operation.ListConnections, "/connections"),
            ["config", _] when reads => Keyed(Operation.GetConfig, "/config/{key}", rawPath),
            _ => new(Operation.None, NoTemplate),
        };
    }

    private static Route Keyed(Operation operation, string template, string rawPath)
    {
        var key = PercentEncoding.Decode(rawPath.Trim('/').Split('/')[1]);
        return new(operation, template, key, BadEscape: key is null);
    }
}
