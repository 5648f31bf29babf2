using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NangoOrleans.Testing.ApiServer.Objects;

/// <summary>Reads and writes the fields that every Kubernetes object has.</summary>
internal static class ObjectFields
{
    public static JsonObject Metadata(this JsonObject item)
    {
        if (item["metadata"] is JsonObject metadata)
        {
            return metadata;
        }

        var created = new JsonObject();
        item["metadata"] = created;
        return created;
    }

    public static string? Text(this JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static string? Text(this JsonNode? node, string name) => (node as JsonObject)?[name].Text();

    public static long? Integer(this JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        JsonValue value when value.TryGetValue<int>(out var number) => number,
        _ => null,
    };

    public static bool? Boolean(this JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    public static JsonObject? Object(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonObject;

    public static JsonArray? Array(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonArray;

    public static IEnumerable<string> Texts(this JsonArray? array) =>
        array is null ? [] : array.Select(Text).OfType<string>();

    public static string? Name(this JsonObject item) => item["metadata"].Text("name");

    public static string? Namespace(this JsonObject item) => item["metadata"].Text("namespace");

    public static string? Uid(this JsonObject item) => item["metadata"].Text("uid");

    public static string? ResourceVersion(this JsonObject item) => item["metadata"].Text("resourceVersion");

    public static bool IsDeleting(this JsonObject item) => item["metadata"].Text("deletionTimestamp") is not null;

    public static bool HasFinalizers(this JsonObject item) => item["metadata"].Array("finalizers") is { Count: > 0 };

    public static JsonValueKind KindOf(this JsonNode? node) => node?.GetValueKind() ?? JsonValueKind.Null;

    /// <summary>Formats as metav1.Time: whole seconds, UTC.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
