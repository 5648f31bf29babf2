using NangoOrleans.Failures;
using NangoOrleans.Nango;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Environments;

/// <summary>
/// This silo's permits of one environment. Those who find none wait in two lanes, namespace by namespace, while one loop asks the
/// environment's grain on behalf of all of them; what is to be told to the grain goes along.
/// </summary>
internal sealed partial class PermitPool
{
    // So many failures are told at once.
    private const int FailuresWorthTelling = 5;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10), NextTry = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly WaitingRequests _waiting = new();
    private readonly SentAwayTurns _sentAway = new();
    private readonly CallTally _calls = new();
    private readonly PermitStock _stock;
    private readonly LatestReading _reading;
    private readonly string _environmentKey, _holder;
    private readonly IEnvironmentGrains _grains;
    private readonly EnvironmentHold _hold;
    private readonly TimeProvider _time;
    private RequestLimits? _limits;
    private DateTimeOffset _askedToWaitUntil;

    public PermitPool(string environmentKey, string holder, IEnvironmentGrains grains, EnvironmentHold hold, TimeProvider time)
    {
        (_environmentKey, _holder, _grains, _hold, _time) = (environmentKey, holder, grains, hold, time);
        (_stock, _reading) = (new PermitStock(_waiting, time), new LatestReading(time));
    }

    /// <summary>The newest word of Nango on its limit; null when there was none.</summary>
    public RateLimitReading? Reading
    {
        get
        {
            lock (_lock) return _reading.Value;
        }
    }

    /// <summary>Takes a permit, waiting for it if need be, and with it those of the requests that follow, as far as they are at hand.</summary>
    /// <param name="turn">On whose behalf.</param>
    /// <param name="limits">What the environment object says of the limit.</param>
    /// <param name="count">How many; while no limit is known, only one is taken.</param>
    /// <exception cref="FailureException">Throttled: the environment is held, or there was no permit in 10 s.</exception>
    public async ValueTask<IReadOnlyList<RequestPermit>> TakeAsync(RequestTurn turn, RequestLimits? limits, int count)
    {
        WaitingRequests.Waiter waiter;
        lock (_lock)
        {
            if (limits is not null && limits.Generation >= (_limits?.Generation ?? 0)) _limits = limits;
            if (_hold.Find(_environmentKey) is { } held)
            {
                // A namespace that the grain has not heard of would come too late in the next window.
                if (_sentAway.Add(turn, held, _time.GetUtcNow())) Tell();
                throw new FailureException(held);
            }

            if (TryTake(turn.Lane, count) is { Count: > 0 } taken) return taken;
            waiter = _waiting.Add(turn, count);
            _sentAway.Remove(turn);
            Pump();
        }

        try
        {
            return await waiter.Permits.Task.WaitAsync(LongestWait, _time);
        }
        catch (TimeoutException)
        {
            lock (_lock) _waiting.Remove(waiter);
            var late = new FailureException(new Failure(FailureKind.Throttled, Reasons.RateLimited, EnvironmentHold.Message, NextTry));
            // One that was given in the last moment is used all the same.
            return waiter.Permits.TrySetException(late) ? throw late : await waiter.Permits.Task;
        }
    }

    /// <summary>Takes in what an answer said.</summary>
    /// <param name="reading">What it said.</param>
    public void Observe(RateLimitReading reading)
    {
        lock (_lock)
        {
            if (_reading.TryTake(reading)) _stock.Compare(reading.Remaining);
        }
    }

    /// <summary>A request was answered.</summary>
    public void Answered()
    {
        lock (_lock)
        {
            _reading.Age();
            _calls.Answered(showsNoLimit: _reading.Value is null);
        }
    }

    /// <summary>A request failed in a way that may pass by itself.</summary>
    /// <param name="failure">How.</param>
    public void Failed(Failure failure)
    {
        lock (_lock)
        {
            _calls.Failed(failure);
            if (_calls.Failures >= FailuresWorthTelling) _stock.GiveBack();
        }
    }

    /// <summary>Nango asked to wait.</summary>
    /// <param name="wait">For how long.</param>
    public void AskedToWait(TimeSpan wait)
    {
        _hold.Hold(_environmentKey, wait);
        lock (_lock)
        {
            _calls.Answered(showsNoLimit: false);
            _askedToWaitUntil = _time.GetUtcNow() + wait;
            _stock.GiveBack();
            Tell();
        }
    }

    /// <summary>A request is over.</summary>
    /// <param name="wasProbe">True when all wait for what came of it.</param>
    public void Return(bool wasProbe)
    {
        lock (_lock)
        {
            _stock.Finished();
            if (wasProbe) Tell();
        }
    }

    private IReadOnlyList<RequestPermit> TryTake(ReconcileLane lane, int count) =>
        [.. Enumerable.Range(0, _stock.Take(lane, count)).Select(_ => new RequestPermit(this, _stock.IsProbe))];
}
