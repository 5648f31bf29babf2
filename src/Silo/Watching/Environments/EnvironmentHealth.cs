using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using NangoOrleans.Configuration;
using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

/// <summary>
/// Looks after environment objects: tries the token when the object or its Secret changed, when a call failed, and again while it
/// does not work; writes the status on transitions, and at most once a minute when a count changed.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Nobody asks for a wait handle, so there is nothing to free; disposal would meet late callers.")]
internal sealed partial class EnvironmentHealth
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1), CountEvery = TimeSpan.FromMinutes(1), LongestRetry = TimeSpan.FromMinutes(1);

    // A thousand integrations that meet the same refusal are one reason to look.
    private static readonly TimeSpan DoubtRest = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<EnvironmentId, Watch> _watches = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _listed = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _wake = new(0);
    private readonly EnvironmentView _view;
    private readonly EnvironmentProbe _probe;
    private readonly IEnvironmentStore _store;
    private readonly IEventRecorder _events;
    private readonly IntegrationIndex _index;
    private readonly TimeSpan _resync;
    private readonly TimeProvider _time;
    private readonly ILogger<EnvironmentHealth> _logger;

    public EnvironmentHealth(
        EnvironmentView view, EnvironmentProbe probe, IEnvironmentStore store, IEventRecorder events, IntegrationIndex index, OperatorOptions options, TimeProvider time,
        ILogger<EnvironmentHealth> logger)
    {
        (_view, _probe, _store, _events, _index, _resync, _time, _logger) = (view, probe, store, events, index, options.Resync.Interval, time, logger);
    }

    /// <summary>Asks for a look now.</summary>
    /// <param name="id">Which environment.</param>
    public void Look(EnvironmentId id)
    {
        var watch = _watches.GetOrAdd(id, _ => new Watch());
        lock (watch) watch.DueAt = _time.GetUtcNow();
        _wake.Release();
    }

    /// <summary>Asks for a look at the environments whose token is in a Secret that changed.</summary>
    /// <param name="secret">The Secret; with an empty uid when it is gone.</param>
    public void SecretChanged(ObjectIdentity secret)
    {
        foreach (var environment in _view.All)
        {
            var selector = environment.Spec?.Token?.SecretKeyRef;
            var @namespace = environment.Id.IsClusterScoped ? selector?.Namespace : environment.Id.Namespace;
            if (selector?.Name != secret.Name || @namespace != secret.Namespace) continue;
            var known = environment.Status?.TokenSecret;
            if (known?.Uid != secret.Uid || known.ResourceVersion != secret.ResourceVersion) Look(environment.Id);
        }
    }

    /// <summary>The status changed and nothing else did: unless this very watcher wrote it, somebody else did, and nothing in it is to be relied upon.</summary>
    /// <param name="environment">As it is.</param>
    public void StatusSeen(NangoEnvironment environment)
    {
        // Judged when the watch is free: the answer to a report of its own may be under way still.
        if (_watches.TryGetValue(environment.Id, out var watch))
            lock (watch) watch.SeenVersion = environment.Metadata.ResourceVersion;
    }

    /// <summary>All integrations of an environment were listed; its status tells when, with its next change.</summary>
    /// <param name="environmentKey">Key of the environment: the uid of an object, if it has one.</param>
    public void Listed(string environmentKey) => _listed[environmentKey] = _time.GetUtcNow();

    /// <summary>The object is gone.</summary>
    /// <param name="id">Which environment.</param>
    public void Forget(EnvironmentId id) => _watches.TryRemove(id, out _);

    /// <summary>A call with the token of an environment has failed, here or on another silo.</summary>
    /// <param name="id">Which environment.</param>
    public void Doubt(EnvironmentId id)
    {
        if (!_watches.TryGetValue(id, out var watch)) return;
        watch.Doubt();
        _wake.Release();
    }

    /// <summary>Looks after the environments until told to stop.</summary>
    /// <param name="stoppingToken">The end of the term.</param>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            await _view.Synced.WaitAsync(stoppingToken);
            while (true)
            {
                var now = _time.GetUtcNow();
                foreach (var (id, watch) in _watches)
                {
                    if (watch.TryBegin(now, out var always)) _ = LookAsync(id, watch, always, stoppingToken);
                    else if (_index.IsComplete && watch.TryCount(now, CountEvery)) _ = CountAsync(id, watch, stoppingToken);
                }

                await _wake.WaitAsync(Tick, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The term is over.
        }
    }

    private async Task LookAsync(EnvironmentId id, Watch watch, bool always, CancellationToken stoppingToken)
    {
        TimeSpan? next = LongestRetry;
        try
        {
            next = await LookOnceAsync(id, watch, always, stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogLookFailed(_logger, e, id);
            next = watch.Retry(LongestRetry);
        }
        catch (OperationCanceledException)
        {
            // The term is over.
        }
        finally
        {
            watch.End(_time.GetUtcNow(), next);
        }
    }

    private async Task<TimeSpan?> LookOnceAsync(EnvironmentId id, Watch watch, bool always, CancellationToken stoppingToken)
    {
        if (_view.Find(id) is not { } environment) return null;
        var verdict = environment.Spec?.Suspend == true
            ? new EnvironmentVerdict(null, environment.Status?.TokenSecret)
            : await _probe.LookAsync(environment, always, stoppingToken);
        // Nango asked to wait: that says nothing of the token.
        if (verdict.Failure is { Reason: Reasons.RateLimited, RetryAfter: { } wait }) return wait;
        if (EnvironmentReporter.Report(environment, verdict, _index.CountOf(id), _time.GetUtcNow()) is { } status)
        {
            var ready = status.Condition(ConditionTypes.Ready)!;
            LogReported(_logger, id, ready.Status, ready.Reason);
            if (!await WriteAsync(environment, status, watch, stoppingToken)) return TimeSpan.FromMilliseconds(200);
            // Only after the write, which one of several silos wins.
            if (EnvironmentTransition.Between(environment.Status, status) is var (isWarning, reason, message)) _events.Record(environment, isWarning, reason, message);
        }

        if (verdict.Failure is null) watch.Failures = 0;
        if (verdict.Failure is null or { Kind: FailureKind.Terminal }) return _resync;
        // With an open circuit the next look is the probe that may close it: the integrations wait for the environment.
        return verdict.Failure is { Reason: Reasons.CircuitOpen, RetryAfter: { } probe } ? probe : watch.Retry(LongestRetry);
    }

    private async Task CountAsync(EnvironmentId id, Watch watch, CancellationToken stoppingToken)
    {
        try
        {
            if (_view.Find(id) is { Status: { Conditions.Count: > 0 } previous } environment
                && EnvironmentReporter.Count(previous, _index.CountOf(id), _time.GetUtcNow()) is { } status)
                await WriteAsync(environment, status, watch, stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogLookFailed(_logger, e, id);
        }
        catch (OperationCanceledException)
        {
            // The term is over.
        }
        finally
        {
            watch.End();
        }
    }

    private async Task<bool> WriteAsync(NangoEnvironment environment, NangoEnvironmentStatus status, Watch watch, CancellationToken stoppingToken)
    {
        try
        {
            if (_listed.TryGetValue(environment.Metadata.Uid, out var listed)) status = status with { LastListTime = listed };
            var answer = await _store.ReplaceStatusAsync(environment, status, stoppingToken);
            watch.WrittenVersion = answer?.Metadata.ResourceVersion;
            watch.WrittenAt = _time.GetUtcNow();
            return true;
        }
        catch (FailureException e) when (e.Failure.Kind == FailureKind.Conflict)
        {
            // The feed brings the newer object in a moment.
            return false;
        }
    }

    [LoggerMessage(EventId = 2020, EventName = "EnvironmentReported", Level = LogLevel.Information, Message = "{Environment}: Ready={Ready} {Reason}")]
    private static partial void LogReported(ILogger logger, EnvironmentId environment, string ready, string reason);

    [LoggerMessage(EventId = 2021, EventName = "EnvironmentLookFailed", Level = LogLevel.Warning, Message = "{Environment}: it could not be looked at; trying again")]
    private static partial void LogLookFailed(ILogger logger, Exception exception, EnvironmentId environment);

    private sealed class Watch
    {
        private bool _isBusy, _isDoubted;

        public DateTimeOffset? DueAt { get; set; }

        private DateTimeOffset LookedAt { get; set; }

        public DateTimeOffset WrittenAt { get; set; }

        public string? SeenVersion { get; set; }

        public string? WrittenVersion { get; set; }

        public int Failures { get; set; }

        public void Doubt()
        {
            lock (this)
            {
                _isDoubted = true;
                var due = LookedAt + DoubtRest;
                if (DueAt is null || DueAt > due) DueAt = due;
            }
        }

        public bool TryBegin(DateTimeOffset now, out bool always)
        {
            lock (this)
            {
                if (!_isBusy && SeenVersion is { } seen)
                {
                    SeenVersion = null;
                    if (!string.Equals(seen, WrittenVersion, StringComparison.Ordinal)) Doubt();
                }

                always = _isDoubted;
                if (_isBusy || DueAt is null || DueAt > now) return false;
                (_isBusy, _isDoubted, DueAt, LookedAt) = (true, false, null, now);
                return true;
            }
        }

        public bool TryCount(DateTimeOffset now, TimeSpan every)
        {
            lock (this)
            {
                if (_isBusy || now - WrittenAt < every) return false;
                return _isBusy = true;
            }
        }

        // What was asked for meanwhile comes first.
        public void End(DateTimeOffset now, TimeSpan? next)
        {
            lock (this) (_isBusy, DueAt) = (false, DueAt ?? now + next);
        }

        public void End()
        {
            lock (this) _isBusy = false;
        }

        public TimeSpan Retry(TimeSpan longest)
        {
            var delay = RetryPolicy.Delay(++Failures, Random.Shared.NextDouble());
            return delay < longest ? delay : longest;
        }
    }
}
