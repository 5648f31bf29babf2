using System.Globalization;
using System.Net.Http.Headers;

namespace NangoOrleans.Nango;

/// <summary>How long a 429 asks to wait.</summary>
internal static class RetryDelay
{
    /// <summary>Nango rounds down to whole seconds: 0 in the last second of its window.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    /// <summary>No header, however wrong, silences an environment for longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Reads the headers.</summary>
    /// <param name="headers">Of the answer.</param>
    /// <param name="now">The caller's clock, used where the answer has no Date.</param>
    /// <returns>The wait; null when the headers do not say.</returns>
    public static TimeSpan? Read(HttpResponseHeaders headers, DateTimeOffset now)
    {
        // Points in time are the server's, so they are compared with the server's clock.
        var clock = headers.Date ?? now;
        TimeSpan? wait = headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - clock,
            _ => Reset(headers) is { } reset ? reset - clock : null,
        };
        return wait is { } known ? TimeSpan.FromTicks(Math.Clamp(known.Ticks, 0, (Longest - Rounding).Ticks)) + Rounding : null;
    }

    private static DateTimeOffset? Reset(HttpResponseHeaders headers) =>
        headers.TryGetValues("X-RateLimit-Reset", out var values)
        && long.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
