using NangoOrleans.Failures;
using NangoOrleans.Integrations.Reporting;

namespace NangoOrleans.Integrations;

// When it runs: pokes wake it at once, a timer within the minute, a reminder after that. One run at a time.
public sealed partial class NangoIntegrationGrain
{
    /// <inheritdoc/>
    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        _hasReminder = true;
        WakeUpIn(TimeSpan.Zero);
        return Task.CompletedTask;
    }

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
        TimeSpan? next;
        try
        {
            next = await RunUntilQuietAsync(cancellationToken);
            await TellWitnessesAsync();
            if (_again) next = TimeSpan.Zero;
            // With the last leftover goes what it was woken for.
            if (next is null && _snapshot is null && !HasLeftovers) DeactivateOnIdle();
        }
        finally
        {
            _running = false;
        }

        if (next is { } delay) await WakeUpLaterAsync(delay);
    }

    private async Task<TimeSpan?> RunUntilQuietAsync(CancellationToken cancellationToken)
    {
        try
        {
            TimeSpan? next;
            do
            {
                _again = false;
                next = await RunOnceAsync(cancellationToken);
            }
            while (_again);
            _crashes = 0;
            return next;
        }
        catch (FailureException e)
        {
            return NotRead(e.Failure);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var delay = RetryPolicy.Delay(++_crashes, Random.Shared.NextDouble());
            LogCrashed(logger, e, _key, delay);
            return delay;
        }
    }

    // The API server is away, which the watcher's log tells once for all; or it refuses, which is told for each.
    private TimeSpan NotRead(Failure failure)
    {
        var delay = Backoff();
        if (failure.Kind == FailureKind.Terminal) LogReadRefused(logger, _key, failure.Reason, failure.Message, delay);
        else LogNotRead(logger, _key, failure.Reason, delay);
        return delay;
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
}
