using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>
/// This silo's share of the request budgets: permits are leased in batches from the environment's grain and taken one by one here.
/// </summary>
public sealed class EnvironmentPermits : IRateLimitObserver
{
    /// <summary>Permits asked for at a time.</summary>
    public const int Batch = 32;

    /// <summary>Name of the meter.</summary>
    public const string MeterName = "NangoOrleans.Environments";

    // Nango's own limiter and the hold after a 429 still protect it while the grain cannot be reached.
    private static readonly PermitLease WithoutGrain = new() { Granted = 8, ValidFor = TimeSpan.FromSeconds(5), IsLimited = true };

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10), NextTry = TimeSpan.FromSeconds(1);

    // Leases of two silos must not be taken for one another's; a restarted silo is another one.
    private readonly string _holder = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<string, Pool> _pools = new(StringComparer.Ordinal);
    private readonly IPermitSource _source;
    private readonly EnvironmentHold _hold;
    private readonly TimeProvider _time;

    /// <summary>Permits of this silo.</summary>
    /// <param name="source">Where batches come from.</param>
    /// <param name="hold">Holds an environment whose budget is used up.</param>
    /// <param name="time">The clock.</param>
    /// <param name="meters">Where figures go; null for nowhere.</param>
    public EnvironmentPermits(IPermitSource source, EnvironmentHold hold, TimeProvider time, IMeterFactory? meters = null)
    {
        (_source, _hold, _time) = (source, hold, time);
        if (meters?.Create(MeterName) is not { } meter) return;
        meter.CreateObservableGauge("nango.ratelimit.remaining", () => Measure(reading => reading.Remaining), "{request}", "Requests that Nango last said are left in its window.");
        meter.CreateObservableGauge("nango.ratelimit.limit", () => Measure(reading => reading.Limit), "{request}", "Nango's limit of requests in a window of 60 s.");
    }

    /// <summary>Takes a permit for one request.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <returns>Dispose it when the request is over.</returns>
    /// <exception cref="FailureException">Throttled: the environment is held, or its budget is used up.</exception>
    public async ValueTask<IDisposable> TakeAsync(string environmentKey) => (await TakeAsync(environmentKey, 1))[0];

    /// <summary>Takes the permits of several requests, all or none; one only while no limit is known, since more can be had then.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="count">How many.</param>
    /// <returns>Dispose each when its request is over, or will not be made.</returns>
    /// <exception cref="FailureException">Throttled: the environment is held, or its budget is used up.</exception>
    public async ValueTask<IReadOnlyList<IDisposable>> TakeAsync(string environmentKey, int count)
    {
        var pool = _pools.GetOrAdd(environmentKey, static _ => new Pool());
        var start = _time.GetTimestamp();
        while (true)
        {
            _hold.ThrowIfHeld(environmentKey);
            TaskCompletionSource? mine = null;
            Task leasing;
            lock (pool)
            {
                if (pool.TryTake(_time.GetUtcNow(), count) is > 0 and var taken) return [.. Enumerable.Range(0, taken).Select(_ => new Permit(pool))];
                pool.Leasing ??= mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                leasing = pool.Leasing.Task;
            }

            // Whoever comes first asks for all.
            if (mine is null) await leasing;
            else await LeaseAsync(environmentKey, pool, mine, count);
            if (_time.GetElapsedTime(start) > LongestWait)
                throw new FailureException(new Failure(FailureKind.Throttled, Reasons.RateLimited, EnvironmentHold.Message, NextTry));
        }
    }

    /// <inheritdoc/>
    public void Observe(NangoEndpoint endpoint, RateLimitReading reading)
    {
        var pool = _pools.GetOrAdd(endpoint.EnvironmentKey, static _ => new Pool());
        lock (pool) pool.Observe(reading, _time.GetUtcNow());
    }

    private async Task LeaseAsync(string environmentKey, Pool pool, TaskCompletionSource leased, int atLeast)
    {
        PermitRequest request;
        lock (pool) request = new PermitRequest { Holder = _holder, UnderWay = pool.UnderWay, Wanted = Batch, AtLeast = atLeast, Reading = pool.ReadingAt(_time.GetUtcNow()) };
        PermitLease lease;
        try
        {
            lease = await _source.LeaseAsync(environmentKey, request);
        }
        catch (Exception)
        {
            // A silo that leaves may take the grain along; the next lease finds it elsewhere.
            lease = WithoutGrain;
        }

        if (lease.Granted == 0) _hold.Hold(environmentKey, lease.NotBefore);
        lock (pool)
        {
            pool.Fill(lease, _time.GetUtcNow() + lease.ValidFor);
            pool.Leasing = null;
        }

        leased.SetResult();
    }

    private IEnumerable<Measurement<int>> Measure(Func<RateLimitReading, int> value)
    {
        foreach (var (key, pool) in _pools)
        {
            RateLimitReading? reading;
            lock (pool) reading = pool.Reading;
            if (reading is not null) yield return new Measurement<int>(value(reading), new KeyValuePair<string, object?>("environment", key));
        }
    }

    // What a silo may still do in one environment. Its members are used under its own lock.
    private sealed class Pool
    {
        private int _permits, _leased;
        private bool _isLimited;
        private DateTimeOffset _validUntil, _readAt;

        public int UnderWay { get; private set; }

        public RateLimitReading? Reading { get; private set; }

        public TaskCompletionSource? Leasing { get; set; }

        public int TryTake(DateTimeOffset now, int count)
        {
            // A whole lease must do: where the limit is that small, no larger one is to be had.
            var taken = _isLimited ? Math.Min(count, Math.Max(1, _leased)) : 1;
            if (_permits < taken || now >= _validUntil) return 0;
            _permits -= taken;
            UnderWay += taken;
            return taken;
        }

        public void Return() => UnderWay--;

        public void Fill(PermitLease lease, DateTimeOffset until)
        {
            // A limit may have shown while the grain answered that it knew of none.
            var isVoid = !lease.IsLimited && Reading is not null;
            (_permits, _validUntil, _isLimited) = (isVoid ? 0 : lease.Granted, until, lease.IsLimited);
            _leased = _permits;
        }

        // What was read some time ago speaks of an end that is nearer by now.
        public RateLimitReading? ReadingAt(DateTimeOffset now) => Reading is { } reading
            ? reading with { ResetsIn = reading.ResetsIn - (now - _readAt) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero }
            : null;

        public void Observe(RateLimitReading reading, DateTimeOffset now)
        {
            if (Reading is { } known && (reading.Window < known.Window || (reading.Window == known.Window && reading.Remaining > known.Remaining))) return;
            (Reading, _readAt) = (reading, now);
            // The first word of a limit, or somebody else uses the account, too: ask anew.
            if (!_isLimited || reading.Remaining < _permits) _permits = 0;
        }
    }

    private sealed class Permit(Pool pool) : IDisposable
    {
        private Pool? _pool = pool;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _pool, null) is not { } taken) return;
            lock (taken) taken.Return();
        }
    }
}
