using System.Text.Json;
using System.Text.Json.Nodes;
using NangoOrleans.Failures;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Single-object reads and writes of <see cref="NangoIntegration"/> resources. Every write carries the resourceVersion seen.</summary>
/// <param name="transport">Connection to the API server.</param>
public sealed class IntegrationStore(KubernetesTransport transport) : IIntegrationStore
{
    private const string ManagerQuery = "?fieldManager=" + NangoApi.FieldManager;

    /// <inheritdoc/>
    public Task<NangoIntegration?> GetAsync(IntegrationKey key, CancellationToken cancellationToken) =>
        SendAsync(new(HttpMethod.Get, PathOf(key.Namespace, key.Name), NangoApi.IntegrationPlural), cancellationToken);

    /// <inheritdoc/>
    public Task<NangoIntegration?> AddFinalizerAsync(
        NangoIntegration seen, IReadOnlyDictionary<string, string>? annotations, CancellationToken cancellationToken)
    {
        IEnumerable<string> finalizers = seen.HasFinalizer ? seen.Metadata.Finalizers : [.. seen.Metadata.Finalizers, NangoApi.Finalizer];
        return PatchMetadataAsync(seen, finalizers, annotations, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<NangoIntegration?> RemoveFinalizerAsync(NangoIntegration seen, CancellationToken cancellationToken)
    {
        var others = seen.Metadata.Finalizers.Where(f => !string.Equals(f, NangoApi.Finalizer, StringComparison.Ordinal));
        return PatchMetadataAsync(seen, others, null, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<NangoIntegration?> ReplaceStatusAsync(NangoIntegration seen, NangoIntegrationStatus status, CancellationToken cancellationToken) =>
        SendAsync(StatusPatch.Of(ResourceType.NangoIntegrations, seen.Metadata, status), cancellationToken);

    private Task<NangoIntegration?> PatchMetadataAsync(
        NangoIntegration seen, IEnumerable<string> finalizers, IReadOnlyDictionary<string, string>? annotations, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject
        {
            ["uid"] = seen.Metadata.Uid,
            ["resourceVersion"] = seen.Metadata.ResourceVersion,
            ["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)f)]),
        };
        if (annotations is { Count: > 0 })
            metadata["annotations"] = new JsonObject(annotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value)));
        return SendAsync(
            new(HttpMethod.Patch, PathOf(seen.Metadata.Namespace, seen.Metadata.Name) + ManagerQuery, NangoApi.IntegrationPlural)
            {
                Body = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["metadata"] = metadata }),
                ContentType = MediaTypes.MergePatch,
            },
            cancellationToken);
    }

    private async Task<NangoIntegration?> SendAsync(KubernetesRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.SendAsync(request, NangoIntegrationParser.Parse, cancellationToken);
        }
        catch (KubernetesRequestException e) when (e.Error.IsObjectMissing)
        {
            return null;
        }
        catch (KubernetesRequestException e)
        {
            throw new FailureException(StoreFailures.From(e.Error, request), e);
        }
    }

    private static string PathOf(string @namespace, string name) => ResourceType.NangoIntegrations.ObjectPath(@namespace, name);
}
