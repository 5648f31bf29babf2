using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Resources;

namespace NangoOrleans.Testing.ApiServer.Discovery;

/// <summary>Serves the paths that are not resources: health, version, discovery, OpenAPI.</summary>
internal sealed class DiscoveryEndpoints(ResourceCatalog catalog)
{
    private readonly DiscoveryDocuments _documents = new(catalog);
    private readonly OpenApiDocuments _openApi = new(catalog);

    /// <returns>False when the path is none of these.</returns>
    public async Task<bool> TryServeAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!.Trim('/').Split('/');
        if (!HttpMethods.IsGet(http.Request.Method) || !IsOurs(path))
        {
            return false;
        }

        await (path switch
        {
            ["version"] => Answer.WriteAsync(http, 200, Version()),
            ["api"] when WantsAggregated(http) => Answer.WriteAsync(http, 200, _documents.Aggregated(core: true), DiscoveryDocuments.AggregatedType),
            ["apis"] when WantsAggregated(http) => Answer.WriteAsync(http, 200, _documents.Aggregated(core: false), DiscoveryDocuments.AggregatedType),
            ["api"] => Answer.WriteAsync(http, 200, DiscoveryDocuments.Core(http.Request.Host.Value ?? "")),
            ["apis"] => Answer.WriteAsync(http, 200, _documents.Groups()),
            ["api", var version] => ServeAsync(http, _documents.Resources("", version)),
            ["apis", var group] => ServeAsync(http, _documents.Group(group)),
            ["apis", var group, var version] => ServeAsync(http, _documents.Resources(group, version)),
            ["openapi", "v3"] => Answer.WriteAsync(http, 200, _openApi.Index()),
            ["openapi", "v3", .. var root] => ServeAsync(http, _openApi.Document(string.Join('/', root))),
            _ => Answer.WriteTextAsync(http, 200, "ok"),
        });
        return true;
    }

    private static bool IsOurs(string[] path) => path switch
    {
        ["healthz" or "readyz" or "livez", ..] or ["version"] or ["openapi", "v3", ..] => true,
        ["api", ..] => path.Length <= 2,
        ["apis", ..] => path.Length <= 3,
        _ => false,
    };

    public static Task WriteNotFoundAsync(HttpContext http) => Answer.WriteTextAsync(http, 404, "404 page not found\n");

    private static Task ServeAsync(HttpContext http, JsonObject? document) =>
        document is null ? WriteNotFoundAsync(http) : Answer.WriteAsync(http, 200, document);

    private static bool WantsAggregated(HttpContext http) =>
        http.Request.Headers.Accept.ToString().Split(',').Any(choice =>
            choice.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal) && choice.Contains("v=v2", StringComparison.Ordinal) && !choice.Contains("v=v2beta1", StringComparison.Ordinal));

    private static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "35",
        ["gitVersion"] = "v1.35.0+development-api-server-test-double",
        ["gitCommit"] = "",
        ["gitTreeState"] = "",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "none (.NET)",
        ["compiler"] = "none",
        ["platform"] = "test double",
    };
}
