using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>
/// This silo's share of the request budgets: permits are leased in batches from the environment's grain and taken one by one here.
/// </summary>
public sealed class EnvironmentPermits : IRateLimitObserver
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "NangoOrleans.Environments";

    // Leases of two silos must not be taken for one another's; a restarted silo is another one.
    private readonly string _holder = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<string, PermitPool> _pools = new(StringComparer.Ordinal);
    private readonly IEnvironmentGrains _grains;
    private readonly EnvironmentHold _hold;
    private readonly TimeProvider _time;

    /// <summary>Permits of this silo.</summary>
    /// <param name="grains">Where batches come from.</param>
    /// <param name="hold">Holds an environment whose budget is used up.</param>
    /// <param name="time">The clock.</param>
    /// <param name="meters">Where figures go; null for nowhere.</param>
    public EnvironmentPermits(IEnvironmentGrains grains, EnvironmentHold hold, TimeProvider time, IMeterFactory? meters = null)
    {
        (_grains, _hold, _time) = (grains, hold, time);
        if (meters?.Create(MeterName) is not { } meter) return;
        meter.CreateObservableGauge("nango.ratelimit.remaining", () => Measure(reading => reading.Remaining), "{request}", "Requests that Nango last said are left in its window.");
        meter.CreateObservableGauge("nango.ratelimit.limit", () => Measure(reading => reading.Limit), "{request}", "Nango's limit of requests in a window of 60 s.");
    }

    /// <summary>Takes a permit for one request.</summary>
    /// <param name="endpoint">The environment.</param>
    /// <param name="turn">On whose behalf.</param>
    /// <returns>Dispose it when the request is over.</returns>
    /// <exception cref="FailureException">Throttled: the environment is held, or its budget is used up.</exception>
    public async ValueTask<RequestPermit> TakeAsync(NangoEndpoint endpoint, RequestTurn turn) => (await TakeAsync(endpoint, turn, 1))[0];

    /// <summary>Takes the permits of several requests: one at least, and the others as far as they are at hand. While no limit is known only one, since more can be had then.</summary>
    /// <param name="endpoint">The environment.</param>
    /// <param name="turn">On whose behalf.</param>
    /// <param name="count">How many.</param>
    /// <returns>Dispose each when its request is over, or will not be made.</returns>
    /// <exception cref="FailureException">Throttled: the environment is held, or its budget is used up.</exception>
    public ValueTask<IReadOnlyList<RequestPermit>> TakeAsync(NangoEndpoint endpoint, RequestTurn turn, int count) => Pool(endpoint).TakeAsync(turn, endpoint.Limits, count);

    /// <summary>Nango's limit as this silo last saw it; null when it did not.</summary>
    /// <param name="endpoint">The environment.</param>
    public int? LimitOf(NangoEndpoint endpoint) => Pool(endpoint).Reading?.Limit;

    /// <inheritdoc/>
    public void Observe(NangoEndpoint endpoint, RateLimitReading reading) => Pool(endpoint).Observe(reading);

    private PermitPool Pool(NangoEndpoint endpoint) =>
        _pools.GetOrAdd(endpoint.EnvironmentKey, key => new PermitPool(key, _holder, _grains, _hold, _time));

    private IEnumerable<Measurement<int>> Measure(Func<RateLimitReading, int> value)
    {
        foreach (var (key, pool) in _pools)
        {
            if (pool.Reading is { } reading) yield return new Measurement<int>(value(reading), new KeyValuePair<string, object?>("environment", key));
        }
    }
}
