using System.Text.Json.Nodes;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes.Crds;

/// <summary>The CustomResourceDefinition of <see cref="OrleansCluster"/>. It has no status subresource: the table is one thing, written by one request.</summary>
internal static class OrleansClusterDefinition
{
    /// <summary>A new tree of the whole definition.</summary>
    public static JsonObject Create() => Definition.Create(
        new(OrleansApi.ClusterKind, OrleansApi.ClusterPlural, "oc", IsNamespaced: true) { Group = OrleansApi.Group, HasStatus = false },
        new JsonArray(
            Definition.Column("Cluster", ".spec.cluster_id", "Orleans ClusterId"),
            Definition.Column("Version", ".spec.version", "Version of the membership table", type: "integer"),
            Definition.Column("Age", ".metadata.creationTimestamp", "Time since the object was created", type: "date")),
        Schema());

    private static JsonObject Schema()
    {
        var spec = SchemaGenerator.Property(typeof(OrleansCluster), nameof(OrleansCluster.Spec));
        var schema = Definition.Schema(
            "OrleansCluster is the list by which the operator's silos find each other. Leave it alone while silos run.", OrleansApi.ApiVersion, OrleansApi.ClusterKind, spec);
        schema.Insert(2, "required", new JsonArray("spec"));
        return schema;
    }
}
