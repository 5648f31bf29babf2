using NangoOrleans.Failures;

namespace NangoOrleans.Kubernetes;

/// <summary>Looks at the definition of the resource itself.</summary>
public interface IDefinitionReader
{
    /// <summary>True when the CRD of <c>NangoIntegration</c> is being deleted, and with it every resource.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="FailureException">The API server cannot answer.</exception>
    Task<bool> IsBeingDeletedAsync(CancellationToken cancellationToken);
}
