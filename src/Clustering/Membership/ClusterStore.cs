using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;
using Orleans.Configuration;

namespace NangoOrleans.Clustering.Membership;

/// <summary>Reads and writes the OrleansCluster of this cluster; a write succeeds only on the very object that was read.</summary>
internal sealed class ClusterStore(KubernetesTransport transport, IOptions<ClusterOptions> cluster, IOptions<KubernetesClusteringOptions> options)
{
    private const string ManagerQuery = "?fieldManager=" + NangoApi.FieldManager;

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Orleans ClusterId.</summary>
    public string ClusterId => cluster.Value.ClusterId;

    /// <summary>Namespace and name of the object.</summary>
    public override string ToString() => $"{options.Value.Namespace}/{Name}";

    private string Name => ObjectNames.Cluster(ClusterId);

    private string Path => ResourceType.OrleansClusters.ObjectPath(options.Value.Namespace, Name);

    /// <summary>The object as it stands now: the API server asks its store, never a cache.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when there is none.</returns>
    public async Task<OrleansCluster?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(new(HttpMethod.Get, Path, OrleansApi.ClusterPlural), cancellationToken);
        }
        catch (KubernetesRequestException e) when (e.Error.IsObjectMissing)
        {
            return null;
        }
    }

    /// <summary>Makes the object.</summary>
    /// <param name="spec">Its first content.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when it is there already.</returns>
    public async Task<bool> CreateAsync(OrleansClusterSpec spec, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = OrleansApi.ApiVersion,
            ["kind"] = OrleansApi.ClusterKind,
            ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = options.Value.Namespace },
            ["spec"] = JsonSerializer.SerializeToNode(spec, Json),
        };
        try
        {
            var path = ResourceType.OrleansClusters.CollectionPath(options.Value.Namespace) + ManagerQuery;
            await SendAsync(new(HttpMethod.Post, path, OrleansApi.ClusterPlural) { Body = JsonSerializer.SerializeToUtf8Bytes(body) }, cancellationToken);
            return true;
        }
        catch (KubernetesRequestException e) when (e.Error.Kind is KubernetesErrorKind.AlreadyExists)
        {
            return false;
        }
    }

    /// <summary>Changes the object, unless it changed since it was read.</summary>
    /// <param name="seen">As it was read.</param>
    /// <param name="spec">The new content. Fields of the spec that this version does not know stay as they are.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when it moved on, or is gone.</returns>
    public async Task<bool> ReplaceAsync(OrleansCluster seen, OrleansClusterSpec spec, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = seen.Metadata.ResourceVersion },
            ["spec"] = JsonSerializer.SerializeToNode(spec, Json),
        };
        var request = new KubernetesRequest(HttpMethod.Patch, Path + ManagerQuery, OrleansApi.ClusterPlural)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(body),
            ContentType = MediaTypes.MergePatch,
        };
        try
        {
            await SendAsync(request, cancellationToken);
            return true;
        }
        catch (KubernetesRequestException e) when (e.Error.Kind == KubernetesErrorKind.Conflict || e.Error.IsObjectMissing)
        {
            return false;
        }
    }

    /// <summary>Deletes the object.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await transport.SendAsync(new(HttpMethod.Delete, Path, OrleansApi.ClusterPlural), static _ => true, cancellationToken);
        }
        catch (KubernetesRequestException e) when (e.Error.IsObjectMissing)
        {
            // Somebody else was faster.
        }
    }

    private Task<OrleansCluster> SendAsync(KubernetesRequest request, CancellationToken cancellationToken) =>
        transport.SendAsync(request, static json => JsonSerializer.Deserialize<OrleansCluster>(json, Json)!, cancellationToken);
}
