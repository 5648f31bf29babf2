using System.Text.Json;
using System.Text.Json.Serialization;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>
/// The one way in which a status is written: a JSON patch that replaces it whole, with whatever others put into it, if the object is
/// still as seen (docs/decisions/0018).
/// </summary>
internal static class StatusPatch
{
    /// <summary>The request.</summary>
    /// <param name="type">Type of the object.</param>
    /// <param name="seen">Metadata of the object as seen.</param>
    /// <param name="status">The whole status.</param>
    public static KubernetesRequest Of<TStatus>(ResourceType type, ObjectMetadata seen, TStatus status)
        where TStatus : class
    {
        var @namespace = seen.Namespace.Length == 0 ? null : seen.Namespace;
        // Not a test, which fails with 422 like any other mistake: a version of one's own makes the API server compare, and answer 409.
        Operation[] patch = [new("replace", "/metadata/resourceVersion", seen.ResourceVersion), new("add", "/status", status)];
        return new(HttpMethod.Patch, $"{type.ObjectPath(@namespace, seen.Name, "status")}?fieldManager={NangoApi.FieldManager}", $"{type.Plural}/status")
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(patch, KubernetesJson.Options),
            ContentType = MediaTypes.JsonPatch,
        };
    }

    private sealed record Operation(
        [property: JsonPropertyName("op")] string Op, [property: JsonPropertyName("path")] string Path, [property: JsonPropertyName("value")] object Value);
}
