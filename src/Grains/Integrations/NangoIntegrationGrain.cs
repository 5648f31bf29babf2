using Microsoft.Extensions.Logging;
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
        foreach (var leftover in poke.Leftovers ?? []) TakeOver(leftover, isRemembered: !poke.Gone && poke.Resource is null);
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
            if (!poke.FromList && poke.Leftovers is null) return ValueTask.CompletedTask;
            _mustRead |= poke.FromList;
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

    private async Task<TimeSpan?> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (_mustRead || (_snapshot is null && !_gone))
        {
            (_snapshot, _mustRead) = ((await runs.Store.GetAsync(IntegrationKey.Parse(_key), cancellationToken))?.Redact(), false);
            _isKnownGone = _snapshot is null;
        }

        // Before the next resource of this name finds it, and once more for what this run has made.
        await RemoveLeftoversAsync(cancellationToken);
        var next = await RunAsync(cancellationToken);
        await RemoveLeftoversAsync(cancellationToken);
        if (_leftovers.Count == 0) return next;
        var removal = _leftovers.Min(held => held.DueAt) - time.GetUtcNow();
        return next < removal ? next : removal > TimeSpan.Zero ? removal : TimeSpan.Zero;
    }

    private async Task<TimeSpan?> RunAsync(CancellationToken cancellationToken)
    {
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
        if (!_again && !HasLeftovers) DeactivateOnIdle();
        return null;
    }

    private static bool IsSameObject(NangoIntegration left, NangoIntegration right) =>
        string.Equals(left.Metadata.Uid, right.Metadata.Uid, StringComparison.Ordinal);
}
