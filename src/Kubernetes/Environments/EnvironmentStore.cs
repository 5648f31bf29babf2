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
    public Task<NangoEnvironment?> ReplaceStatusAsync(NangoEnvironment seen, NangoEnvironmentStatus status, CancellationToken cancellationToken) =>
        SendAsync(StatusPatch.Of(ResourceType.EnvironmentsOf(seen.Id), seen.Metadata, status), cancellationToken);

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
