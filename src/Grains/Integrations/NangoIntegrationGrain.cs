using Microsoft.Extensions.Logging;
using NangoOrleans.Failures;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;
using Orleans.Placement;

namespace NangoOrleans.Integrations;

/// <summary>
/// One resource. Pokes only store the newest snapshot and wake it up; one single-flight loop reconciles. All its memory is a
/// cache: a new activation starts from the next poke, reminder or read.
/// </summary>
[GrainType(GrainTypeName), RandomPlacement]
public sealed partial class NangoIntegrationGrain(IntegrationRuns runs, TimeProvider time, ILogger<NangoIntegrationGrain> logger)
    : Grain, INangoIntegrationGrain, IRemindable
{
    /// <summary>Name of the grain type in reminders, dashboard and traces; part of the contract between versions.</summary>
    public const string GrainTypeName = "nango-integration";

    /// <summary>Name of the only reminder.</summary>
    public const string RetryReminder = "retry";

    private string _key = "";
    private NangoIntegration? _snapshot;
    private IGrainTimer? _timer;
    private DateTimeOffset? _nextAttempt, _waitingSince;
    private string? _environmentKey, _reportedVersion, _statusChangedAt;
    private bool _gone, _mustRead, _recheck, _rechecking, _running, _again, _hasReminder;
    private int _conflicts, _crashes;
    private long _count;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = this.GetPrimaryKeyString();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask Observe(IntegrationPoke poke)
    {
        if (poke.Gone)
        {
            (_snapshot, _gone, _mustRead) = (null, true, false);
        }
        else if (poke.Resource is not { } resource)
        {
            // The sender keeps no objects: what is known here will do, or one read.
            _gone = false;
        }
        else if (_snapshot is { } known && IsSameObject(known, resource) && ResourceVersions.IsOlder(resource, known))
        {
            // A watch may repeat the past; a list may show a restored backup, then one read decides.
            if (!poke.FromList) return ValueTask.CompletedTask;
            _mustRead = true;
        }
        else
        {
            (_snapshot, _gone) = (resource, false);
        }

        _recheck |= poke.Recheck;
        if (poke.StatusChanged) _statusChangedAt = poke.Resource?.Metadata.ResourceVersion;
        WakeUpIn(TimeSpan.Zero);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        _hasReminder = true;
        WakeUpIn(TimeSpan.Zero);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IntegrationGrainState> GetState() => Task.FromResult(new IntegrationGrainState
    {
        Uid = _snapshot?.Metadata.Uid,
        Generation = _snapshot?.Metadata.Generation ?? 0,
        Status = _snapshot?.Status?.Status,
        Reason = _snapshot?.Status?.Condition(ConditionTypes.Ready)?.Reason,
        Attempts = _snapshot?.Status?.Attempts ?? 0,
        NextAttempt = _nextAttempt,
        Running = _running,
        Runs = _count,
    });

    private void WakeUpIn(TimeSpan delay)
    {
        if (_running && delay == TimeSpan.Zero)
        {
            _again = true;
            return;
        }

        _nextAttempt = delay == TimeSpan.Zero ? null : time.GetUtcNow() + delay;
        if (_timer is null)
        {
            // Interleaving, so that pokes and reminders are taken in while a run awaits Nango; _running keeps it single-flight.
            _timer = this.RegisterGrainTimer(WakeAsync, new GrainTimerCreationOptions(delay, Timeout.InfiniteTimeSpan) { Interleave = true });
        }
        else
        {
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task WakeAsync(CancellationToken cancellationToken)
    {
        if (_running)
        {
            _again = true;
            return;
        }

        _running = true;
        TimeSpan? next = null;
        try
        {
            do
            {
                _again = false;
                next = await RunOnceAsync(cancellationToken);
            }
            while (_again);
            _crashes = 0;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            next = RetryPolicy.Delay(++_crashes, Random.Shared.NextDouble());
            LogCrashed(logger, e, _key, next.Value);
        }
        finally
        {
            _running = false;
        }

        if (next is { } delay) await WakeUpLaterAsync(delay);
    }

    private async Task WakeUpLaterAsync(TimeSpan delay)
    {
        WakeUpIn(delay);
        if (delay < RetryPolicy.ReminderThreshold || _snapshot?.Status?.NextRetryTime is null) return;
        try
        {
            await this.RegisterOrUpdateReminder(RetryReminder, delay, RetryPolicy.ReminderThreshold);
            // It outlives this activation; whichever of it and the timer comes second finds nothing due.
            _hasReminder = true;
        }
        catch (Exception e)
        {
            // The derived row in status stands in any case; this activation's timer fires meanwhile.
            LogReminderUnavailable(logger, e, _key);
        }
    }

    private async Task ForgetReminderAsync()
    {
        if (!_hasReminder) return;
        _hasReminder = false;
        try
        {
            if (await this.GetReminder(RetryReminder) is { } reminder) await this.UnregisterReminder(reminder);
        }
        catch (Exception e)
        {
            // A tick too many finds nothing to do.
            LogReminderUnavailable(logger, e, _key);
        }
    }

    private async Task<TimeSpan?> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (_mustRead || (_snapshot is null && !_gone))
        {
            (_snapshot, _mustRead) = ((await runs.Store.GetAsync(IntegrationKey.Parse(_key), cancellationToken))?.Redact(), false);
        }

        if (_snapshot is not { } snapshot) return await ForgetAsync();
        // Judged here and not when it came in: the answer to this grain's own report may have been under way still.
        _recheck |= _statusChangedAt is not null && !string.Equals(_statusChangedAt, _reportedVersion, StringComparison.Ordinal);
        _statusChangedAt = null;
        var now = time.GetUtcNow();
        var recheck = _recheck || _rechecking;
        var due = ReconcileTrigger.NextRun(snapshot, recheck, now);
        if (due is null) await ForgetReminderAsync();
        if (due != now) return due - now;

        var lane = recheck && ReconcileTrigger.IsSettled(snapshot) ? ReconcileLane.Resync : ReconcileLane.Change;
        using var permit = await runs.Gate.EnterAsync(lane, snapshot.Metadata.Namespace, cancellationToken);
        // What came in while waiting at the gate is newer.
        if (!ReferenceEquals(snapshot, _snapshot))
        {
            _again = true;
            return null;
        }

        // Kept until a run has concluded: one that had to wait or to read again has not looked yet.
        (_rechecking, _recheck) = (recheck || _recheck, false);
        _count++;
        // While everybody waits for Nango, a run would only read the resource to find that out again.
        var (seen, outcome) = runs.FindHold(snapshot, _environmentKey) is { } held
            ? (new Observed { Resource = snapshot }, held)
            : await runs.Run.ExecuteAsync(snapshot, cancellationToken);
        _environmentKey = seen.Values?.Endpoint.EnvironmentKey ?? _environmentKey;
        return await ConcludeAsync(seen, outcome, cancellationToken);
    }

    private async Task<TimeSpan?> ConcludeAsync(Observed seen, Outcome outcome, CancellationToken cancellationToken)
    {
        if (outcome is Outcome.ReadAgain) return ReadAgain();
        if (outcome is Outcome.Gone || seen.Resource is null)
        {
            if (seen.Resource is null) return await ForgetAsync();
            _rechecking = false;
            await ForgetReminderAsync();
            return null;
        }

        _waitingSince = outcome is Outcome.Waiting ? _waitingSince ?? time.GetUtcNow() : null;
        var report = IntegrationReporter.Build(seen, outcome, time.GetUtcNow(), _waitingSince, Random.Shared.NextDouble());
        var written = await WriteStatusAsync(seen, report, cancellationToken);
        if (written != WriteResult.Done) return written == WriteResult.ReadAgain ? ReadAgain() : written == WriteResult.Gone ? await ForgetAsync() : Backoff();

        _conflicts = 0;
        _rechecking = outcome is Outcome.Waiting && _rechecking;
        foreach (var told in report.Events) runs.Events.Record(seen.Resource, told.Warning, told.Reason, told.Message);
        Log(outcome, report);
        if (outcome is Outcome.Released) return await ForgetAsync();
        if (report.LookAgainAfter is null) await ForgetReminderAsync();
        return report.LookAgainAfter;
    }

    private async Task<WriteResult> WriteStatusAsync(Observed seen, Report report, CancellationToken cancellationToken)
    {
        if (report.Status is null)
        {
            if (seen.IsComplete && _snapshot is { } known && !ResourceVersions.IsOlder(seen.Resource!, known)) _snapshot = seen.Resource!.Redact();
            return WriteResult.Done;
        }

        NangoIntegration? answer;
        try
        {
            answer = await runs.Store.ApplyStatusAsync(seen.Resource!, report.Status, cancellationToken);
        }
        catch (FailureException e) when (e.Failure.Kind == FailureKind.Conflict)
        {
            if (!seen.Created || await IsStillThereAsync(seen, cancellationToken)) return WriteResult.ReadAgain;
            answer = null;
        }
        catch (FailureException e)
        {
            LogStatusNotWritten(logger, _key, e.Failure.Reason, RetryPolicy.Delay(_conflicts + 1, 0.5));
            return WriteResult.Failed;
        }

        if (answer is null)
        {
            if (seen.Created) LogCreateUndone(logger, _key, await runs.Executor.UndoCreateAsync(seen, cancellationToken));
            return WriteResult.Gone;
        }

        _reportedVersion = answer.Metadata.ResourceVersion;
        // A poke that came in meanwhile may show something newer still.
        if (_snapshot is null || !IsSameObject(_snapshot, answer) || ResourceVersions.IsOlder(_snapshot, answer)) _snapshot = answer.Redact();
        return WriteResult.Done;
    }

    private async Task<bool> IsStillThereAsync(Observed seen, CancellationToken cancellationToken) =>
        await runs.Store.GetAsync(IntegrationKey.Parse(_key), cancellationToken) is { } now && IsSameObject(now, seen.Resource!);

    private TimeSpan? ReadAgain()
    {
        _mustRead = true;
        if (++_conflicts > 3) return Backoff();
        _again = true;
        return null;
    }

    private TimeSpan Backoff()
    {
        _mustRead = true;
        return RetryPolicy.Delay(Math.Min(++_conflicts, 6), Random.Shared.NextDouble());
    }

    private async Task<TimeSpan?> ForgetAsync()
    {
        // What was told during the run may speak of the next object of this name: then one read decides.
        var isNews = _again && !_gone;
        (_snapshot, _gone, _rechecking, _waitingSince, _conflicts) = (null, !isNews, false, null, 0);
        await ForgetReminderAsync();
        if (!_again) DeactivateOnIdle();
        return null;
    }

    private void Log(Outcome outcome, Report report)
    {
        if (outcome is Outcome.Failed { Failure: var failure })
            LogFailed(logger, _key, failure.Reason, failure.Message, report.LookAgainAfter?.ToString() ?? "when something changes");
        else if (report.Status is not null || report.Events.Count > 0)
            LogReconciled(logger, _key, outcome.GetType().Name, report.Status?.Condition(ConditionTypes.Ready)?.Reason ?? (report.Events is [var first, ..] ? first.Reason : ""));
    }

    private static bool IsSameObject(NangoIntegration left, NangoIntegration right) =>
        string.Equals(left.Metadata.Uid, right.Metadata.Uid, StringComparison.Ordinal);

    private enum WriteResult
    {
        Done,
        ReadAgain,
        Gone,
        Failed,
    }
}
