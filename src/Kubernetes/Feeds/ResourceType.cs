using System.Text;

namespace NangoOrleans.Kubernetes;

/// <summary>A kind of resource as its URL names it.</summary>
/// <param name="Group">API group; empty for core.</param>
/// <param name="Version">API version.</param>
/// <param name="Plural">Plural name.</param>
public sealed record ResourceType(string Group, string Version, string Plural)
{
    /// <summary><c>nangointegrations.nango.nango.dev/v1alpha1</c>.</summary>
    public static ResourceType NangoIntegrations { get; } =
        new(Resources.NangoApi.Group, Resources.NangoApi.Version, Resources.NangoApi.IntegrationPlural);

    /// <summary><c>nangoenvironments.nango.nango.dev/v1alpha1</c>.</summary>
    public static ResourceType NangoEnvironments { get; } =
        new(Resources.NangoApi.Group, Resources.NangoApi.Version, Resources.NangoApi.EnvironmentPlural);

    /// <summary><c>clusternangoenvironments.nango.nango.dev/v1alpha1</c>.</summary>
    public static ResourceType ClusterNangoEnvironments { get; } =
        new(Resources.NangoApi.Group, Resources.NangoApi.Version, Resources.NangoApi.ClusterEnvironmentPlural);

    /// <summary><c>orleansclusters.orleans.nango.dev/v1alpha1</c>.</summary>
    public static ResourceType OrleansClusters { get; } =
        new(Resources.OrleansApi.Group, Resources.OrleansApi.Version, Resources.OrleansApi.ClusterPlural);

    /// <summary>Leases.</summary>
    public static ResourceType Leases { get; } = new("coordination.k8s.io", "v1", "leases");

    /// <summary>Core Pods.</summary>
    public static ResourceType Pods { get; } = new("", "v1", "pods");

    /// <summary>Core Namespaces.</summary>
    public static ResourceType Namespaces { get; } = new("", "v1", "namespaces");

    /// <summary>Core Secrets.</summary>
    public static ResourceType Secrets { get; } = new("", "v1", "secrets");

    /// <summary>The kind of an environment object.</summary>
    /// <param name="id">Which object.</param>
    public static ResourceType EnvironmentsOf(Resources.EnvironmentId id) => id.IsClusterScoped ? ClusterNangoEnvironments : NangoEnvironments;

    /// <summary>Path of the API version, for instance <c>/apis/nango.nango.dev/v1alpha1</c>.</summary>
    public string VersionPath => Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";

    /// <summary>Path of the collection.</summary>
    /// <param name="namespace">Namespace; null for the whole cluster.</param>
    public string CollectionPath(string? @namespace) => string.IsNullOrEmpty(@namespace)
        ? $"{VersionPath}/{Plural}"
        : $"{VersionPath}/namespaces/{Uri.EscapeDataString(@namespace)}/{Plural}";

    /// <summary>Path of one object, or of a subresource of it.</summary>
    /// <param name="namespace">Namespace; null or empty for cluster-scoped kinds.</param>
    /// <param name="name">Name of the object.</param>
    /// <param name="subresource">For instance <c>status</c>; null for the object itself.</param>
    public string ObjectPath(string? @namespace, string name, string? subresource = null)
    {
        var path = new StringBuilder(CollectionPath(@namespace)).Append('/').Append(Uri.EscapeDataString(name));
        if (subresource is not null) path.Append('/').Append(subresource);
        return path.ToString();
    }
}
