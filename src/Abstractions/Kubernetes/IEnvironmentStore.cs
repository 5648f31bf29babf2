using NangoOrleans.Failures;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Single-object access to environment objects of both kinds. Throws <see cref="FailureException"/> as <see cref="IIntegrationStore"/> does.</summary>
public interface IEnvironmentStore
{
    /// <summary>Reads an environment object.</summary>
    /// <returns>The object, or null when it does not exist.</returns>
    Task<NangoEnvironment?> GetAsync(EnvironmentId id, CancellationToken cancellationToken);

    /// <summary>Writes the whole status, if the object is still as seen; what others put into it goes.</summary>
    /// <returns>The object as the API server answered; null when it does not exist any more.</returns>
    Task<NangoEnvironment?> ReplaceStatusAsync(NangoEnvironment seen, NangoEnvironmentStatus status, CancellationToken cancellationToken);
}
