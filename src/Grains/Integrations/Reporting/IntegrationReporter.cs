using System.Text.Json;
using NangoOrleans.Failures;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Reporting;

/// <summary>Turns what came of a run into status, events and the time of the next run. Pure; the one place that does.</summary>
public static class IntegrationReporter
{
    /// <summary>Waiting is told only after so long: most waits are over before anybody could read of them.</summary>
    public static readonly TimeSpan SilentWait = TimeSpan.FromSeconds(30);

    /// <summary>Builds the report.</summary>
    /// <param name="seen">What the run observed.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="now">The time to report.</param>
    /// <param name="waitingSince">Since when the runs have been waiting, if they have.</param>
    /// <param name="chance">Uniform in [0, 1), for jitter.</param>
    public static Report Build(Observed seen, Outcome outcome, DateTimeOffset now, DateTimeOffset? waitingSince, double chance)
    {
        if (seen.Resource is not { } resource) return Report.Nothing;
        now = WholeSeconds(now);
        return outcome switch
        {
            Outcome.InSync inSync => Changed(resource, InSync(seen, resource, inSync, now), now, InSyncEvents(seen, resource, inSync)),
            Outcome.Deviates deviates => Deviates(seen, resource, deviates, now),
            Outcome.Suspended suspended => Changed(resource, SuspendedStatus(resource, suspended, now), now, []),
            Outcome.Conflict conflict => Conflict(resource, conflict, now),
            Outcome.Failed { Failure: { Kind: FailureKind.Transient } failure } when !IsHopeless(resource, failure) => Retry(seen, resource, failure, now, chance),
            Outcome.Failed { Failure: var failure } => Stalled(seen, resource, failure, now),
            Outcome.Waiting waiting => Wait(resource, waiting, now, waitingSince, chance),
            Outcome.Released released => new Report(null, [new(released.Warning, released.Reason, released.Message)], null),
            _ => Report.Nothing,
        };
    }

    private static NangoIntegrationStatus InSync(Observed seen, NangoIntegration resource, Outcome.InSync outcome, DateTimeOffset now)
    {
        var previous = Previous(resource);
        var was = previous.Condition(ConditionTypes.Ready);
        var reason = outcome.Change ?? (was is { Status: "True" } ? was.Reason : Reasons.Created);
        if (reason is Reasons.Suspended or Reasons.EnvironmentSuspended) reason = Reasons.Created;
        return Base(seen, resource, previous) with
        {
            Status = IntegrationPhase.Created,
            ErrorMessage = "",
            Attempts = null,
            NextRetryTime = null,
            Conditions = Conditions.Build(
                previous.Conditions, resource.Metadata.Generation, now,
                (ConditionTypes.Ready, true, reason, "Nango agrees with this resource."),
                (ConditionTypes.IntegrationCreated, true, reason, "The integration exists in Nango."),
                (ConditionTypes.IntegrationCreationFailed, false, reason, "")),
        };
    }

    private static List<ReportedEvent> InSyncEvents(Observed seen, NangoIntegration resource, Outcome.InSync outcome)
    {
        var key = resource.Spec?.UniqueKey;
        List<ReportedEvent> events = outcome.Change switch
        {
            Reasons.Created => [new(false, Reasons.Created, $"Created \"{key}\" in Nango.")],
            Reasons.Adopted => [new(false, Reasons.Adopted, $"Took over \"{key}\", which was in Nango already{Fields(outcome)}.")],
            Reasons.Updated => [new(false, Reasons.Updated, $"Updated \"{key}\" in Nango{Fields(outcome)}.")],
            Reasons.Recreated => [new(true, Reasons.Recreated, $"\"{key}\" had been deleted or made anew in Nango; it agrees with this resource again.")],
            _ => [],
        };
        if (LeftBehind(seen, resource) is { } left)
            events.Add(new(true, Reasons.Retained, $"\"{key}\" was left as it is in the Nango environment {left.Key} at {left.BaseUrl}: this resource now speaks of another one."));
        return events;
    }

    private static EnvironmentStatus? LeftBehind(Observed seen, NangoIntegration resource)
    {
        var (before, created) = (resource.Status?.Environment, resource.Status?.Nango?.CreatedAt);
        return before is not null && created is not null
            && !string.Equals(before.Key, seen.Values?.Endpoint.EnvironmentKey, StringComparison.Ordinal)
            && !string.Equals(created, seen.Remote?.CreatedAt, StringComparison.Ordinal) ? before : null;
    }

    private static string Fields(Outcome.InSync outcome) => outcome.Fields.Count == 0 ? "" : $" (changed: {string.Join(", ", outcome.Fields)})";

    private static Report Deviates(Observed seen, NangoIntegration resource, Outcome.Deviates outcome, DateTimeOffset now)
    {
        var previous = Previous(resource);
        var message = outcome.Fields.Count == 0
            ? $"Nango does not have \"{resource.Spec?.UniqueKey}\"; with spec.mode Observe it is not created."
            : $"Nango differs from this resource in {string.Join(", ", outcome.Fields)}; with spec.mode Observe it is left as it is.";
        var status = (seen.Remote is null ? Handled(resource, previous) with { Nango = null } : Base(seen, resource, previous)) with
        {
            Status = IntegrationPhase.Failed,
            ErrorMessage = message,
            Attempts = null,
            NextRetryTime = null,
            Conditions = Conditions.Build(
                previous.Conditions, resource.Metadata.Generation, now,
                (ConditionTypes.Ready, false, outcome.Reason, message),
                (ConditionTypes.IntegrationCreated, seen.Remote is not null, outcome.Reason, message),
                (ConditionTypes.IntegrationCreationFailed, false, outcome.Reason, ""),
                (ConditionTypes.Stalled, true, outcome.Reason, message)),
        };
        return Changed(resource, status, now, IsNews(previous, outcome.Reason, message) ? [new(true, outcome.Reason, message)] : []);
    }

    private static bool IsNews(NangoIntegrationStatus previous, string reason, string message) =>
        previous.Condition(ConditionTypes.Ready) is not { Status: "False" } before
        || !string.Equals(before.Reason, reason, StringComparison.Ordinal)
        || !string.Equals(before.Message, message, StringComparison.Ordinal);

    private static NangoIntegrationStatus SuspendedStatus(NangoIntegration resource, Outcome.Suspended suspended, DateTimeOffset now)
    {
        var previous = Previous(resource);
        var (reason, message) = (suspended.Reason, suspended.Message);
        return Handled(resource, previous) with
        {
            Status = IntegrationPhase.Suspended,
            ErrorMessage = "",
            Attempts = null,
            NextRetryTime = null,
            Conditions = Conditions.Build(
                previous.Conditions, resource.Metadata.Generation, now,
                (ConditionTypes.Ready, previous.IsTrue(ConditionTypes.Ready), reason, message),
                (ConditionTypes.IntegrationCreated, Exists(previous), reason, message),
                (ConditionTypes.IntegrationCreationFailed, false, reason, "")),
        };
    }

    private static Report Conflict(NangoIntegration resource, Outcome.Conflict conflict, DateTimeOffset now)
    {
        var message = $"spec.unique_key \"{resource.Spec?.UniqueKey}\" belongs to {conflict.Owner}: choose another key, or delete that resource, and this one takes over";
        var status = Handled(resource, Previous(resource)) with { Attempts = null, NextRetryTime = null };
        return Fail(resource, status, IntegrationPhase.Conflict, new Failure(FailureKind.Terminal, Reasons.KeyConflict, message), now, null);
    }

    private static Report Stalled(Observed seen, NangoIntegration resource, Failure failure, DateTimeOffset now)
    {
        // Nango took the write although it does not show it: its updated_at tells later whether anybody wrote since.
        var status = string.Equals(failure.Reason, Reasons.NotApplied, StringComparison.Ordinal)
            ? Base(seen, resource, Previous(resource))
            : Handled(resource, Previous(resource));
        return Fail(resource, status with { Attempts = null, NextRetryTime = null }, IntegrationPhase.Failed, failure with { Kind = FailureKind.Terminal }, now, null);
    }

    private static Report Retry(Observed seen, NangoIntegration resource, Failure failure, DateTimeOffset now, double chance)
    {
        var previous = Previous(resource);
        var attempts = AttemptsBefore(resource, previous) + 1;
        var delay = RetryPolicy.Delay(attempts, chance);
        var status = Handled(resource, previous) with
        {
            Attempts = attempts,
            NextRetryTime = WholeSeconds(now + delay + TimeSpan.FromMilliseconds(999)),
            DeletionFailingSince = resource.IsDeleting ? previous.DeletionFailingSince ?? now : null,
        };
        // What this very run made must not be forgotten because a later step failed.
        if (seen.Created && seen.Remote is not null)
        {
            var applied = Base(seen, resource, previous);
            status = status with { Nango = applied.Nango, Environment = applied.Environment, IntegrationId = applied.IntegrationId };
        }

        if (seen.ConnectionsCounted && status.Nango is { } nango) status = status with { Nango = nango with { Connections = seen.Connections } };

        return Fail(resource, status, resource.IsDeleting ? IntegrationPhase.Deleting : IntegrationPhase.Failed, failure, now, delay);
    }

    private static int AttemptsBefore(NangoIntegration resource, NangoIntegrationStatus previous) =>
        resource.IsDeleting && previous.DeletionFailingSince is null ? 0
        : !resource.IsDeleting && previous.ObservedGeneration != resource.Metadata.Generation ? 0
        : previous.Attempts ?? 0;

    private static bool IsHopeless(NangoIntegration resource, Failure failure) =>
        !resource.IsDeleting
        && string.Equals(failure.Reason, Reasons.ServerError, StringComparison.Ordinal)
        && AttemptsBefore(resource, Previous(resource)) + 1 >= RetryPolicy.ServerErrorLimit;

    private static Report Fail(NangoIntegration resource, NangoIntegrationStatus status, string phase, Failure failure, DateTimeOffset now, TimeSpan? retryAfter)
    {
        var previous = Previous(resource);
        var exists = Exists(status);
        var message = Sentence(failure.Message);
        var current = retryAfter is null ? ConditionTypes.Stalled : ConditionTypes.Reconciling;
        status = status with
        {
            Status = phase,
            ErrorMessage = message,
            Conditions = Conditions.Build(
                previous.Conditions, resource.Metadata.Generation, now,
                (ConditionTypes.Ready, false, failure.Reason, message),
                (ConditionTypes.IntegrationCreated, exists, failure.Reason, message),
                (ConditionTypes.IntegrationCreationFailed, !exists, failure.Reason, message),
                (current, true, failure.Reason, message)),
        };
        var report = Changed(resource, status, now, IsNews(previous, failure.Reason, message) ? [new(true, failure.Reason, message)] : []);
        return report with { LookAgainAfter = retryAfter };
    }

    private static Report Wait(NangoIntegration resource, Outcome.Waiting waiting, DateTimeOffset now, DateTimeOffset? waitingSince, double chance)
    {
        // Those who wait for the same thing must not all come back in the same instant.
        var delay = waiting.Delay + TimeSpan.FromSeconds(chance);
        if (waitingSince is not { } since || now - since < SilentWait) return new Report(null, [], delay);

        var previous = Previous(resource);
        var message = Sentence(waiting.Message);
        var kept = previous.Conditions.Where(c => c.Type is ConditionTypes.Ready or ConditionTypes.IntegrationCreated or ConditionTypes.IntegrationCreationFailed).ToList();
        if (kept.Count == 0)
            kept.AddRange(Conditions.Build([], resource.Metadata.Generation, now, (ConditionTypes.Ready, false, waiting.Reason, message)));
        kept.AddRange(Conditions.Build(previous.Conditions, resource.Metadata.Generation, now, (ConditionTypes.Reconciling, true, waiting.Reason, message)));
        var status = previous with { Status = resource.IsDeleting ? IntegrationPhase.Deleting : previous.Status ?? IntegrationPhase.Pending, Conditions = kept };
        return Changed(resource, status, now, []) with { LookAgainAfter = delay };
    }

    private static NangoIntegrationStatus Previous(NangoIntegration resource) => resource.Status ?? new NangoIntegrationStatus();

    private static bool Exists(NangoIntegrationStatus status) => status.Nango?.CreatedAt is not null;

    private static NangoIntegrationStatus Handled(NangoIntegration resource, NangoIntegrationStatus previous) => previous with
    {
        ObservedGeneration = resource.Metadata.Generation,
        LastHandledReconcileAt = resource.Metadata.Annotations.GetValueOrDefault(NangoApi.ReconcileRequestedAtAnnotation) ?? previous.LastHandledReconcileAt,
        DeletionFailingSince = resource.IsDeleting ? previous.DeletionFailingSince : null,
    };

    private static NangoIntegrationStatus Base(Observed seen, NangoIntegration resource, NangoIntegrationStatus previous)
    {
        var remote = seen.Remote!;
        var endpoint = seen.Values!.Endpoint;
        var same = string.Equals(previous.Nango?.CreatedAt, remote.CreatedAt, StringComparison.Ordinal);
        return Handled(resource, previous) with
        {
            IntegrationId = remote.UniqueKey,
            Environment = new EnvironmentStatus { BaseUrl = endpoint.BaseUrl, Key = endpoint.EnvironmentKey },
            ObservedSecrets = seen.Values.Secrets.Count == 0 ? null : seen.Values.Secrets,
            Nango = new NangoObservation
            {
                CreatedAt = remote.CreatedAt,
                UpdatedAt = remote.UpdatedAt,
                WebhookUrl = remote.WebhookUrl ?? (same ? previous.Nango?.WebhookUrl : null),
            },
        };
    }

    private static Report Changed(NangoIntegration resource, NangoIntegrationStatus status, DateTimeOffset now, IReadOnlyList<ReportedEvent> events)
    {
        var previous = Previous(resource);
        return AreEqual(previous, status) ? new Report(null, events, null) : new Report(status with { LastUpdated = now }, events, null);
    }

    private static bool AreEqual(NangoIntegrationStatus left, NangoIntegrationStatus right) =>
        JsonSerializer.SerializeToUtf8Bytes(left with { LastUpdated = null }).AsSpan()
            .SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(right with { LastUpdated = null }));

    private static string Sentence(string message) => message.EndsWith('.') ? message : message + ".";

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
