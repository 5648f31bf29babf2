namespace NangoOrleans.Nango;

/// <summary>Told of the request limit that Nango's answers show. Called on every such answer, so it must be quick and must not throw.</summary>
public interface IRateLimitObserver
{
    /// <summary>Takes in what an answer said.</summary>
    /// <param name="endpoint">The environment that was asked.</param>
    /// <param name="reading">What its answer said.</param>
    void Observe(NangoEndpoint endpoint, RateLimitReading reading);
}

/// <summary>The request limit as an answer showed it (X-RateLimit-Limit, -Remaining, -Reset).</summary>
/// <param name="Limit">Requests in one window of 60 s, for the whole account.</param>
/// <param name="Remaining">Requests left in this window.</param>
/// <param name="Window">Which window: the end as Nango writes it, in seconds since 1970 by its own clock.</param>
/// <param name="ResetsIn">Time until it ends, rounded up, since Nango rounds down.</param>
[GenerateSerializer, Immutable, Alias("nango.RateLimitReading")]
public sealed record RateLimitReading(
    [property: Id(0)] int Limit, [property: Id(1)] int Remaining, [property: Id(2)] long Window, [property: Id(3)] TimeSpan ResetsIn);
