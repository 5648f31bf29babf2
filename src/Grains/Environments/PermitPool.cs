using NangoOrleans.Failures;
using NangoOrleans.Nango;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Environments;

/// <summary>
/// This silo's permits of one environment. Those who find none wait in two lanes, namespace by namespace, while one loop asks the
/// environment's grain on behalf of all of them; what is to be told to the grain goes along.
/// </summary>
internal sealed class PermitPool(string environmentKey, string holder, IEnvironmentGrains grains, EnvironmentHold hold, TimeProvider time)
{
    /// <summary>Permits asked for in advance at a time.</summary>
    public const int Batch = 32;

    // So many failures are told at once.
    private const int FailuresWorthTelling = 5;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10), NextTry = TimeSpan.FromSeconds(1);

    // Unused permits go back after so long without a request.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);

    // While the circuit is open, somebody asks again so often: recovery must not be noticed late.
    private static readonly TimeSpan CircuitHold = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Outdated = TimeSpan.FromMinutes(2);

    // Nango's own limiter and the hold after a 429 still protect it while the grain cannot be reached.
    private static readonly PermitLease WithoutGrain = new() { Granted = 8, ValidFor = TimeSpan.FromSeconds(5), IsLimited = true };

    private readonly Lock _lock = new();
    private readonly FairQueue<Waiter>[] _waiting = [new(static waiter => waiter.Wanted), new(static waiter => waiter.Wanted)];
    private readonly SentAwayTurns _sentAway = new();
    private readonly CallTally _calls = new();
    private PermitLease _lease = new();
    private RequestLimits? _limits;
    private RateLimitReading? _reading;
    private DateTimeOffset _validUntil, _readAt, _askedToWaitUntil, _usedAt;
    private int _permits, _forChecks, _returned, _underWay, _used;
    private bool _isPumping, _mustTell, _promised;
    private ITimer? _idle;

    /// <summary>The newest word of Nango on its limit; null when there was none.</summary>
    public RateLimitReading? Reading
    {
        get
        {
            lock (_lock) return _reading;
        }
    }

    /// <summary>Takes a permit, waiting for it if need be, and with it those of the requests that follow, as far as they are at hand.</summary>
    /// <param name="turn">On whose behalf.</param>
    /// <param name="limits">What the environment object says of the limit.</param>
    /// <param name="count">How many; while no limit is known, only one is taken.</param>
    /// <exception cref="FailureException">Throttled: the environment is held, or there was no permit in 10 s.</exception>
    public async ValueTask<IReadOnlyList<RequestPermit>> TakeAsync(RequestTurn turn, RequestLimits? limits, int count)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (limits is not null && limits.Generation >= (_limits?.Generation ?? 0)) _limits = limits;
            if (hold.Find(environmentKey) is { } held)
            {
                // A namespace that the grain has not heard of would come too late in the next window.
                if (_sentAway.Add(turn, held, time.GetUtcNow())) Tell();
                throw new FailureException(held);
            }

            if (TryTake(turn.Lane, count) is { Count: > 0 } taken) return taken;
            waiter = new Waiter(turn, count);
            waiter.Ticket = _waiting[(int)turn.Lane].Add(turn.Namespace, waiter);
            _sentAway.Remove(turn);
            Pump();
        }

        try
        {
            return await waiter.Permit.Task.WaitAsync(LongestWait, time);
        }
        catch (TimeoutException)
        {
            lock (_lock) _waiting[(int)turn.Lane].Remove(waiter.Ticket);
            var late = new FailureException(new Failure(FailureKind.Throttled, Reasons.RateLimited, EnvironmentHold.Message, NextTry));
            // One that was given in the last moment is used all the same.
            return waiter.Permit.TrySetException(late) ? throw late : await waiter.Permit.Task;
        }
    }

    /// <summary>Takes in what an answer said.</summary>
    /// <param name="reading">What it said.</param>
    public void Observe(RateLimitReading reading)
    {
        lock (_lock)
        {
            if (_reading is { } known && (reading.Window < known.Window || (reading.Window == known.Window && reading.Remaining > known.Remaining))) return;
            (_reading, _readAt) = (reading, time.GetUtcNow());
            // The first word of a limit, or others use the account, too: ask anew.
            if (!_lease.IsLimited || reading.Remaining - _lease.Floor < _permits) GiveBack();
        }
    }

    /// <summary>A request was answered.</summary>
    public void Answered()
    {
        lock (_lock)
        {
            if (_reading is not null && time.GetUtcNow() - _readAt > Outdated) _reading = null;
            _calls.Answered(showsNoLimit: _reading is null);
        }
    }

    /// <summary>A request failed in a way that may pass by itself.</summary>
    /// <param name="failure">How.</param>
    public void Failed(Failure failure)
    {
        lock (_lock)
        {
            _calls.Failed(failure);
            if (_calls.Failures >= FailuresWorthTelling) GiveBack();
        }
    }

    /// <summary>Nango asked to wait.</summary>
    /// <param name="wait">For how long.</param>
    public void AskedToWait(TimeSpan wait)
    {
        hold.Hold(environmentKey, wait);
        lock (_lock)
        {
            _calls.Answered(showsNoLimit: false);
            _askedToWaitUntil = time.GetUtcNow() + wait;
            GiveBack();
            Tell();
        }
    }

    /// <summary>A request is over.</summary>
    /// <param name="wasProbe">True when all wait for what came of it.</param>
    public void Return(bool wasProbe)
    {
        lock (_lock)
        {
            _underWay--;
            if (wasProbe) Tell();
        }
    }

    private void Tell()
    {
        _mustTell = true;
        Pump();
    }

    // Not in the caller's context: that may be a grain which is gone before the others are served.
    private void Pump()
    {
        if (_isPumping) return;
        _isPumping = true;
        _ = Task.Run(PumpAsync);
    }

    private async Task PumpAsync()
    {
        while (true)
        {
            PermitRequest request;
            lock (_lock)
            {
                if (!_mustTell && _waiting[0].Count + _waiting[1].Count == 0)
                {
                    _isPumping = false;
                    WatchIdleness();
                    return;
                }

                request = BuildRequest();
            }

            PermitLease lease;
            try
            {
                lease = await grains.LeaseAsync(environmentKey, request);
            }
            catch (Exception)
            {
                // A silo that leaves may take the grain along; the next lease finds it elsewhere.
                lease = WithoutGrain;
                lock (_lock) _calls.PutBack(request.Calls);
            }

            TimeSpan pause;
            lock (_lock) pause = request.Wanted == 0 ? TimeSpan.Zero : TakeIn(lease);
            if (pause > TimeSpan.Zero) await Task.Delay(pause, time);
        }
    }

    private PermitRequest BuildRequest()
    {
        var now = time.GetUtcNow();
        GiveBack();
        var waiting = _waiting.Sum(lane => lane.Groups.Sum(group => group.Count));
        var request = new PermitRequest
        {
            Holder = holder,
            UnderWay = _underWay,
            Wanted = waiting == 0 ? 0 : waiting + (_lease.IsLimited ? Math.Min(2 * _used, Batch) : Batch),
            Demand = _sentAway.Demand(_waiting[(int)ReconcileLane.Change].Groups, _waiting[(int)ReconcileLane.Resync].Groups, now),
            Returned = _returned,
            Reading = ReadingAt(now),
            Calls = _calls.Take(),
            AskedToWait = _askedToWaitUntil > now ? _askedToWaitUntil - now : null,
            Limits = _limits,
        };
        (_mustTell, _returned, _used, _askedToWaitUntil) = (false, 0, 0, default);
        _promised = _underWay > 0;
        return request;
    }

    // How long to wait before the next lease.
    private TimeSpan TakeIn(PermitLease lease)
    {
        _lease = lease;
        if (lease.Granted > 0)
        {
            // A limit may have shown while the grain answered that it knew of none.
            var isVoid = !lease.IsLimited && _reading is not null;
            (_permits, _forChecks, _validUntil) = (isVoid ? 0 : lease.Granted, lease.ForChecks, time.GetUtcNow() + lease.ValidFor);
            if (isVoid) _returned += lease.Granted;
            _promised = true;
            Serve();
            return TimeSpan.Zero;
        }

        if (lease.Refusal is null && lease.NotBefore <= NextTry) return lease.NotBefore;
        var failure = lease.Refusal ?? new Failure(FailureKind.Throttled, Reasons.RateLimited, EnvironmentHold.Message, lease.NotBefore);
        var wait = failure.Reason == Reasons.CircuitOpen && lease.NotBefore > CircuitHold ? CircuitHold : lease.NotBefore;
        hold.Hold(environmentKey, failure, wait);
        foreach (var lane in _waiting)
        {
            while (lane.TakeNext() is { } waiter)
            {
                if (waiter.Permit.TrySetException(new FailureException(failure))) _sentAway.Add(waiter.Turn, failure, time.GetUtcNow());
            }
        }

        return TimeSpan.Zero;
    }

    private void Serve()
    {
        foreach (var lane in (ReconcileLane[])[ReconcileLane.Change, ReconcileLane.Resync])
        {
            while (_waiting[(int)lane].Count > 0 && MayTake(lane))
            {
                var waiter = _waiting[(int)lane].TakeNext()!;
                var taken = TryTake(lane, waiter.Wanted);
                if (!waiter.Permit.TrySetResult(taken)) PutBack(taken.Count);
            }
        }
    }

    // Whoever waited for it has given up in this very moment.
    private void PutBack(int count)
    {
        _permits += count;
        _underWay -= count;
        _used -= count;
    }

    private List<RequestPermit> TryTake(ReconcileLane lane, int count)
    {
        List<RequestPermit> taken = [];
        while (taken.Count < (_lease.IsLimited && !_lease.IsProbe ? count : 1) && MayTake(lane))
        {
            if (lane == ReconcileLane.Resync && _forChecks > 0) _forChecks--;
            _permits--;
            _underWay++;
            _used++;
            _usedAt = time.GetUtcNow();
            taken.Add(new RequestPermit(this, _lease.IsProbe));
        }

        return taken;
    }

    private bool MayTake(ReconcileLane lane)
    {
        if (time.GetUtcNow() >= _validUntil) GiveBack();
        var checksWait = _waiting[(int)ReconcileLane.Resync].Count > 0;
        var changesWait = _waiting[(int)ReconcileLane.Change].Count > 0;
        var mine = lane == ReconcileLane.Change
            ? _permits - (checksWait ? _forChecks : 0)
            : changesWait ? Math.Min(_forChecks, _permits) : _permits;
        return mine > 0;
    }

    private void GiveBack()
    {
        _returned += _permits;
        (_permits, _forChecks) = (0, 0);
    }

    // What was read some time ago speaks of an end that is nearer by now.
    private RateLimitReading? ReadingAt(DateTimeOffset now) => _reading is { } reading
        ? reading with { ResetsIn = reading.ResetsIn - (now - _readAt) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero }
        : null;

    // The grain counts what it promised until it hears of it again.
    private void WatchIdleness()
    {
        if (!_promised || !_lease.IsLimited) return;
        _idle ??= time.CreateTimer(_ => OnIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _idle.Change(Idle, Timeout.InfiniteTimeSpan);
    }

    private void OnIdle()
    {
        lock (_lock)
        {
            if (_isPumping) return;
            if (_underWay > 0 || time.GetUtcNow() - _usedAt < Idle) WatchIdleness();
            else Tell();
        }
    }

    private sealed class Waiter(RequestTurn turn, int wanted)
    {
        public RequestTurn Turn { get; } = turn;

        public int Wanted { get; } = wanted;

        public FairQueue<Waiter>.Ticket Ticket { get; set; } = null!;

        public TaskCompletionSource<IReadOnlyList<RequestPermit>> Permit { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
