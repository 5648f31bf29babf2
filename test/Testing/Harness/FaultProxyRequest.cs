using Microsoft.AspNetCore.Http;

namespace NangoOrleans.Testing;

/// <summary>A request as an API server understands it.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, apply or delete.</param>
/// <param name="Resource">Plural with subresource, for instance <c>nangointegrations/status</c>; empty for discovery and health.</param>
/// <param name="Namespace">Namespace; empty when there is none in the path.</param>
/// <param name="Name">Object; empty for collections.</param>
public sealed record FaultProxyRequest(string Verb, string Resource, string Namespace, string Name)
{
    /// <summary>True when it changes something.</summary>
    public bool IsWrite => Verb is "create" or "update" or "patch" or "apply" or "delete";

    internal static FaultProxyRequest Read(HttpRequest request)
    {
        var parts = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries).AsSpan();
        var isCore = parts.Length > 1 && parts[0] == "api";
        var isGroup = parts.Length > 2 && parts[0] == "apis";
        var rest = isCore ? parts[2..] : isGroup ? parts[3..] : [];
        var space = "";
        if (rest.Length > 2 && rest[0] == "namespaces")
        {
            space = rest[1];
            rest = rest[2..];
        }

        var name = rest.Length > 1 ? rest[1] : "";
        var resource = rest.Length == 0 ? "" : rest.Length > 2 ? $"{rest[0]}/{rest[2]}" : rest[0];
        return new(VerbOf(request, resource, name), resource, space, name);
    }

    private static string VerbOf(HttpRequest request, string resource, string name) => request.Method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "DELETE" => "delete",
        "PATCH" => request.ContentType?.Contains("apply-patch", StringComparison.Ordinal) == true ? "apply" : "patch",
        _ when request.Query["watch"] is ["true" or "1"] => "watch",
        _ => name.Length > 0 || resource.Length == 0 ? "get" : "list",
    };
}
