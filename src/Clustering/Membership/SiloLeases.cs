using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;
using Orleans.Configuration;

namespace NangoOrleans.Clustering.Membership;

/// <summary>The last sign of life of one silo.</summary>
/// <param name="Name">Name of the Lease.</param>
/// <param name="ResourceVersion">As read.</param>
/// <param name="Holder">Address of the silo, generation included.</param>
/// <param name="AliveAt">When it was last alive.</param>
internal sealed record SiloLease(string Name, string ResourceVersion, string Holder, DateTimeOffset AliveAt);

/// <summary>One Lease for each silo, so that a sign of life does not touch the table and collides with nothing.</summary>
internal sealed class SiloLeases(KubernetesTransport transport, IOptions<ClusterOptions> cluster, IOptions<KubernetesClusteringOptions> options)
{
    private const string Leases = "leases", TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private readonly ConcurrentDictionary<string, string?> _podUids = new(StringComparer.Ordinal);

    private string Label => ObjectNames.ClusterLabel(cluster.Value.ClusterId);

    /// <summary>All Leases of the cluster.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IReadOnlyList<SiloLease>> ListAsync(CancellationToken cancellationToken)
    {
        var path = $"{ResourceType.Leases.CollectionPath(options.Value.Namespace)}?labelSelector={Uri.EscapeDataString($"{OrleansApi.ClusterLabel}={Label}")}";
        return transport.SendAsync<IReadOnlyList<SiloLease>>(new(HttpMethod.Get, path, Leases), static json => Parse(json), cancellationToken);
    }

    /// <summary>Writes a sign of life.</summary>
    /// <param name="siloName">Name of the silo.</param>
    /// <param name="address">Its address, generation included: a Lease left by its predecessor says nothing about it.</param>
    /// <param name="aliveAt">When.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RenewAsync(string siloName, string address, DateTimeOffset aliveAt, CancellationToken cancellationToken)
    {
        var name = ObjectNames.Lease(siloName);
        var metadata = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = options.Value.Namespace,
            ["labels"] = new JsonObject { [OrleansApi.ClusterLabel] = Label },
        };
        if (await FindPodAsync(siloName, cancellationToken) is { } uid)
        {
            metadata["ownerReferences"] = new JsonArray(
                new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = siloName, ["uid"] = uid });
        }

        var body = new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = address,
                ["renewTime"] = aliveAt.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
            },
        };
        var path = $"{ResourceType.Leases.ObjectPath(options.Value.Namespace, name)}?fieldManager={NangoApi.FieldManager}&force=true";
        var request = new KubernetesRequest(HttpMethod.Patch, path, Leases) { Body = JsonSerializer.SerializeToUtf8Bytes(body), ContentType = MediaTypes.ApplyPatch };
        await transport.SendAsync(request, static _ => true, cancellationToken);
    }

    /// <summary>Deletes a Lease, unless it was renewed since it was read.</summary>
    /// <param name="lease">As it was read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task DeleteAsync(SiloLease lease, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["preconditions"] = new JsonObject { ["resourceVersion"] = lease.ResourceVersion },
        };
        var path = ResourceType.Leases.ObjectPath(options.Value.Namespace, lease.Name);
        try
        {
            await transport.SendAsync(new(HttpMethod.Delete, path, Leases) { Body = JsonSerializer.SerializeToUtf8Bytes(body) }, static _ => true, cancellationToken);
        }
        catch (KubernetesRequestException e) when (e.Error.IsObjectMissing || e.Error.Kind == KubernetesErrorKind.Conflict)
        {
            // Gone already, or alive again.
        }
    }

    // A reference to a Pod that does not exist would have the garbage collector delete the Lease, so the Pod is read first.
    private async Task<string?> FindPodAsync(string name, CancellationToken cancellationToken)
    {
        if (_podUids.TryGetValue(name, out var known)) return known;
        if (!ObjectNames.IsPodName(name)) return null;
        try
        {
            var request = new KubernetesRequest(HttpMethod.Get, ResourceType.Pods.ObjectPath(options.Value.Namespace, name), "pods") { Accept = MediaTypes.MetadataObject };
            return _podUids[name] = await transport.SendAsync(request, static json => JsonSerializer.Deserialize<OrleansCluster>(json)!.Metadata.Uid, cancellationToken);
        }
        catch (KubernetesRequestException e) when (e.Error.IsObjectMissing || e.Error.Kind == KubernetesErrorKind.Forbidden)
        {
            // A silo outside of a pod, or without the right to look: its Lease is removed by the clean-up instead.
            return _podUids[name] = null;
        }
    }

    private static IReadOnlyList<SiloLease> Parse(ReadOnlySpan<byte> json) =>
    [
        .. (JsonSerializer.Deserialize<LeaseList>(json)!.Items ?? [])
            .Where(lease => lease.Spec is { Holder: not null, RenewTime: not null })
            .Select(lease => new SiloLease(lease.Metadata.Name, lease.Metadata.ResourceVersion, lease.Spec!.Holder!, lease.Spec.RenewTime!.Value)),
    ];

    private sealed record LeaseList([property: JsonPropertyName("items")] IReadOnlyList<Lease>? Items);

    private sealed record Lease([property: JsonPropertyName("metadata")] ObjectMetadata Metadata, [property: JsonPropertyName("spec")] LeaseSpec? Spec);

    private sealed record LeaseSpec(
        [property: JsonPropertyName("holderIdentity")] string? Holder,
        [property: JsonPropertyName("renewTime")] DateTimeOffset? RenewTime);
}
