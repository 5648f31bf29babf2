using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <summary>Makes clients; connections are shared by all clients of one process.</summary>
public interface INangoClientFactory
{
    /// <summary>A client for one environment. Cheap: call it for each run.</summary>
    /// <param name="endpoint">Where and as whom. The base URL must have been checked by <c>BaseUrlPolicy</c>.</param>
    INangoClient Create(NangoEndpoint endpoint);
}

/// <summary>
/// Nango's REST API for integrations, as observed of the real server. Every method throws <see cref="FailureException"/> with one
/// of the four kinds; "not there" and "already there" are ordinary answers, not failures. No answer's body reaches a message.
/// </summary>
public interface INangoClient
{
    /// <summary><c>GET /integrations/{uniqueKey}</c>.</summary>
    /// <param name="uniqueKey">Nango's key.</param>
    /// <param name="includeCredentials">Ask for credentials (and the webhook URL) too.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The integration; null when it does not exist.</returns>
    Task<RemoteIntegration?> GetAsync(string uniqueKey, bool includeCredentials, CancellationToken cancellationToken);

    /// <summary><c>GET /integrations/{uniqueKey}</c> without credentials, with the time of the answer by Nango's own clock.</summary>
    Task<IntegrationLookUp> LookUpAsync(string uniqueKey, CancellationToken cancellationToken);

    /// <summary><c>GET /integrations</c>: all of the environment, without credentials.</summary>
    Task<IReadOnlyList<RemoteIntegration>> ListAsync(CancellationToken cancellationToken);

    /// <summary><c>POST /integrations</c>.</summary>
    /// <returns>The new integration; null when the key exists already (Nango answers 400 for that).</returns>
    Task<RemoteIntegration?> CreateAsync(CreateIntegration request, CancellationToken cancellationToken);

    /// <summary><c>PATCH /integrations/{uniqueKey}</c>.</summary>
    /// <returns>The integration after the change; null when it does not exist.</returns>
    Task<RemoteIntegration?> UpdateAsync(string uniqueKey, UpdateIntegration request, CancellationToken cancellationToken);

    /// <summary><c>DELETE /integrations/{uniqueKey}</c>.</summary>
    /// <returns>True when it was there.</returns>
    Task<bool> DeleteAsync(string uniqueKey, CancellationToken cancellationToken);

    /// <summary><c>GET /connections?integrationId=</c>: number of end users' connections, counted up to one page (2,000).</summary>
    /// <returns>The count; null when the key may not list connections (403).</returns>
    Task<int?> CountConnectionsAsync(string uniqueKey, CancellationToken cancellationToken);

    /// <summary><c>GET /providers/{provider}</c>.</summary>
    /// <returns>The provider; null when the catalogue lacks it.</returns>
    Task<NangoProvider?> GetProviderAsync(string provider, CancellationToken cancellationToken);

    /// <summary><c>GET /providers</c>: names only, for suggestions.</summary>
    Task<IReadOnlyList<string>> ListProviderNamesAsync(CancellationToken cancellationToken);
}
