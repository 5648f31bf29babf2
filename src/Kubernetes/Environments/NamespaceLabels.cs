using System.Text.Json;

namespace NangoOrleans.Kubernetes;

/// <summary>Reads the labels of an object, here of namespaces.</summary>
public static class NamespaceLabels
{
    private static readonly Dictionary<string, string> None = new(StringComparer.Ordinal);

    /// <summary>The labels by name.</summary>
    /// <param name="json">One object, or only its metadata.</param>
    /// <exception cref="JsonException">Not the JSON of a Kubernetes object.</exception>
    public static IReadOnlyDictionary<string, string> Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var found = JsonElement.ParseValue(ref reader);
        return found.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Object
            ? labels.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString() ?? "", StringComparer.Ordinal)
            : None;
    }
}
