using NangoOrleans.Failures;

namespace NangoOrleans.Environments.Budget;

/// <summary>
/// All that decides who may make a request to one environment, and when: a 429 that holds everybody, the circuit breaker, the window. It
/// keeps nothing that the silos would not tell again. Not thread-safe.
/// </summary>
/// <param name="reservePercent">Share of Nango's limit that is left to others, unless the environment object says otherwise.</param>
public sealed class RequestBudget(int reservePercent)
{
    private static readonly PermitLease Nothing = new() { IsLimited = true };

    private readonly RequestWindow _window = new(reservePercent);
    private readonly CircuitBreaker _breaker = new();
    private DateTimeOffset _heldUntil;

    /// <summary>Takes in what a silo tells, and grants it permits.</summary>
    /// <param name="request">Who asks, and what it has seen.</param>
    /// <param name="now">The time.</param>
    public PermitLease Lease(PermitRequest request, DateTimeOffset now)
    {
        if (request.AskedToWait is { } wait && now + wait > _heldUntil) _heldUntil = now + wait;
        if (request.Calls is { } calls) _breaker.Report(request.Holder, calls, now);
        _window.Observe(request, now);
        if (request.Wanted == 0) return Nothing;
        if (_heldUntil > now) return Refuse(new Failure(FailureKind.Throttled, Reasons.RateLimited, EnvironmentHold.Message, _heldUntil - now));
        if (!_breaker.IsOpen) return _window.Lease(request, now);
        // The probe is a request like any other: without room in the window there is none.
        return _breaker.MayProbe(request.Holder, now) && _window.LeaseOne(request, now) is { } one
            ? one with { IsProbe = _breaker.BeginProbe(request.Holder, now) }
            : Refuse(_breaker.Problem(now)!);
    }

    /// <summary>Why requests are held back by the breaker; null while they are not.</summary>
    /// <param name="now">The time.</param>
    public Failure? Problem(DateTimeOffset now) => _breaker.Problem(now);

    /// <summary>What is known, in words.</summary>
    /// <param name="now">The time.</param>
    public EnvironmentGrainState Describe(DateTimeOffset now) => new()
    {
        Limit = _window.Limit,
        Remaining = _window.Limit is null ? null : _window.Remaining,
        Reserve = _window.Reserve,
        RequestsPerMinute = _window.Limits?.RequestsPerMinute,
        WindowEndsAt = _window.EndsAt,
        Promised = _window.Outstanding,
        WaitingNamespaces = _window.Waiting,
        HeldUntil = _heldUntil > now ? _heldUntil : null,
        Problem = _breaker.Problem(now),
    };

    private static PermitLease Refuse(Failure why) => new() { NotBefore = why.RetryAfter!.Value, IsLimited = true, Refusal = why };
}
