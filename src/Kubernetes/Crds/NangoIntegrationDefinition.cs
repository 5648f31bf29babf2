using System.ComponentModel;
using System.Reflection;
using System.Text.Json.Nodes;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes.Crds;

/// <summary>The CustomResourceDefinition of <see cref="NangoIntegration"/>.</summary>
internal static class NangoIntegrationDefinition
{
    private const string App = "APP", ClientId = "client_id", ClientSecret = "client_secret", SecretRef = "secret_ref";

    /// <summary>A new tree of the whole definition.</summary>
    public static JsonObject Create() => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = $"{NangoApi.IntegrationPlural}.{NangoApi.Group}" },
        ["spec"] = new JsonObject
        {
            ["group"] = NangoApi.Group,
            ["scope"] = "Namespaced",
            ["names"] = new JsonObject
            {
                ["kind"] = NangoApi.IntegrationKind,
                ["listKind"] = $"{NangoApi.IntegrationKind}List",
                ["plural"] = NangoApi.IntegrationPlural,
                ["singular"] = "nangointegration",
                ["shortNames"] = new JsonArray("ni"),
                ["categories"] = new JsonArray("nango"),
            },
            ["versions"] = new JsonArray(new JsonObject
            {
                ["name"] = NangoApi.Version,
                ["served"] = true,
                ["storage"] = true,
                ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
                ["selectableFields"] = new JsonArray(
                    new JsonObject { ["jsonPath"] = ".spec.provider" },
                    new JsonObject { ["jsonPath"] = ".spec.unique_key" }),
                ["additionalPrinterColumns"] = Columns(),
                ["schema"] = new JsonObject { ["openAPIV3Schema"] = Schema() },
            }),
        },
    };

    private static JsonArray Columns() => new(
        Column("Key", ".spec.unique_key", "Key under which Nango knows the integration"),
        Column("Provider", ".spec.provider", "Provider in Nango's catalogue"),
        Column("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether Nango agrees with the resource"),
        Column("Status", ".status.status", "Pending, Created, Failed, Deleting, Suspended or Conflict"),
        Column("Age", ".metadata.creationTimestamp", "Time since the resource was created", type: "date"),
        Column("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is or is not ready", wide: true),
        Column("Environment", ".status.environment.base_url", "The Nango server it was last applied to", wide: true),
        Column("Updated", ".status.last_updated", "Time since the status last changed", type: "date", wide: true));

    private static JsonObject Column(string name, string path, string description, string type = "string", bool wide = false)
    {
        var column = new JsonObject { ["name"] = name, ["type"] = type, ["description"] = description, ["jsonPath"] = path };
        if (wide) column["priority"] = 1;
        return column;
    }

    private static JsonObject Schema()
    {
        var spec = SchemaGenerator.Property(typeof(NangoIntegration), nameof(NangoIntegration.Spec));
        RequireCredentialFields(spec["properties"]!["credentials"]!.AsObject());
        ExcludeEnvironmentRefWithCredential(spec);
        var status = SchemaGenerator.Property(typeof(NangoIntegration), nameof(NangoIntegration.Status));

        // Generic tools take an object without status for finished; this one says that nobody has looked yet.
        status["default"] = new JsonObject { ["observedGeneration"] = -1 };
        return new()
        {
            ["description"] = typeof(NangoIntegration).GetCustomAttribute<DescriptionAttribute>()!.Description,
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = Text("Group and version of this representation: nango.nango.dev/v1alpha1."),
                ["kind"] = Text("NangoIntegration."),
                ["metadata"] = new JsonObject { ["type"] = "object" },
                ["spec"] = spec,
                ["status"] = status,
            },
        };
    }

    // client_id and client_secret together suffice for every type here, because the original CRD asked for just these
    // and existing objects must stay valid; what else a type needs is checked by the operator. Written as two
    // implications, because of a failed anyOf the server reports one branch only: the one that looked at most
    // properties, and of equals the first. So the branch that names the missing fields comes first and looks at type.
    private static void RequireCredentialFields(JsonObject credentials) => credentials["allOf"] = new JsonArray(
        AnyOf(
            Required([ClientId, ClientSecret], AnyText()),
            Required([SecretRef]),
            Required([], new JsonObject { ["enum"] = new JsonArray(App) })),
        AnyOf(
            Required(["app_id", "app_link", "private_key"], AnyText()),
            Required([ClientId, ClientSecret]),
            Required([SecretRef]),
            Required([], new JsonObject { ["not"] = new JsonObject { ["enum"] = new JsonArray(App) } })));

    private static JsonObject AnyOf(params JsonNode[] branches) => new() { ["anyOf"] = new JsonArray(branches) };

    private static JsonObject Required(string[] fields, JsonObject? type = null)
    {
        var branch = new JsonObject();
        if (fields.Length > 0) branch["required"] = new JsonArray([.. fields.Select(field => (JsonNode)field)]);
        if (type is not null) branch["properties"] = new JsonObject { ["type"] = type };
        return branch;
    }

    private static JsonObject AnyText() => new() { ["minLength"] = 0 };

    // "not: {}" refuses any value, so the server's message names the field; "not: {required: …}" would name only spec.
    private static void ExcludeEnvironmentRefWithCredential(JsonObject spec) => spec["anyOf"] = new JsonArray(
        Absent("nango_token", "nango_base_url"),
        Absent("environment_ref"));

    private static JsonObject Absent(params string[] fields) => new()
    {
        ["properties"] = new JsonObject(fields.Select(field =>
            KeyValuePair.Create<string, JsonNode?>(field, new JsonObject { ["not"] = new JsonObject() }))),
    };

    private static JsonObject Text(string description) => new() { ["description"] = description, ["type"] = "string" };
}
