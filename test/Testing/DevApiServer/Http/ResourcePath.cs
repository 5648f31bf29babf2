using NangoOrleans.Testing.ApiServer.Resources;

namespace NangoOrleans.Testing.ApiServer.Http;

/// <summary>Where a path under /api or /apis leads.</summary>
internal sealed record ResourcePath(string Group, string Version, string? Namespace, string Plural, string? Name, string? Subresource)
{
    /// <summary>Null for a path that is not one of a resource.</summary>
    public static ResourcePath? Parse(string path)
    {
        var parts = path.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        return parts switch
        {
            ["api", var version, .. var rest] when rest.Length > 0 => Parse("", version, rest),
            ["apis", var group, var version, .. var rest] when rest.Length > 0 => Parse(group, version, rest),
            _ => null,
        };
    }

    public string VerbFor(HttpRequest request) => request.Method switch
    {
        "GET" when Name is null && IsWatch(request) => "watch",
        "GET" => Name is null ? "list" : "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => Name is null ? "deletecollection" : "delete",
        _ => request.Method.ToLowerInvariant(),
    };

    public ApiRequest? Resolve(ResourceCatalog catalog, HttpContext http) =>
        catalog.Find(Group, Version, Plural) is { } type && (type.Namespaced || Namespace is null)
            ? new ApiRequest(type, VerbFor(http.Request), Namespace, Name, Subresource, http)
            : null;

    private static bool IsWatch(HttpRequest request) => request.Query["watch"].ToString() is "true" or "1" or "t" or "True";

    private static ResourcePath? Parse(string group, string version, string[] rest) => rest switch
    {
        ["namespaces", var name] when group.Length == 0 => new(group, version, null, "namespaces", name, null),
        ["namespaces", var name, "status" or "finalize"] when group.Length == 0 => new(group, version, null, "namespaces", name, rest[2]),
        ["namespaces", var ns, var plural] => new(group, version, ns, plural, null, null),
        ["namespaces", var ns, var plural, var name] => new(group, version, ns, plural, name, null),
        ["namespaces", var ns, var plural, var name, var sub] => new(group, version, ns, plural, name, sub),
        [var plural] => new(group, version, null, plural, null, null),
        [var plural, var name] => new(group, version, null, plural, name, null),
        [var plural, var name, var sub] => new(group, version, null, plural, name, sub),
        _ => null,
    };
}
