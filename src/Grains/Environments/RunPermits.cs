using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>
/// The permits of one run. A run that needs several requests takes their permits together: if each were taken when its turn comes, as many
/// runs as the window has requests could begin at once, use it up with their first one, start anew in the next, and none would ever end.
/// </summary>
public sealed class RunPermits : IDisposable
{
    private readonly Queue<RequestPermit> _held = new();
    private string? _environmentKey;

    /// <summary>Takes a permit: one that is held already, or the first of several.</summary>
    /// <param name="permits">Where they come from.</param>
    /// <param name="endpoint">The environment.</param>
    /// <param name="turn">On whose behalf.</param>
    /// <param name="foreseen">How many requests the run may need from here on, this one included.</param>
    /// <returns>Dispose it when the request is over.</returns>
    /// <exception cref="Failures.FailureException">Throttled.</exception>
    public async ValueTask<RequestPermit> TakeAsync(EnvironmentPermits permits, NangoEndpoint endpoint, RequestTurn turn, int foreseen)
    {
        if (!string.Equals(_environmentKey, endpoint.EnvironmentKey, StringComparison.Ordinal)) Dispose();
        _environmentKey = endpoint.EnvironmentKey;
        if (_held.TryDequeue(out var held)) return held;
        foreach (var taken in await permits.TakeAsync(endpoint, turn, foreseen)) _held.Enqueue(taken);
        return _held.Dequeue();
    }

    /// <summary>Gives back what was not used.</summary>
    public void Dispose()
    {
        while (_held.TryDequeue(out var unused)) unused.Dispose();
    }
}
