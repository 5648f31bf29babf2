using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>The one way from a run to Nango: through the hold, the request budget and the breaker of the environment, with its catalogue at hand.</summary>
public sealed class EnvironmentAccess(INangoClientFactory clients, EnvironmentHold hold, EnvironmentPermits permits, EnvironmentBreaker breaker, ProviderCatalogue catalogue)
{
    /// <summary>Makes one call, unless the environment is held; a 429 holds it for everybody.</summary>
    /// <param name="endpoint">The environment.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="FailureException">As the call, or throttled.</exception>
    public Task<T> CallAsync<T>(NangoEndpoint endpoint, Func<INangoClient, Task<T>> call) => CallAsync(endpoint, null, 1, call);

    /// <summary>Makes one call of a run that may need more.</summary>
    /// <param name="endpoint">The environment.</param>
    /// <param name="run">The permits of the run; null for a call by itself.</param>
    /// <param name="foreseen">How many calls the run may need from here on, this one included.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="FailureException">As the call, or throttled.</exception>
    public async Task<T> CallAsync<T>(NangoEndpoint endpoint, RunPermits? run, int foreseen, Func<INangoClient, Task<T>> call)
    {
        using var permit = run is null ? await permits.TakeAsync(endpoint.EnvironmentKey) : await run.TakeAsync(permits, endpoint.EnvironmentKey, foreseen);
        try
        {
            return await breaker.ExecuteAsync(endpoint.EnvironmentKey, () => call(clients.Create(endpoint)));
        }
        catch (FailureException e) when (e.Failure is { Kind: FailureKind.Throttled, Reason: Reasons.RateLimited, RetryAfter: { } wait })
        {
            hold.Hold(endpoint.EnvironmentKey, wait);
            throw;
        }
    }

    /// <summary>The provider as the environment's server knows it.</summary>
    /// <param name="endpoint">The environment.</param>
    /// <param name="provider">Name of the provider.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<NangoProvider> GetProviderAsync(NangoEndpoint endpoint, string provider, CancellationToken cancellationToken) =>
        // What is known already must not use up the budget.
        await catalogue.FindAsync(endpoint.EnvironmentKey, provider) ?? await CallAsync(endpoint, client => catalogue.GetAsync(endpoint.EnvironmentKey, provider, client, cancellationToken));
}
