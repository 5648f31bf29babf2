namespace NangoOrleans.Watching;

/// <summary>When which environment is compared with Nango. Not thread-safe: one loop uses it.</summary>
/// <param name="chance">Uniform in [0, 1): spreads the passes of environments and of operators.</param>
/// <param name="goesOn">True when another schedule ran until a moment ago: the passes that it would have made next are somewhere in the interval.</param>
internal sealed class DriftSchedule(Func<double> chance, bool goesOn = false)
{
    // Either way of the interval.
    private const double Jitter = 0.1;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private bool _started;

    /// <summary>
    /// The environments whose turn has come. In the first call that is all of them, unless this schedule goes on where another ended:
    /// what happened while nobody watched is unknown.
    /// </summary>
    /// <param name="environments">The environments in use, with their intervals.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<(string Key, TimeSpan Every, DateTimeOffset? Previous)> TakeDue(IReadOnlyDictionary<string, TimeSpan> environments, DateTimeOffset now)
    {
        foreach (var gone in _entries.Keys.Where(key => !environments.ContainsKey(key)).ToList()) _entries.Remove(gone);
        List<(string, TimeSpan, DateTimeOffset?)> due = [];
        foreach (var (key, every) in environments)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                var factor = NextFactor();
                // Once started: its first resource has just been applied.
                _entries[key] = entry = new Entry(_started ? now : null, factor, !_started && goesOn ? now + (every * factor * chance()) : null);
            }

            if (entry.NotBefore is { } wait ? now < wait : entry.Previous is { } previous && now < previous + (every * entry.Factor)) continue;
            due.Add((key, every, entry.Previous));
            _entries[key] = new Entry(now, NextFactor());
        }

        _started = true;
        return due;
    }

    /// <summary>A pass that came to nothing is made up for.</summary>
    /// <param name="key">The environment.</param>
    /// <param name="previous">When it was last compared before; null when never.</param>
    /// <param name="notBefore">When to try again.</param>
    public void TryAgain(string key, DateTimeOffset? previous, DateTimeOffset notBefore)
    {
        if (_entries.TryGetValue(key, out var entry)) _entries[key] = entry with { Previous = previous, NotBefore = notBefore };
    }

    private double NextFactor() => 1 - Jitter + (2 * Jitter * chance());

    private sealed record Entry(DateTimeOffset? Previous, double Factor, DateTimeOffset? NotBefore = null);
}
