using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace NangoOrleans.Kubernetes.Leasing;

/// <summary>
/// Competes for a Lease for as long as it runs. Failures of the API server never end it; a term ends before another
/// can begin elsewhere; a clean stop gives the Lease back, so that the next one need not wait until it runs out.
/// </summary>
/// <remarks>
/// Time is the monotonic clock's, which runs on while the process is suspended (SIGSTOP), though not while the whole
/// machine sleeps: after that, the next renewal meets a conflict and ends the term.
/// </remarks>
public sealed class LeaseElector
{
    // Free for longer than that, nobody led in between.
    private static readonly TimeSpan HandOver = TimeSpan.FromMinutes(1);

    private readonly LeaseOptions _options;
    private readonly LeaseStore _store;
    private readonly LeaseObserver _seen;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly string _lease;
    private volatile HeldTerm? _term;
    private StoredLease? _stored;
    private int _failures;

    /// <summary>Checks the options; nothing is sent until <see cref="RunAsync"/>.</summary>
    /// <param name="transport">Connection to the API server; the role needs get, create and patch on leases.</param>
    /// <param name="options">Which Lease, and as whom.</param>
    /// <param name="time">Clock; the system's by default.</param>
    /// <param name="random">Source of jitter; shared and thread-safe by default.</param>
    /// <param name="logger">Says who leads and why a term ended.</param>
    /// <exception cref="InvalidOperationException">The options contradict each other.</exception>
    public LeaseElector(
        KubernetesTransport transport, LeaseOptions options, TimeProvider? time = null, Random? random = null, ILogger<LeaseElector>? logger = null)
    {
        options.Validate();
        _options = options;
        _time = time ?? TimeProvider.System;
        _random = random ?? Random.Shared;
        _logger = logger ?? NullLogger<LeaseElector>.Instance;
        _seen = new LeaseObserver(options, _time);
        _lease = $"{options.Namespace}/{options.Name}";

        // Two attempts must fit the deadline, also when the first one hangs.
        _store = new LeaseStore(transport, options.Namespace, options.Name, options.RenewDeadline / 2);
    }

    /// <summary>The last seen holder, possibly ourselves; null when the Lease is free or was never seen. Safe to read from any thread.</summary>
    public LeaseHolder? Holder => _seen.Holder;

    /// <summary>True while a term of ours lasts. It asks the clock: a process that wakes after its deadline does not think that it still leads.</summary>
    public bool IsHeld => _term is { IsOver: false };

    /// <summary>Runs until stopped, and then returns with the Lease released. Never ends because of a failure.</summary>
    /// <param name="lead">
    /// The work of one term, called once per term and never twice at a time. Its token is cancelled when the term is
    /// over. If it returns or fails before, the Lease is released and competed for again.
    /// </param>
    /// <param name="stop">Stops the elector.</param>
    public async Task RunAsync(Func<LeaseTerm, CancellationToken, Task> lead, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (await AcquireAsync(stop) is { } term)
            {
                using (term)
                {
                    if (stop.IsCancellationRequested) await ReleaseAsync();
                    else await LeadAsync(term, lead, stop);
                }
            }

            await WaitAsync(UntilNextLook(), stop);
        }
    }

    private async Task<HeldTerm?> AcquireAsync(CancellationToken stop)
    {
        try
        {
            var stored = await _store.ReadAsync(stop);
            var before = Holder?.Identity;
            var mayTake = _seen.MayTake(stored?.Record);
            Succeeded();
            if (!mayTake)
            {
                if (!string.Equals(before, Holder?.Identity, StringComparison.Ordinal)) LeaseLog.HolderChanged(_logger, _lease, stored!.Record.Holder);
                return null;
            }

            return await TakeAsync(stored);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Failed(e);
            return null;
        }
    }

    /// <summary>Not cancelled by a stop (the request has its own timeout): a Lease that is ours without our knowledge could not be released.</summary>
    private async Task<HeldTerm?> TakeAsync(StoredLease? found)
    {
        var started = _time.GetTimestamp();
        var now = _time.GetUtcNow();
        var written = LeaseRecord.Format(now);
        var transitions = found is null ? 0 : found.Record.Transitions + (_seen.IsNamed(found.Record) ? 0 : 1);

        // Ours, but the answer to our write was lost: the same term goes on.
        if (found is null || !_seen.IsOwn(found.Record)) _seen.OwnAcquireTime = written;
        var record = new LeaseRecord(_options.Identity, (int)_options.Duration.TotalSeconds, _seen.OwnAcquireTime, written, transitions);
        _stored = await _store.WriteAsync(found, record, CancellationToken.None);
        if (_stored is null) return null;
        _seen.Note(_stored.Record);
        LeaseLog.Acquired(_logger, _lease, _options.Identity, transitions);
        return new(new(transitions, now, found?.Record.WasFreedWithin(HandOver, now) == true), started, _options.RenewDeadline, _time);
    }

    private async Task LeadAsync(HeldTerm term, Func<LeaseTerm, CancellationToken, Task> lead, CancellationToken stop)
    {
        _term = term;
        var work = Task.Run(() => lead(term.Info, term.Token), CancellationToken.None);
        var end = await HoldAsync(term, work, stop);
        await term.EndAsync();
        _term = null;
        LeaseLog.TermEnded(_logger, _lease, term.Info.Number, end);
        if (await HasReturnedAsync(work, term, stop) && end is TermEnd.Stopped or TermEnd.WorkEnded) await ReleaseAsync();
    }

    private async Task<TermEnd> HoldAsync(HeldTerm term, Task work, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(term.Token, stop);
        while (true)
        {
            await Task.WhenAny(work, WaitAsync(Period(), either.Token));
            if (stop.IsCancellationRequested) return TermEnd.Stopped;
            if (work.IsCompleted) return TermEnd.WorkEnded;
            if (!term.IsOver && !await RenewAsync(term, either.Token)) return TermEnd.TakenByAnother;
            if (stop.IsCancellationRequested) return TermEnd.Stopped;
            if (term.IsOver) return TermEnd.DeadlinePassed;
        }
    }

    /// <returns>False when the Lease is no longer ours; a failure leaves that open and is tried again.</returns>
    private async Task<bool> RenewAsync(HeldTerm term, CancellationToken cancellationToken)
    {
        try
        {
            var started = _time.GetTimestamp();
            if (await WriteOwnAsync(Renewed, cancellationToken) is not { } stored) return false;
            _stored = stored;
            _seen.Note(stored.Record);
            term.Renew(started);
            Succeeded();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The caller asks why.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Failed(e);
        }

        return true;
    }

    private LeaseRecord Renewed(LeaseRecord record) => record with { RenewTime = LeaseRecord.Format(_time.GetUtcNow()) };

    // What other electors, too, take for free; a duration is required to be positive.
    private LeaseRecord Freed(LeaseRecord record) => Renewed(record) with { Holder = "", DurationSeconds = 1 };

    /// <summary>Writes over our own record. A conflict is looked into: it may be our own earlier write whose answer was lost, or somebody's label.</summary>
    /// <returns>Null when the Lease is not ours, or is gone and need not be made again to be free.</returns>
    private async Task<StoredLease?> WriteOwnAsync(Func<LeaseRecord, LeaseRecord> change, CancellationToken cancellationToken)
    {
        var seen = _stored;
        var record = change(seen!.Record);
        while (true)
        {
            if (await _store.WriteAsync(seen, record, cancellationToken) is { } written) return written;
            seen = await _store.ReadAsync(cancellationToken);
            if (seen is null ? record.Holder.Length > 0 : _seen.IsOwn(seen.Record)) continue;
            _seen.Note(seen?.Record);
            return null;
        }
    }

    /// <summary>Waits for the work of a term that is over. Without a stop there is no limit: it must never run twice.</summary>
    private async Task<bool> HasReturnedAsync(Task work, HeldTerm term, CancellationToken stop)
    {
        var timeout = Task.Delay(_options.StopTimeout, _time, CancellationToken.None);
        if (await Task.WhenAny(work, timeout) != work)
        {
            LeaseLog.LeaderStuck(_logger, _lease, term.Info.Number, _options.StopTimeout);
            await Task.WhenAny(work, WaitAsync(Timeout.InfiniteTimeSpan, stop));
            if (!work.IsCompleted) return false;
        }

        if (work.Exception?.InnerException is { } failure) LeaseLog.LeaderFailed(_logger, _lease, term.Info.Number, failure);
        return true;
    }

    private async Task ReleaseAsync()
    {
        using var timeout = new CancellationTokenSource(_options.RenewDeadline / 2, _time);
        try
        {
            if (await WriteOwnAsync(Freed, timeout.Token) is not { } freed) return;
            _seen.Note(freed.Record);
            LeaseLog.Released(_logger, _lease);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LeaseLog.NotReleased(_logger, _lease, e);
        }
    }

    private TimeSpan UntilNextLook()
    {
        var (period, expiry) = (Period(), _seen.UntilExpiry());
        return expiry > TimeSpan.Zero && expiry < period ? expiry : period;
    }

    private TimeSpan Period() => _options.RetryPeriod * (0.8 + (0.2 * _random.NextDouble()));

    private async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) =>
        await Task.Delay(time, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Succeeded()
    {
        if (_failures > 0) LeaseLog.RequestsWork(_logger, _lease, _failures);
        _failures = 0;
    }

    // A line at the beginning of an outage and then about once a minute, not one per attempt.
    private void Failed(Exception e)
    {
        if (_failures++ % 30 == 0) LeaseLog.RequestFailed(_logger, _lease, _options.RetryPeriod, e);
    }
}
