using System.Text.Json;
using NangoOrleans.Failures;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>
/// Asks whether the CRD is being deleted. Those who ask while a question is under way share the next one: its answer is never
/// older than what made them ask, and ten thousand deletions cost a few hundred questions.
/// </summary>
/// <param name="transport">Connection to the API server.</param>
public sealed class DefinitionReader(KubernetesTransport transport) : IDefinitionReader
{
    private const string Definitions = "customresourcedefinitions";
    private const string Name = NangoApi.IntegrationPlural + "." + NangoApi.Group;

    private readonly Lock _lock = new();
    private Task<bool>? _current, _next;

    /// <inheritdoc/>
    public Task<bool> IsBeingDeletedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _next ??= AskAfterAsync(_current);
            return _next.WaitAsync(cancellationToken);
        }
    }

    private async Task<bool> AskAfterAsync(Task<bool>? before)
    {
        // Never runs on under the lock of the one who asks first.
        await Task.Yield();
        if (before is not null) await ((Task)before).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock) (_current, _next) = (_next, null);
        return await AskAsync();
    }

    // Shared by many, so bound to the request's own time limit and not to one of them.
    private async Task<bool> AskAsync()
    {
        var path = new ResourceType("apiextensions.k8s.io", "v1", Definitions).ObjectPath(null, Name);
        var request = new KubernetesRequest(HttpMethod.Get, path, Definitions) { Accept = MediaTypes.MetadataObject };
        try
        {
            return await transport.SendAsync(request, static json => HasDeletionTimestamp(json), CancellationToken.None);
        }
        catch (KubernetesRequestException e) when (e.Error.Kind is KubernetesErrorKind.Forbidden or KubernetesErrorKind.NotFound)
        {
            // An operator confined to namespaces need not have this right: then a deletion is taken for what it says.
            return false;
        }
        catch (KubernetesRequestException e)
        {
            throw new FailureException(StoreFailures.From(e.Error, request), e);
        }
    }

    private static bool HasDeletionTimestamp(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var found = JsonElement.ParseValue(ref reader);
        return found.TryGetProperty("metadata", out var metadata)
            && metadata.TryGetProperty("deletionTimestamp", out var time) && time.ValueKind == JsonValueKind.String;
    }
}
