using System.Security.Cryptography;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Resources;

namespace NangoOrleans.Testing.ApiServer.Discovery;

/// <summary>OpenAPI v3, as far as kubectl reads it: schemas for <c>explain</c>, and the fieldValidation parameter that <c>apply</c> looks for.</summary>
internal sealed class OpenApiDocuments(ResourceCatalog catalog)
{
    private const string MetadataName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    public JsonObject Index()
    {
        var paths = new JsonObject();
        foreach (var root in catalog.All.Select(type => type.Root.TrimStart('/')).Distinct())
        {
            var hash = Convert.ToHexString(SHA256.HashData(JsonTree.Serialize(Document(root))));
            paths[root] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{root}?hash={hash}" };
        }

        return new JsonObject { ["paths"] = paths };
    }

    /// <summary>The document of one group and version (<c>api/v1</c>, <c>apis/coordination.k8s.io/v1</c>), or null.</summary>
    public JsonObject? Document(string root)
    {
        var types = catalog.All.Where(type => type.Root == "/" + root).ToArray();
        if (types.Length == 0)
        {
            return null;
        }

        var (paths, schemas) = (new JsonObject(), new JsonObject { [MetadataName] = Metadata() });
        foreach (var type in types)
        {
            var collection = type.Root + (type.Namespaced ? "/namespaces/{namespace}" : "") + "/" + type.Plural;
            paths[collection] = Operations(type, ("get", "list"), ("post", "post"));
            paths[collection + "/{name}"] = Operations(type, ("get", "get"), ("put", "put"), ("patch", "patch"), ("delete", "delete"));
            schemas[SchemaName(type)] = SchemaOf(type);
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Development API server (a test double)", ["version"] = "v1" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject Operations(ResourceType type, params (string Method, string Action)[] actions)
    {
        var operations = new JsonObject();
        foreach (var (method, action) in actions)
        {
            operations[method] = new JsonObject
            {
                ["operationId"] = $"{action}{type.Group}{type.Version}{type.Kind}",
                ["parameters"] = new JsonArray([.. ((string[])["dryRun", "fieldManager", "fieldValidation"]).Select(name => (JsonNode)new JsonObject
                {
                    ["name"] = name,
                    ["in"] = "query",
                    ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
                })]),
                ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
                ["x-kubernetes-action"] = action,
                ["x-kubernetes-group-version-kind"] = Kind(type),
            };
        }

        return operations;
    }

    private static JsonObject SchemaOf(ResourceType type)
    {
        var schema = type.PublishedSchema?.Clone() ?? new JsonObject
        {
            ["type"] = "object",
            ["description"] = $"{type.Kind}. The development API server stores it without a schema.",
            ["x-kubernetes-preserve-unknown-fields"] = true,
        };
        if (schema.Object("properties") is not { } properties)
        {
            properties = [];
            schema["properties"] = properties;
        }

        properties["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = "APIVersion defines the versioned schema of this representation of an object." };
        properties["kind"] = new JsonObject { ["type"] = "string", ["description"] = "Kind is a string value representing the REST resource this object represents." };
        properties["metadata"] = new JsonObject
        {
            ["description"] = "Standard object's metadata.",
            ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = "#/components/schemas/" + MetadataName }),
        };
        schema["x-kubernetes-group-version-kind"] = new JsonArray(Kind(type));
        return schema;
    }

    private static JsonObject Metadata()
    {
        JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };
        JsonObject Texts(string description) => new()
        {
            ["type"] = "object",
            ["description"] = description,
            ["additionalProperties"] = new JsonObject { ["type"] = "string" },
        };
        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = "ObjectMeta is metadata that all persisted resources must have.",
            ["properties"] = new JsonObject
            {
                ["name"] = Text("Name must be unique within a namespace."),
                ["generateName"] = Text("A prefix that the server completes when no name is given."),
                ["namespace"] = Text("The space within which the name must be unique."),
                ["labels"] = Texts("Keys and values to select objects by."),
                ["annotations"] = Texts("Keys and values that tools keep with the object."),
                ["finalizers"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" }, ["description"] = "The object is not removed before this list is empty." },
                ["resourceVersion"] = Text("Changes with every change of the object."),
                ["uid"] = Text("Differs between objects of the same name that succeed each other."),
                ["generation"] = new JsonObject { ["type"] = "integer", ["format"] = "int64", ["description"] = "Counts changes of the desired state." },
                ["creationTimestamp"] = Text("When the object was created."),
                ["deletionTimestamp"] = Text("When deletion was asked for."),
            },
        };
    }

    private static JsonObject Kind(ResourceType type) => new() { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind };

    private static string SchemaName(ResourceType type) =>
        string.Join('.', type.Group.Split('.').Reverse().Append(type.Version).Append(type.Kind).Where(part => part.Length > 0));
}
