using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Planning;

/// <summary>Whether a resource needs a run, told from the resource alone. Pure; used by the grain and by the watcher's index.</summary>
public static class ReconcileTrigger
{
    /// <summary>When the next run is due.</summary>
    /// <param name="resource">The newest snapshot.</param>
    /// <param name="recheck">Something other than the resource may have changed.</param>
    /// <param name="now">The time.</param>
    /// <returns><paramref name="now"/> for at once, a later time for a retry, null when nothing is to be done.</returns>
    public static DateTimeOffset? NextRun(NangoIntegration resource, bool recheck, DateTimeOffset now)
    {
        var status = resource.Status;
        if (resource.IsDeleting)
            return !resource.HasFinalizer ? null : status?.DeletionFailingSince is null || recheck ? now : Due(RetryTime(resource, now), now);
        if (status is null || status.ObservedGeneration != resource.Metadata.Generation || IsRequested(resource)) return now;
        if (recheck) return now;
        if (status.NextRetryTime is not null) return Due(RetryTime(resource, now), now);
        if (status.IsTrue(ConditionTypes.Stalled) || IsSuspended(resource)) return null;
        return IsSettled(resource) ? null : now;
    }

    /// <summary>
    /// When a failed run is to be tried again. A time that no report of the operator's can hold counts as none: one with a resource that is
    /// ready or stalled, or one beyond the longest delay; somebody else wrote it.
    /// </summary>
    /// <param name="resource">The resource.</param>
    /// <param name="now">The time.</param>
    public static DateTimeOffset? RetryTime(NangoIntegration resource, DateTimeOffset now) =>
        resource.Status is { NextRetryTime: { } retry } status
        && retry - now <= RetryPolicy.Longest * 2
        && (resource.IsDeleting || !(status.IsTrue(ConditionTypes.Ready) || status.IsTrue(ConditionTypes.Stalled))) ? retry : null;

    /// <summary>
    /// True when the operator has nothing left to do: observed, ready, no retry due, our finalizer on, no reconcile asked for, and nothing in its status that others put there.
    /// Whether the Secrets are still the observed ones is the caller's to know.
    /// </summary>
    /// <param name="resource">The resource.</param>
    public static bool IsSettled(NangoIntegration resource) =>
        !resource.IsDeleting
        && resource.Status is { NextRetryTime: null, Attempts: null, DeletionFailingSince: null } status
        && status.Conditions.All(condition => ConditionTypes.All.Contains(condition.Type))
        && status.ObservedGeneration == resource.Metadata.Generation
        && !IsRequested(resource)
        && (IsSuspended(resource) || (status.IsTrue(ConditionTypes.Ready) && !status.IsTrue(ConditionTypes.Reconciling) && resource.HasFinalizer != IsObserved(resource)));

    /// <summary>True when the user asked for a reconcile that was not handled yet.</summary>
    /// <param name="resource">The resource.</param>
    public static bool IsRequested(NangoIntegration resource) =>
        resource.Metadata.Annotations.TryGetValue(NangoApi.ReconcileRequestedAtAnnotation, out var requested)
        && !string.Equals(requested, resource.Status?.LastHandledReconcileAt, StringComparison.Ordinal);

    private static bool IsSuspended(NangoIntegration resource) =>
        string.Equals(resource.Status?.Status, IntegrationPhase.Suspended, StringComparison.Ordinal);

    // What is only observed carries no finalizer.
    private static bool IsObserved(NangoIntegration resource) => resource.Spec?.Mode == ManagementMode.Observe;

    private static DateTimeOffset Due(DateTimeOffset? retry, DateTimeOffset now) => retry is { } time && time > now ? time : now;
}
