using System.Globalization;
using System.Net.Http.Headers;

namespace NangoOrleans.Nango;

/// <summary>The headers by which Nango shows its request limit; every answer after authentication has them while the limiter is on.</summary>
internal static class RateLimitHeaders
{
    /// <summary>Nango's window; nothing that claims to end later is believed.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    /// <summary>Both the end of the window and the Date header are rounded down to whole seconds.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    /// <summary>Reads them.</summary>
    /// <param name="headers">Of an answer.</param>
    /// <param name="now">The caller's clock, used where the answer has no Date.</param>
    /// <returns>What they say; null when one is missing or is no number.</returns>
    public static RateLimitReading? Read(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (Number(headers, "X-RateLimit-Limit") is not (> 0 and <= int.MaxValue and var limit)) return null;
        if (Number(headers, "X-RateLimit-Remaining") is not (>= 0 and <= int.MaxValue and var remaining)) return null;
        if (Number(headers, "X-RateLimit-Reset") is not { } reset || reset > DateTimeOffset.MaxValue.ToUnixTimeSeconds()) return null;
        // The end is a point on the server's clock, so it is compared with that.
        var left = DateTimeOffset.FromUnixTimeSeconds(reset) - (headers.Date ?? now);
        return new RateLimitReading((int)limit, (int)Math.Min(remaining, limit), reset, TimeSpan.FromTicks(Math.Clamp(left.Ticks, 0, Window.Ticks)) + Rounding);
    }

    private static long? Number(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) && long.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
