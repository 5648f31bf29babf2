using NangoOrleans.Nango;

namespace NangoOrleans.Environments.Budget;

/// <summary>
/// The requests of one environment that may be made in Nango's window: its count as its answers show it, less a reserve for the customer's
/// own traffic, less what silos were promised and Nango has not counted yet. Errs on the side of too little. Not thread-safe.
/// </summary>
/// <param name="reservePercent">Share of the limit that is left to others, unless the environment object says otherwise.</param>
public sealed class RequestWindow(int reservePercent)
{
    /// <summary>Permits at a time where Nango has no limit: the grain must not be a bottleneck then.</summary>
    public const int FreeBatch = 1024;

    /// <summary>Permits of one silo until an answer has told whether there is a limit.</summary>
    public const int FirstBatch = 4;

    /// <summary>How long a promise counts while no window is known.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(10);

    /// <summary>Others hold what is left, and will have used it or given it back soon.</summary>
    public static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(1);

    // Of all silos together; the first answer is a matter of milliseconds.
    private const int FirstRequests = 2 * FirstBatch;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100), FreeValidity = TimeSpan.FromMinutes(1), OwnWindow = TimeSpan.FromMinutes(1);

    // Requests that were under way when a window ended may count in the next one.
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(2);

    // A server whose limiter was switched off shows no limit any more.
    private static readonly TimeSpan Outdated = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, Promise> _promises = new(StringComparer.Ordinal);
    private readonly PermitShares _shares = new();
    private RequestLimits? _limits;
    private bool _isUnlimited;
    private int? _limit;
    private int _remaining, _spent;
    private long _window;
    private DateTimeOffset? _endsAt;
    private DateTimeOffset _readAt;

    /// <summary>Nango's limit; null while none is known.</summary>
    public int? Limit => _limit;

    /// <summary>Requests left, as Nango last said.</summary>
    public int Remaining => _remaining;

    /// <summary>End of the window; null when none has begun.</summary>
    public DateTimeOffset? EndsAt => _endsAt;

    /// <summary>What the environment object says.</summary>
    public RequestLimits? Limits => _limits;

    /// <summary>Requests promised to silos.</summary>
    public int Outstanding => _promises.Values.Sum(promise => promise.Count);

    /// <summary>Namespaces that wait.</summary>
    public int Waiting => _shares.Count;

    /// <summary>Requests that are left to others. Whatever the share, one request at least must be possible.</summary>
    public int Reserve => _limit is { } limit ? (int)Math.Min(limit - 1, (((long)limit * (_limits?.ReservePercent ?? reservePercent)) + 99) / 100) : 0;

    /// <summary>Takes in what a silo tells; nothing is granted.</summary>
    /// <param name="request">Who asks, and what it has seen.</param>
    /// <param name="now">The time.</param>
    public void Observe(PermitRequest request, DateTimeOffset now)
    {
        if (request.Limits is { } limits && limits.Generation >= (_limits?.Generation ?? 0)) _limits = limits;
        if (request.Reading is { } reading) Observe(reading, now);
        else if (request.Calls is { ShowsNoLimit: true } && (_limit is null || now - _readAt > Outdated)) (_isUnlimited, _limit) = (true, null);
        Roll(now);
        foreach (var lapsed in _promises.Where(promise => promise.Value.Until <= now).Select(promise => promise.Key).ToList()) _promises.Remove(lapsed);
        if (_promises.Remove(request.Holder, out var settled)) _spent += Math.Max(0, settled.Granted - request.Returned);
        if (request.UnderWay > 0) _promises[request.Holder] = new Promise(0, request.UnderWay, Until(now));
        // Those sent away come back a moment after the window has ended.
        _shares.Tell(request.Holder, request.Demand ?? DemandOf(request), (_endsAt ?? now) + ShortWait + Afterwards, now);
    }

    /// <summary>Grants permits, as far as the budget goes and as the others leave them; <see cref="Observe(PermitRequest, DateTimeOffset)"/> comes first.</summary>
    /// <param name="request">Who asks.</param>
    /// <param name="now">The time.</param>
    public PermitLease Lease(PermitRequest request, DateTimeOffset now)
    {
        if (_limit is null && !_isUnlimited) return First(request, now);
        if (_limit is null && _limits?.RequestsPerMinute is null)
        {
            _shares.Forget(request.Holder);
            return new PermitLease { Granted = FreeBatch, ValidFor = FreeValidity };
        }

        var (left, free) = Count(request);
        var (changes, checks) = _shares.Take(request.Holder, Math.Max(0, free));
        // In advance only while there is plenty: what lies unused in one silo is missing in another.
        var waiting = request.Demand?.Sum(demand => demand.Waiting) ?? request.Wanted;
        var spare = changes + checks == waiting ? Math.Clamp((free - waiting - _shares.Claimed) / 8, 0, Math.Max(0, request.Wanted - waiting)) : 0;
        var granted = changes + checks + spare;
        if (granted == 0) return new PermitLease { NotBefore = left > 0 || _endsAt is null ? ShortWait : _endsAt.Value - now, IsLimited = true, Floor = Reserve };
        return Promised(request, granted, now) with { ForChecks = checks };
    }

    /// <summary>Grants a single permit, whoever else waits.</summary>
    /// <param name="request">Who asks.</param>
    /// <param name="now">The time.</param>
    /// <returns>The permit; null when the budget has none.</returns>
    public PermitLease? LeaseOne(PermitRequest request, DateTimeOffset now) => Count(request).Free > 0 ? Promised(request, 1, now) : null;

    private PermitLease Promised(PermitRequest request, int granted, DateTimeOffset now)
    {
        if (_limit is null) _endsAt ??= now + OwnWindow;
        _promises[request.Holder] = new Promise(granted, request.UnderWay, Until(now));
        return new PermitLease { Granted = granted, ValidFor = _endsAt is { } end ? end - now : Validity, IsLimited = true, Floor = Reserve };
    }

    // What is left by the count alone, and what of it is not promised to others.
    private (int Left, int Free) Count(PermitRequest request)
    {
        var others = _promises.Where(promise => promise.Key != request.Holder).Select(promise => promise.Value).ToList();
        var own = OwnLeft();
        var shown = _limit is null ? int.MaxValue : _remaining - Reserve - request.UnderWay;
        return (Math.Min(own, shown), Math.Min(own - others.Sum(promise => promise.Granted), shown - others.Sum(promise => promise.Count)));
    }

    private PermitLease First(PermitRequest request, DateTimeOffset now)
    {
        var others = _promises.Where(promise => promise.Key != request.Holder).Sum(promise => promise.Value.Granted);
        var granted = Math.Clamp(Math.Min(FirstRequests - others, OwnLeft() - others), 0, Math.Min(FirstBatch, request.Wanted));
        if (granted == 0) return new PermitLease { NotBefore = FirstWait };
        _promises[request.Holder] = new Promise(granted, request.UnderWay, now + Validity);
        return new PermitLease { Granted = granted, ValidFor = Validity };
    }

    private int OwnLeft() => _limits?.RequestsPerMinute is { } most ? most - _spent : int.MaxValue / 2;

    private DateTimeOffset Until(DateTimeOffset now) => _endsAt is { } end ? end + Afterwards : now + Validity;

    private void Observe(RateLimitReading reading, DateTimeOffset now)
    {
        // Answers overtake each other: an older window says nothing any more, and within one the count only falls.
        if (_limit is not null && reading.Window < _window) return;
        _readAt = now;
        if (_limit is null || reading.Window > _window)
        {
            if (_limit is not null) BeginWindow();
            (_window, _remaining, _isUnlimited) = (reading.Window, reading.Remaining, false);
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
    private void Roll(DateTimeOffset now)
    {
        if (_endsAt is not { } end || end > now) return;
        (_remaining, _endsAt) = (_limit ?? 0, null);
        BeginWindow();
    }

    private void BeginWindow()
    {
        _spent = 0;
        _shares.BeginWindow();
    }

    private static IReadOnlyList<PermitDemand> DemandOf(PermitRequest request) => [new PermitDemand("", false, request.Wanted, 0)];

    private sealed record Promise(int Granted, int UnderWay, DateTimeOffset Until)
    {
        public int Count => Granted + UnderWay;
    }
}
