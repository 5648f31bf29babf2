namespace NangoOrleans.FakeNango;

/// <summary>What the limiter says about one call.</summary>
internal readonly record struct RateDecision(bool Allowed, int Limit, int Remaining, long ResetEpochSeconds, int RetryAfterSeconds);

/// <summary>Fixed window (60 s in Nango) that starts at the first call; one point per call (nango-api §7).</summary>
internal sealed class RateLimiter(TimeProvider time, int? limitPerMinute, TimeSpan window)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _windowEnd = DateTimeOffset.MinValue;
    private int _used;

    /// <summary>Length of a window.</summary>
    public TimeSpan Window { get; set; } = window;

    public int? LimitPerMinute { get; set; } = limitPerMinute;

    public RateDecision? Take()
    {
        if (LimitPerMinute is not { } limit)
            return null;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (now >= _windowEnd)
            {
                _windowEnd = now + Window;
                _used = 0;
            }
            _used++;
            // Rounded down as in Nango: in the last second a client is told to wait 0 s.
            var retryAfter = (int)(_windowEnd - now).TotalSeconds;
            return new(_used <= limit, limit, Math.Max(0, limit - _used), _windowEnd.ToUnixTimeSeconds(), retryAfter);
        }
    }

    public void Reset()
    {
        lock (_gate)
            _windowEnd = DateTimeOffset.MinValue;
    }
}
