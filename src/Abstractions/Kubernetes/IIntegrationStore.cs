using NangoOrleans.Failures;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>
/// Single-object access to <c>NangoIntegration</c> resources. Every method throws <see cref="FailureException"/>:
/// <see cref="FailureKind.Conflict"/> when the object moved on (409, other uid), <see cref="FailureKind.Transient"/> when the
/// API server cannot answer, <see cref="FailureKind.Terminal"/> when it refuses (403, 422).
/// </summary>
public interface IIntegrationStore
{
    /// <summary>Reads the resource with its inline sensitive values.</summary>
    /// <returns>The resource, or null when it does not exist.</returns>
    Task<NangoIntegration?> GetAsync(IntegrationKey key, CancellationToken cancellationToken);

    /// <summary>Puts our finalizer on (and annotations of our group, if given), if the object is still as seen.</summary>
    /// <returns>The object as the API server answered, with inline sensitive values; null when it does not exist any more.</returns>
    Task<NangoIntegration?> AddFinalizerAsync(NangoIntegration seen, IReadOnlyDictionary<string, string>? annotations, CancellationToken cancellationToken);

    /// <summary>Takes our finalizer off, if the object is still as seen.</summary>
    /// <returns>The object as the API server answered, with inline sensitive values; null when it does not exist any more.</returns>
    Task<NangoIntegration?> RemoveFinalizerAsync(NangoIntegration seen, CancellationToken cancellationToken);

    /// <summary>Writes the whole status, if the object is still as seen; what others put into it goes.</summary>
    /// <returns>The object as the API server answered, with inline sensitive values; null when it does not exist any more.</returns>
    Task<NangoIntegration?> ReplaceStatusAsync(NangoIntegration seen, NangoIntegrationStatus status, CancellationToken cancellationToken);
}
