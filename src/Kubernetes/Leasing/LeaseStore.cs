using System.Text.Json;
using System.Text.Json.Nodes;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes.Leasing;

/// <summary>Reads one Lease, and writes it only over the version that was read.</summary>
internal sealed class LeaseStore(KubernetesTransport transport, string @namespace, string name, TimeSpan timeout)
{
    private const string Resource = "leases";
    private const string ManagerQuery = "?fieldManager=" + NangoApi.FieldManager;

    private static readonly ResourceType Leases = new("coordination.k8s.io", "v1", Resource);

    /// <summary>The Lease, or null where there is none.</summary>
    public async Task<StoredLease?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await transport.SendAsync(
                new(HttpMethod.Get, Leases.ObjectPath(@namespace, name), Resource) { Timeout = timeout }, StoredLease.Parse, cancellationToken);
        }
        catch (KubernetesRequestException e) when (e.Error.IsObjectMissing)
        {
            return null;
        }
    }

    /// <summary>Writes the record, or returns null when the Lease is no longer what <paramref name="seen"/> says.</summary>
    /// <param name="seen">The Lease as last read; null creates it.</param>
    /// <param name="record">What it shall say.</param>
    /// <param name="cancellationToken">Gives up; the write may still happen.</param>
    public async Task<StoredLease?> WriteAsync(StoredLease? seen, LeaseRecord record, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.SendAsync(seen is null ? Creation(record) : Change(seen, record), StoredLease.Parse, cancellationToken);
        }
        catch (KubernetesRequestException e) when (IsLostRace(e.Error, seen))
        {
            return null;
        }
    }

    // A creation that is answered 404 lacks its namespace: that is a failure like any other.
    private static bool IsLostRace(KubernetesError error, StoredLease? seen) =>
        error.Kind is KubernetesErrorKind.Conflict or KubernetesErrorKind.AlreadyExists || (seen is not null && error.IsObjectMissing);

    private KubernetesRequest Creation(LeaseRecord record)
    {
        var lease = new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
            ["spec"] = record.ToJson(),
        };
        return new(HttpMethod.Post, Leases.CollectionPath(@namespace) + ManagerQuery, Resource)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(lease),
            Timeout = timeout,
        };
    }

    // A merge patch leaves labels and whatever else people put there alone; the resourceVersion makes it a compare-and-swap.
    private KubernetesRequest Change(StoredLease seen, LeaseRecord record)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = seen.ResourceVersion },
            ["spec"] = record.ToJson(),
        };
        return new(HttpMethod.Patch, Leases.ObjectPath(@namespace, name) + ManagerQuery, Resource)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(patch),
            ContentType = MediaTypes.MergePatch,
            Timeout = timeout,
        };
    }
}
