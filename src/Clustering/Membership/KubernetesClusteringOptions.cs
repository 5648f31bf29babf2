namespace NangoOrleans.Clustering.Membership;

/// <summary>Where the silos of a cluster meet.</summary>
public sealed class KubernetesClusteringOptions
{
    /// <summary>Namespace of the OrleansCluster and of the silos' Leases. Default <c>default</c>.</summary>
    public string Namespace { get; set; } = "default";
}
