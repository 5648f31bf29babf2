namespace NangoOrleans.Kubernetes;

/// <summary>Exponential backoff with full-step jitter, as client-go's reflector has it: factor 2, jitter 1.0.</summary>
internal sealed class FeedBackoff(FeedOptions options, Random random)
{
    public int Failures { get; private set; }

    /// <summary>The next wait; never shorter than the server asked for.</summary>
    public TimeSpan Next(TimeSpan? retryAfter)
    {
        // 2^20 is beyond any limit and still far from an overflow.
        var step = options.BackoffStart * Math.Pow(2, Math.Min(Failures++, 20));
        var wait = (step < options.BackoffLimit ? step : options.BackoffLimit) * (1 + random.NextDouble());
        return retryAfter is { } asked && asked > wait ? asked : wait;
    }

    public void Reset() => Failures = 0;
}
