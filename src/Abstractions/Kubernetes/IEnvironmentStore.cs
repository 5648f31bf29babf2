using NangoOrleans.Failures;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Single-object access to environment objects of both kinds. Throws <see cref="FailureException"/> as <see cref="IIntegrationStore"/> does.</summary>
public interface IEnvironmentStore
{
    /// <summary>Reads an environment object.</summary>
    /// <returns>The object, or null when it does not exist.</returns>
    Task<NangoEnvironment?> GetAsync(EnvironmentId id, CancellationToken cancellationToken);

    /// <summary>Writes the whole status by server-side apply, if the object is still as seen.</summary>
    /// <returns>The object as the API server answered; null when it does not exist any more.</returns>
    Task<NangoEnvironment?> ApplyStatusAsync(NangoEnvironment seen, NangoEnvironmentStatus status, CancellationToken cancellationToken);
}
