using System.Collections.Concurrent;
using NangoOrleans.Failures;

namespace NangoOrleans.Grains.Tests.Support;

/// <summary>
/// What lies between the operator and the two worlds in memory: every call passes here by name, so that a test can count, hold
/// up, fail or cut off any of them, before or after its effect.
/// </summary>
internal sealed class Wire
{
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<string> _calls = new();

    /// <summary>Names of all calls so far, in order, as <c>what key</c>.</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    /// <summary>Called before the effect; may wait or throw.</summary>
    public Func<string, Task>? Before { get; set; }

    /// <summary>Called after the effect; may wait or throw.</summary>
    public Func<string, Task>? After { get; set; }

    public int Count(string call) => _calls.Count(c => c.StartsWith(call, StringComparison.Ordinal));

    /// <summary>Calls that change something.</summary>
    public int Writes => _calls.Count(c => c.StartsWith("create", StringComparison.Ordinal) || c.StartsWith("update", StringComparison.Ordinal)
        || c.StartsWith("delete", StringComparison.Ordinal) || c.StartsWith("finalizer", StringComparison.Ordinal) || c.StartsWith("status", StringComparison.Ordinal));

    public async Task<T> CallAsync<T>(string call, Func<T> effect)
    {
        _calls.Enqueue(call);
        if (Before is { } before) await before(call);
        var result = Apply(effect);
        if (After is { } after) await after(call);
        return result;
    }

    /// <summary>Something that happens in a world by itself.</summary>
    public T Apply<T>(Func<T> effect)
    {
        lock (_lock) return effect();
    }

    public static FailureException Failing(FailureKind kind, string reason, TimeSpan? retryAfter = null) => new(new Failure(kind, reason, $"It failed: {reason}.", retryAfter));
}
