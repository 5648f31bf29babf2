namespace NangoOrleans.Resources;

/// <summary>The names of the objects by which silos find each other (docs/reference.md).</summary>
public static class OrleansApi
{
    /// <summary>API group.</summary>
    public const string Group = "orleans.nango.dev";

    /// <summary>The only served version.</summary>
    public const string Version = "v1alpha1";

    /// <summary>Group and version as they stand in <c>apiVersion</c>.</summary>
    public const string ApiVersion = Group + "/" + Version;

    /// <summary>Kind of the membership table.</summary>
    public const string ClusterKind = "OrleansCluster";

    /// <summary>Plural of the membership table, as in its URL.</summary>
    public const string ClusterPlural = "orleansclusters";

    /// <summary>Label of every Lease of a silo: the cluster it belongs to.</summary>
    public const string ClusterLabel = Group + "/cluster";

    /// <summary>Beginning of the name of a silo's Lease; the silo's name follows.</summary>
    public const string SiloLeasePrefix = "nango-silo-";
}
