using System.Text.Json.Nodes;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes.Crds;

/// <summary>What tells our kinds apart.</summary>
/// <param name="Kind">Kind.</param>
/// <param name="Plural">Plural, as in its URL.</param>
/// <param name="ShortName">For kubectl.</param>
/// <param name="IsNamespaced">False for a cluster-scoped kind.</param>
internal sealed record DefinitionNames(string Kind, string Plural, string ShortName, bool IsNamespaced)
{
    /// <summary>API group; also its category for <c>kubectl get</c>, up to the first dot.</summary>
    public string Group { get; init; } = NangoApi.Group;

    /// <summary>False for a kind without the status subresource.</summary>
    public bool HasStatus { get; init; } = true;
}

/// <summary>The parts that all our CustomResourceDefinitions have in common.</summary>
internal static class Definition
{
    /// <summary>A new tree of a whole definition.</summary>
    /// <param name="names">Names and scope.</param>
    /// <param name="columns">Columns of <c>kubectl get</c>.</param>
    /// <param name="schema">OpenAPI schema of the object.</param>
    /// <param name="selectable">Paths for <c>--field-selector</c>.</param>
    public static JsonObject Create(DefinitionNames names, JsonArray columns, JsonObject schema, params IReadOnlyList<string> selectable)
    {
        var version = new JsonObject
        {
            ["name"] = NangoApi.Version,
            ["served"] = true,
            ["storage"] = true,
        };
        if (names.HasStatus) version["subresources"] = new JsonObject { ["status"] = new JsonObject() };
        if (selectable.Count > 0) version["selectableFields"] = new JsonArray([.. selectable.Select(path => (JsonNode)new JsonObject { ["jsonPath"] = path })]);
        version["additionalPrinterColumns"] = columns;
        version["schema"] = new JsonObject { ["openAPIV3Schema"] = schema };
        return new()
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{names.Plural}.{names.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = names.Group,
                ["scope"] = names.IsNamespaced ? "Namespaced" : "Cluster",
                ["names"] = new JsonObject
                {
                    ["kind"] = names.Kind,
                    ["listKind"] = $"{names.Kind}List",
                    ["plural"] = names.Plural,
                    ["singular"] = names.Kind.ToLowerInvariant(),
                    ["shortNames"] = new JsonArray(names.ShortName),
                    ["categories"] = new JsonArray(names.Group.Split('.')[0]),
                },
                ["versions"] = new JsonArray(version),
            },
        };
    }

    /// <summary>Schema of an object with spec and status.</summary>
    /// <param name="description">Text for <c>kubectl explain</c>.</param>
    /// <param name="kind">Kind.</param>
    /// <param name="spec">Schema of the spec.</param>
    /// <param name="status">Schema of the status.</param>
    public static JsonObject Schema(string description, string kind, JsonObject spec, JsonObject status)
    {
        // Generic tools take an object without status for finished; this one says that nobody has looked yet.
        status["default"] = new JsonObject { ["observedGeneration"] = -1 };
        var schema = Schema(description, NangoApi.ApiVersion, kind, spec);
        schema["properties"]!["status"] = status;
        return schema;
    }

    /// <summary>Schema of an object without status.</summary>
    /// <param name="description">Text for <c>kubectl explain</c>.</param>
    /// <param name="apiVersion">Group and version.</param>
    /// <param name="kind">Kind.</param>
    /// <param name="spec">Schema of the spec.</param>
    public static JsonObject Schema(string description, string apiVersion, string kind, JsonObject spec) => new()
    {
        ["description"] = description,
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["apiVersion"] = Text($"Group and version of this representation: {apiVersion}."),
            ["kind"] = Text($"{kind}."),
            ["metadata"] = new JsonObject { ["type"] = "object" },
            ["spec"] = spec,
        },
    };

    /// <summary>A column of <c>kubectl get</c>.</summary>
    public static JsonObject Column(string name, string path, string description, string type = "string", bool wide = false)
    {
        var column = new JsonObject { ["name"] = name, ["type"] = type, ["description"] = description, ["jsonPath"] = path };
        if (wide) column["priority"] = 1;
        return column;
    }

    private static JsonObject Text(string description) => new() { ["description"] = description, ["type"] = "string" };
}
