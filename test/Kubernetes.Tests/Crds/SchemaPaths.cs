using System.Text.Json.Nodes;
using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Crds;

/// <summary>The schema as it stands in the generated YAML.</summary>
internal static class SchemaPaths
{
    public static JsonObject Definition { get; } = DefinitionOf("NangoIntegration");

    public static JsonObject ClusterEnvironment { get; } = DefinitionOf("ClusterNangoEnvironment");

    public static JsonObject Environment { get; } = DefinitionOf("NangoEnvironment");

    public static JsonObject Schema { get; } = SchemaOf(Definition);

    public static JsonObject DefinitionOf(string kind, bool compat = false) =>
        YamlDocuments.Parse(CustomResourceDefinitions.Render(compat)).Single(definition => (string?)definition["spec"]!["names"]!["kind"] == kind);

    public static JsonObject SchemaOf(JsonObject definition) => definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject();

    /// <summary>Every property below a schema, with its path; items of lists as <c>name[]</c>.</summary>
    public static IEnumerable<(string Path, JsonObject Schema)> Properties(JsonObject schema, string prefix = "")
    {
        foreach (var (name, value) in schema["properties"]?.AsObject() ?? [])
        {
            var property = value!.AsObject();
            yield return (prefix + name, property);
            foreach (var nested in Properties(property, $"{prefix}{name}.")) yield return nested;
            if (property["items"] is not JsonObject items) continue;
            foreach (var nested in Properties(items, $"{prefix}{name}[].")) yield return nested;
        }
    }

    /// <summary>A value that a schema accepts, with every property set.</summary>
    public static JsonNode Sample(JsonObject schema)
    {
        if (schema["enum"] is JsonArray values) return values[0]!.DeepClone();
        if ((bool?)schema["x-kubernetes-preserve-unknown-fields"] == true) return "text";
        return (string?)schema["type"] switch
        {
            "boolean" => true,
            "integer" => 7,
            "string" when (string?)schema["format"] == "date-time" => "2026-01-02T03:04:05+00:00",
            "string" when schema["pattern"] is not null => "10m",
            "string" => "text",
            "array" => new JsonArray(Sample(schema["items"]!.AsObject())),
            "object" when schema["additionalProperties"] is JsonObject of => new JsonObject { ["word"] = Sample(of) },
            "object" => new JsonObject(schema["properties"]!.AsObject().Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, Sample(p.Value!.AsObject())))),
            var type => throw new InvalidOperationException($"No sample for type {type}."),
        };
    }
}
