using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>Turns a credential reference into an endpoint, by the same rules that hold for a single resource.</summary>
public interface ICredentialReader
{
    /// <summary>Reads the token now.</summary>
    /// <param name="credential">Where it stands.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="FailureException">It is not there, may not be used, or its base URL is not allowed; transient when Kubernetes does not answer.</exception>
    Task<NangoEndpoint> ReadAsync(EnvironmentCredential credential, CancellationToken cancellationToken);
}
