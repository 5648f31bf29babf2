using System.Text.Json;
using NangoOrleans.Failures;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Single-object reads and status writes of both kinds of environment object.</summary>
/// <param name="transport">Connection to the API server.</param>
public sealed class EnvironmentStore(KubernetesTransport transport) : IEnvironmentStore
{
    /// <inheritdoc/>
    public Task<NangoEnvironment?> GetAsync(EnvironmentId id, CancellationToken cancellationToken)
    {
        var type = ResourceType.EnvironmentsOf(id);
        if (!ResourceType.IsObjectName(id.Name)) return Task.FromResult<NangoEnvironment?>(null);
        return SendAsync(new(HttpMethod.Get, type.ObjectPath(id.Namespace, id.Name), type.Plural), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<NangoEnvironment?> ApplyStatusAsync(NangoEnvironment seen, NangoEnvironmentStatus status, CancellationToken cancellationToken)
    {
        var (id, type) = (seen.Id, ResourceType.EnvironmentsOf(seen.Id));
        var metadata = new StatusApplyMetadata(id.Name, id.IsClusterScoped ? null : id.Namespace, seen.Metadata.Uid, seen.Metadata.ResourceVersion);
        var body = new StatusApply<NangoEnvironmentStatus>(NangoApi.ApiVersion, id.Kind, metadata, status);
        var path = $"{type.ObjectPath(id.Namespace, id.Name, "status")}?fieldManager={NangoApi.FieldManager}&force=true";
        return SendAsync(
            new(HttpMethod.Patch, path, $"{type.Plural}/status")
            {
                Body = JsonSerializer.SerializeToUtf8Bytes(body, KubernetesJson.Options),
                ContentType = MediaTypes.ApplyPatch,
            },
            cancellationToken);
    }

    private async Task<NangoEnvironment?> SendAsync(KubernetesRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.SendAsync(request, NangoEnvironmentParser.Parse, cancellationToken);
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
}
