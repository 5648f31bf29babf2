using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>
/// The request budget of one environment: Nango's fixed window as its answers show it, less a reserve for the customer's own traffic,
/// less what silos were promised and Nango has not counted yet. Errs on the side of too little. Not thread-safe.
/// </summary>
/// <param name="reservePercent">Share of the limit that is left to others.</param>
public sealed class RequestWindow(int reservePercent)
{
    /// <summary>Unused permits lapse, so that a silo that died or fell idle does not keep them from the others.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(10);

    /// <summary>Permits at a time while no limit is known: the grain must not be a bottleneck then.</summary>
    public const int FreeBatch = 1024;

    private static readonly TimeSpan FreeValidity = TimeSpan.FromMinutes(1);

    // Others hold what is left, and will have used it or let it lapse soon.
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, (int Count, DateTimeOffset Until)> _held = new(StringComparer.Ordinal);
    private int? _limit;
    private int _remaining;
    private long _window;
    private DateTimeOffset? _endsAt;

    /// <summary>Grants permits, as far as the budget goes.</summary>
    /// <param name="request">Who asks, and what it has seen.</param>
    /// <param name="now">The time.</param>
    public PermitLease Lease(PermitRequest request, DateTimeOffset now)
    {
        if (request.Reading is { } reading) Observe(reading, now);
        if (_limit is not { } limit) return new PermitLease { Granted = FreeBatch, ValidFor = FreeValidity };

        Roll(limit, now);
        foreach (var lapsed in _held.Where(held => held.Value.Until <= now).Select(held => held.Key).ToList()) _held.Remove(lapsed);
        _held.Remove(request.Holder);
        var others = _held.Values.Sum(held => held.Count);
        var left = _remaining - Reserve(limit) - request.UnderWay;
        var granted = Math.Clamp(left - others, 0, request.Wanted);
        // A limit may be so small that it never allows what is asked for.
        var useful = Math.Clamp(request.AtLeast, 1, limit - Reserve(limit));
        if (granted < useful) granted = 0;
        var until = now + Validity;
        if (_endsAt < until) until = _endsAt.Value;
        if (granted + request.UnderWay > 0) _held[request.Holder] = (granted + request.UnderWay, until);
        return granted > 0
            ? new PermitLease { Granted = granted, ValidFor = until - now, IsLimited = true }
            : new PermitLease { NotBefore = left >= useful || _endsAt is null ? ShortWait : _endsAt.Value - now, IsLimited = true };
    }

    private void Observe(RateLimitReading reading, DateTimeOffset now)
    {
        // Answers overtake each other: an older window says nothing any more, and within one the count only falls.
        if (_limit is not null && reading.Window < _window) return;
        if (_limit is null || reading.Window > _window)
        {
            (_window, _remaining) = (reading.Window, reading.Remaining);
        }
        else if (_endsAt is null)
        {
            // The last answers of a window that is over by now.
            return;
        }
        else
        {
            _remaining = Math.Min(_remaining, reading.Remaining);
            if (_endsAt < now + reading.ResetsIn) return;
        }

        (_limit, _endsAt) = (reading.Limit, now + reading.ResetsIn);
    }

    // The next window begins with its first request; until an answer tells more, it is whole.
    private void Roll(int limit, DateTimeOffset now)
    {
        if (_endsAt is not { } end || end > now) return;
        (_remaining, _endsAt) = (limit, null);
    }

    // Whatever the share, one request at least must be possible.
    private int Reserve(int limit) => (int)Math.Min(limit - 1, (((long)limit * reservePercent) + 99) / 100);
}
