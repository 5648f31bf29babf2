using System.Text.Json.Nodes;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes.Crds;

/// <summary>The CustomResourceDefinitions of both kinds of <see cref="NangoEnvironment"/>; they differ in scope and in two fields.</summary>
internal static class NangoEnvironmentDefinition
{
    /// <summary>New trees of the namespaced and of the cluster-wide kind.</summary>
    public static IReadOnlyList<JsonObject> CreateBoth() =>
    [
        Definition.Create(new(NangoApi.EnvironmentKind, NangoApi.EnvironmentPlural, "ne", IsNamespaced: true), Columns(), Namespaced()),
        Definition.Create(new(NangoApi.ClusterEnvironmentKind, NangoApi.ClusterEnvironmentPlural, "cne", IsNamespaced: false), Columns(), ClusterScoped()),
    ];

    private static JsonArray Columns() => new(
        Definition.Column("Server", ".spec.base_url", "Base URL of the Nango server"),
        Definition.Column("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether integrations can use it"),
        Definition.Column("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it can or cannot be used"),
        Definition.Column("Integrations", ".status.integrations.declared", "Number of integrations that refer to it", type: "integer"),
        Definition.Column("Age", ".metadata.creationTimestamp", "Time since the object was created", type: "date"),
        Definition.Column("In-Sync", ".status.integrations.ready", "Number of integrations that Nango agrees with", type: "integer", wide: true),
        Definition.Column("Failed", ".status.integrations.failed", "Number of integrations that failed", type: "integer", wide: true),
        Definition.Column("Limit", ".status.observed_limit", "Requests a minute that Nango allows", type: "integer", wide: true),
        Definition.Column("Updated", ".status.last_updated", "Time since the status last changed", type: "date", wide: true));

    private static JsonObject Namespaced()
    {
        var spec = Spec();
        spec["properties"]!.AsObject().Remove("allowed_namespaces");
        SecretKey(spec)["properties"]!.AsObject().Remove("namespace");
        return Schema("NangoEnvironment is a Nango environment for the integrations of its own namespace.", NangoApi.EnvironmentKind, spec);
    }

    private static JsonObject ClusterScoped()
    {
        var spec = Spec();
        SecretKey(spec)["required"]!.AsArray().Add("namespace");
        return Schema("ClusterNangoEnvironment is a Nango environment for the integrations of the namespaces it allows.", NangoApi.ClusterEnvironmentKind, spec);
    }

    private static JsonObject Schema(string description, string kind, JsonObject spec)
    {
        var schema = Definition.Schema(description, kind, spec, SchemaGenerator.Property(typeof(NangoEnvironment), nameof(NangoEnvironment.Status)));
        schema.Insert(2, "required", new JsonArray("spec"));
        return schema;
    }

    private static JsonObject Spec() => SchemaGenerator.Property(typeof(NangoEnvironment), nameof(NangoEnvironment.Spec));

    private static JsonObject SecretKey(JsonObject spec) =>
        spec["properties"]!["token"]!["properties"]!["secretKeyRef"]!.AsObject();
}
