namespace NangoOrleans.Scheduling;

/// <summary>In which order runs are let through the gate.</summary>
public enum ReconcileLane
{
    /// <summary>A person's change, or the first sync of a new resource.</summary>
    Change,

    /// <summary>Checks that nobody waits for.</summary>
    Resync,
}

/// <summary>
/// Bounds the runs of one silo. Entered by the run, not by the poke, so that the watcher is never held up. Changes go before
/// checks; a check that has waited long enough goes first all the same. Namespaces take turns, so that one with thousands of resources
/// does not hold up the others.
/// </summary>
public sealed class ReconcileGate(TimeProvider time, ReconcileOptions options)
{
    private readonly Lock _lock = new();
    private readonly FairQueue<Waiter>[] _lanes = [new(), new()];
    private int _free = options.MaxConcurrentRuns;

    /// <summary>Runs that wait, for metrics.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock) return _lanes[0].Count + _lanes[1].Count;
        }
    }

    /// <summary>Runs under way, for metrics.</summary>
    public int Running
    {
        get
        {
            lock (_lock) return options.MaxConcurrentRuns - _free;
        }
    }

    /// <summary>Waits for a permit.</summary>
    /// <param name="lane">The lane to wait in.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The permit; dispose it to let the next one in.</returns>
    public ValueTask<IDisposable> EnterAsync(ReconcileLane lane, CancellationToken cancellationToken) => EnterAsync(lane, "", cancellationToken);

    /// <summary>Waits for a permit.</summary>
    /// <param name="lane">The lane to wait in.</param>
    /// <param name="namespace">Who waits: namespaces take turns.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The permit; dispose it to let the next one in.</returns>
    public async ValueTask<IDisposable> EnterAsync(ReconcileLane lane, string @namespace, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return new Permit(this);
            }

            waiter = new Waiter(time.GetTimestamp());
            waiter.Ticket = _lanes[(int)lane].Add(@namespace, waiter);
        }

        await using var registration = cancellationToken.UnsafeRegister(static (state, token) => ((Waiter)state!).Cancel(token), waiter);
        try
        {
            await waiter.Entered.Task;
        }
        catch (OperationCanceledException)
        {
            lock (_lock) _lanes[(int)lane].Remove(waiter.Ticket);
            throw;
        }

        return new Permit(this);
    }

    private void Leave()
    {
        lock (_lock)
        {
            while (Next() is { } next)
            {
                if (next.Entered.TrySetResult()) return;
            }

            _free++;
        }
    }

    private Waiter? Next()
    {
        var resync = _lanes[1];
        var aged = resync.Oldest is { } oldest && time.GetElapsedTime(oldest.Since) > options.MaxResyncWait;
        return aged ? resync.TakeOldest() : _lanes[0].TakeNext() ?? resync.TakeNext();
    }

    private sealed class Waiter(long since)
    {
        public long Since { get; } = since;

        public FairQueue<Waiter>.Ticket Ticket { get; set; } = null!;

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Cancel(CancellationToken token) => Entered.TrySetCanceled(token);
    }

    private sealed class Permit(ReconcileGate gate) : IDisposable
    {
        private ReconcileGate? _gate = gate;

        public void Dispose() => Interlocked.Exchange(ref _gate, null)?.Leave();
    }
}
