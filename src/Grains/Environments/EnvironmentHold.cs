using System.Collections.Concurrent;
using NangoOrleans.Failures;

namespace NangoOrleans.Environments;

/// <summary>
/// What Nango asked everybody to wait for, by environment: one 429 holds all resources of the silo that use it, instead of
/// each finding out by itself.
/// </summary>
public sealed class EnvironmentHold(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);

    /// <summary>Throws while an environment is held.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <exception cref="FailureException">Throttled, with the rest of the wait.</exception>
    public void ThrowIfHeld(string environmentKey)
    {
        if (!_until.TryGetValue(environmentKey, out var until)) return;
        var rest = until - time.GetUtcNow();
        if (rest > TimeSpan.Zero)
            throw new FailureException(new Failure(FailureKind.Throttled, Reasons.RateLimited, "Nango's request limit is used up; waiting for its next window.", rest));
        _until.TryRemove(new KeyValuePair<string, DateTimeOffset>(environmentKey, until));
    }

    /// <summary>Holds an environment.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="wait">As Nango's answer said.</param>
    public void Hold(string environmentKey, TimeSpan wait)
    {
        var until = time.GetUtcNow() + wait;
        _until.AddOrUpdate(environmentKey, until, (_, other) => other > until ? other : until);
    }
}
