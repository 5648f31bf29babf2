using System.Collections.Concurrent;
using NangoOrleans.Failures;

namespace NangoOrleans.Environments;

/// <summary>
/// What this silo was told to wait for, by environment: a 429, a used-up budget or an open circuit holds all resources of the silo that
/// use it, instead of each finding out by itself.
/// </summary>
public sealed class EnvironmentHold(TimeProvider time)
{
    /// <summary>What is told while Nango's limit is used up.</summary>
    public const string Message = "Nango's request limit is used up; waiting for its next window.";

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Throws while an environment is held.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <exception cref="FailureException">Throttled, with the rest of the wait.</exception>
    public void ThrowIfHeld(string environmentKey)
    {
        if (Find(environmentKey) is { } held) throw new FailureException(held);
    }

    /// <summary>Why an environment is held, with the rest of the wait; null when it is not.</summary>
    /// <param name="environmentKey">Key of the environment; null is never held.</param>
    public Failure? Find(string? environmentKey)
    {
        if (environmentKey is null || !_entries.TryGetValue(environmentKey, out var entry)) return null;
        var now = time.GetUtcNow();
        if (now < entry.Until) return entry.Failure with { RetryAfter = entry.RetryAt - now };
        _entries.TryRemove(new KeyValuePair<string, Entry>(environmentKey, entry));
        return null;
    }

    /// <summary>Holds an environment for as long as its limit asks.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="wait">As Nango's answer or the budget said.</param>
    public void Hold(string environmentKey, TimeSpan wait) =>
        Hold(environmentKey, new Failure(FailureKind.Throttled, Reasons.RateLimited, Message, wait), wait);

    /// <summary>Holds an environment.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="failure">What resources are told; says when they come back.</param>
    /// <param name="wait">After that the environment's grain is asked again; at most the wait of the failure.</param>
    public void Hold(string environmentKey, Failure failure, TimeSpan wait)
    {
        var now = time.GetUtcNow();
        var entry = new Entry(now + wait, now + (failure.RetryAfter is { } retry && retry > wait ? retry : wait), failure);
        _entries.AddOrUpdate(environmentKey, entry, (_, other) => other.Until > entry.Until ? other : entry);
    }

    private sealed record Entry(DateTimeOffset Until, DateTimeOffset RetryAt, Failure Failure);
}
