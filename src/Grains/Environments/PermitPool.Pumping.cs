using NangoOrleans.Failures;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Environments;

// The one loop that asks the environment's grain, for as long as somebody waits or something is to be told.
internal sealed partial class PermitPool
{
    // While the circuit is open, somebody asks again so often: recovery must not be noticed late.
    private static readonly TimeSpan CircuitHold = TimeSpan.FromSeconds(1);

    // Nango's own limiter and the hold after a 429 still protect it while the grain cannot be reached.
    private static readonly PermitLease WithoutGrain = new() { Granted = 8, ValidFor = TimeSpan.FromSeconds(5), IsLimited = true };

    private bool _isPumping, _mustTell;
    private ITimer? _idle;

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
                if (!_mustTell && _waiting.IsEmpty)
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
                lease = await _grains.LeaseAsync(_environmentKey, request);
            }
            catch (Exception)
            {
                // A silo that leaves may take the grain along; the next lease finds it elsewhere.
                lease = WithoutGrain;
                lock (_lock) _calls.PutBack(request.Calls);
            }

            TimeSpan pause;
            lock (_lock) pause = request.Wanted == 0 ? TimeSpan.Zero : TakeIn(lease);
            if (pause > TimeSpan.Zero) await Task.Delay(pause, _time);
        }
    }

    private PermitRequest BuildRequest()
    {
        var now = _time.GetUtcNow();
        var account = _stock.Close();
        var waiting = _waiting.Wanted;
        var request = new PermitRequest
        {
            Holder = _holder,
            UnderWay = account.UnderWay,
            Wanted = waiting == 0 ? 0 : waiting + account.InAdvance,
            Demand = _sentAway.Demand(_waiting.Groups(ReconcileLane.Change), _waiting.Groups(ReconcileLane.Resync), now),
            Returned = account.Returned,
            Reading = _reading.At(now),
            Calls = _calls.Take(),
            AskedToWait = _askedToWaitUntil > now ? _askedToWaitUntil - now : null,
            Limits = _limits,
        };
        (_mustTell, _askedToWaitUntil) = (false, default);
        return request;
    }

    // How long to wait before the next lease.
    private TimeSpan TakeIn(PermitLease lease)
    {
        _stock.Fill(lease, isLimitKnown: _reading.Value is not null);
        if (lease.Granted > 0)
        {
            Serve();
            return TimeSpan.Zero;
        }

        if (lease.Refusal is null && lease.NotBefore <= NextTry) return lease.NotBefore;
        SendAway(lease);
        return TimeSpan.Zero;
    }

    private void Serve()
    {
        foreach (var lane in (ReconcileLane[])[ReconcileLane.Change, ReconcileLane.Resync])
        {
            while (_waiting.Any(lane) && _stock.MayTake(lane))
            {
                var waiter = _waiting.TakeNext(lane)!;
                var taken = TryTake(lane, waiter.Wanted);
                if (!waiter.Permits.TrySetResult(taken)) _stock.PutBack(taken.Count);
            }
        }
    }

    private void SendAway(PermitLease lease)
    {
        var failure = lease.Refusal ?? new Failure(FailureKind.Throttled, Reasons.RateLimited, EnvironmentHold.Message, lease.NotBefore);
        var wait = failure.Reason == Reasons.CircuitOpen && lease.NotBefore > CircuitHold ? CircuitHold : lease.NotBefore;
        _hold.Hold(_environmentKey, failure, wait);
        foreach (var lane in (ReconcileLane[])[ReconcileLane.Change, ReconcileLane.Resync])
        {
            while (_waiting.TakeNext(lane) is { } waiter)
            {
                if (waiter.Permits.TrySetException(new FailureException(failure))) _sentAway.Add(waiter.Turn, failure, _time.GetUtcNow());
            }
        }
    }

    // The grain counts what it promised until it hears of it again.
    private void WatchIdleness()
    {
        if (!_stock.IsPromised) return;
        _idle ??= _time.CreateTimer(_ => OnIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _idle.Change(PermitStock.Idle, Timeout.InfiniteTimeSpan);
    }

    private void OnIdle()
    {
        lock (_lock)
        {
            if (_isPumping) return;
            if (_stock.IsIdle) Tell();
            else WatchIdleness();
        }
    }
}
