using System.Collections.Concurrent;
using NangoOrleans.Failures;

namespace NangoOrleans.Environments;

/// <summary>
/// What Nango asked everybody to wait for, by environment: one 429 holds all resources of the silo that use it, instead of
/// each finding out by itself.
/// </summary>
public sealed class EnvironmentHold(TimeProvider time)
{
    /// <summary>What is told while an environment is held.</summary>
    public const string Message = "Nango's request limit is used up; waiting for its next window.";

    private readonly ConcurrentDictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);

    /// <summary>Throws while an environment is held.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <exception cref="FailureException">Throttled, with the rest of the wait.</exception>
    public void ThrowIfHeld(string environmentKey)
    {
        if (Remaining(environmentKey) is { } rest)
            throw new FailureException(new Failure(FailureKind.Throttled, Reasons.RateLimited, Message, rest));
    }

    /// <summary>The rest of the wait; null when the environment is not held.</summary>
    /// <param name="environmentKey">Key of the environment; null is never held.</param>
    public TimeSpan? Remaining(string? environmentKey)
    {
        if (environmentKey is null || !_until.TryGetValue(environmentKey, out var until)) return null;
        var rest = until - time.GetUtcNow();
        if (rest > TimeSpan.Zero) return rest;
        _until.TryRemove(new KeyValuePair<string, DateTimeOffset>(environmentKey, until));
        return null;
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
