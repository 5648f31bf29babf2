using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>The one way from a run to Nango: with a permit of the environment, which is told how the call ended, and its catalogue at hand.</summary>
public sealed class EnvironmentAccess(INangoClientFactory clients, EnvironmentPermits permits, ProviderCatalogue catalogue)
{
    /// <summary>Makes one call, as soon as the environment's budget allows it.</summary>
    /// <param name="endpoint">The environment.</param>
    /// <param name="turn">On whose behalf.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="FailureException">As the call, or throttled.</exception>
    public Task<T> CallAsync<T>(NangoEndpoint endpoint, RequestTurn turn, Func<INangoClient, Task<T>> call) => CallAsync(endpoint, turn, null, 1, call);

    /// <summary>Makes one call of a run that may need more.</summary>
    /// <param name="endpoint">The environment.</param>
    /// <param name="turn">On whose behalf.</param>
    /// <param name="run">The permits of the run; null for a call by itself.</param>
    /// <param name="foreseen">How many calls the run may need from here on, this one included.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="FailureException">As the call, or throttled.</exception>
    public async Task<T> CallAsync<T>(NangoEndpoint endpoint, RequestTurn turn, RunPermits? run, int foreseen, Func<INangoClient, Task<T>> call)
    {
        using var permit = run is null ? await permits.TakeAsync(endpoint, turn) : await run.TakeAsync(permits, endpoint, turn, foreseen);
        try
        {
            var answer = await call(clients.Create(endpoint));
            permit.Answered();
            return answer;
        }
        catch (FailureException e)
        {
            permit.Failed(e.Failure);
            throw;
        }
    }

    /// <summary>The provider as the environment's server knows it.</summary>
    /// <param name="endpoint">The environment.</param>
    /// <param name="turn">On whose behalf.</param>
    /// <param name="provider">Name of the provider.</param>
    /// <param name="cancellationToken">Stops waiting; a look-up shared with others goes on.</param>
    /// <exception cref="FailureException">Terminal <see cref="Reasons.UnknownProvider"/>, with the nearest names; or the look-up failed.</exception>
    public Task<NangoProvider> GetProviderAsync(NangoEndpoint endpoint, RequestTurn turn, string provider, CancellationToken cancellationToken) =>
        catalogue.GetAsync(endpoint.EnvironmentKey, provider, () => LookUpAsync(endpoint, turn, provider), cancellationToken);

    /// <summary>Nango's limit as its answers to this silo showed it; null when none did.</summary>
    /// <param name="endpoint">The environment.</param>
    public int? LimitOf(NangoEndpoint endpoint) => permits.LimitOf(endpoint);

    // Not bound to the caller's cancellation: others wait for the same answer. The client's own timeout bounds it.
    private async Task<(NangoProvider? Found, IReadOnlyList<string> Names)> LookUpAsync(NangoEndpoint endpoint, RequestTurn turn, string provider)
    {
        var found = await CallAsync(endpoint, turn, client => client.GetProviderAsync(provider, CancellationToken.None));
        return found is not null ? (found, []) : (null, await CallAsync(endpoint, turn, client => client.ListProviderNamesAsync(CancellationToken.None)));
    }
}
