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
    public static JsonObject Create() => Definition.Create(
        new(NangoApi.IntegrationKind, NangoApi.IntegrationPlural, "ni", IsNamespaced: true),
        Columns(),
        Schema(),
        [".spec.provider", ".spec.unique_key"]);

    private static JsonArray Columns() => new(
        Definition.Column("Key", ".spec.unique_key", "Key under which Nango knows the integration"),
        Definition.Column("Provider", ".spec.provider", "Provider in Nango's catalogue"),
        Definition.Column("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether Nango agrees with the resource"),
        Definition.Column("Status", ".status.status", "Pending, Created, Failed, Deleting, Suspended or Conflict"),
        Definition.Column("Age", ".metadata.creationTimestamp", "Time since the resource was created", type: "date"),
        Definition.Column("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is or is not ready", wide: true),
        Definition.Column("Environment", ".status.environment.base_url", "The Nango server it was last applied to", wide: true),
        Definition.Column("Updated", ".status.last_updated", "Time since the status last changed", type: "date", wide: true));

    private static JsonObject Schema()
    {
        var spec = SchemaGenerator.Property(typeof(NangoIntegration), nameof(NangoIntegration.Spec));
        RequireCredentialFields(spec["properties"]!["credentials"]!.AsObject());
        ExcludeEnvironmentRefWithCredential(spec);
        var status = SchemaGenerator.Property(typeof(NangoIntegration), nameof(NangoIntegration.Status));

        return Definition.Schema(typeof(NangoIntegration).GetCustomAttribute<DescriptionAttribute>()!.Description, NangoApi.IntegrationKind, spec, status);
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
}
