using System.Globalization;
using NangoOrleans.Failures;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Planning;

/// <summary>Nango cannot carry a mark of ownership, so it is told from times.</summary>
public static class Ownership
{
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    /// <summary>
    /// True when an integration was made after the resource: then it may be the work of a run whose report was cut off.
    /// The clocks are of two machines; a creation in the very second of the resource counts as younger.
    /// </summary>
    public static bool IsYoungerThan(RemoteIntegration remote, NangoIntegration resource) =>
        Time(remote.CreatedAt) is { } created && created >= resource.Metadata.CreationTimestamp;

    /// <summary>True when an integration was made before a moment, give or take what two clocks may differ by and a request may take.</summary>
    /// <param name="remote">Nango's view.</param>
    /// <param name="moment">The moment.</param>
    public static bool IsMadeBefore(RemoteIntegration remote, DateTimeOffset moment) => Time(remote.CreatedAt) is { } created && created <= moment + Slack;

    /// <summary>
    /// True when status names another created_at although it is the integration that was last written: somebody edited the status.
    /// One made anew is younger than the one it replaces, and bears another time of its last write.
    /// </summary>
    public static bool IsMisrecorded(NangoIntegration resource, RemoteIntegration remote) =>
        resource.Status?.Nango is { CreatedAt: { } recorded } nango
        && !string.Equals(recorded, remote.CreatedAt, StringComparison.Ordinal)
        && (string.Equals(nango.UpdatedAt, remote.UpdatedAt, StringComparison.Ordinal) || !(Time(remote.CreatedAt) > Time(recorded)));

    /// <summary>
    /// The key under which Nango knows it: the one last reported, unless the report says that Nango agrees with this very spec. Then it is the
    /// spec's, whatever somebody put into the status.
    /// </summary>
    /// <param name="resource">The resource.</param>
    public static string? RemoteKey(NangoIntegration resource) =>
        resource.Status is { IntegrationId: { Length: > 0 } reported } status && !IsReadyAsSpecified(resource, status) ? reported : resource.Spec?.UniqueKey;

    // One that is suspended stays ready although its spec may have changed since.
    private static bool IsReadyAsSpecified(NangoIntegration resource, NangoIntegrationStatus status) =>
        status.ObservedGeneration == resource.Metadata.Generation
        && status.Condition(ConditionTypes.Ready) is { Status: "True", Reason: not (Reasons.Suspended or Reasons.EnvironmentSuspended) } ready
        && ready.ObservedGeneration == resource.Metadata.Generation;

    /// <summary>What was last reported as ours; null for a resource that was not ours to manage when the run began.</summary>
    /// <param name="seen">What the run knows.</param>
    /// <param name="resource">The resource.</param>
    public static string? Known(Observed seen, NangoIntegration resource) =>
        resource.HasFinalizer && !seen.ClaimedInThisRun ? resource.Status?.Nango?.CreatedAt : null;

    /// <summary>
    /// Under adoption policy <c>Refuse</c>: true when an integration is ours. It is when it was reported as ours, replaces one that
    /// was, or is not older than the moment at which this environment was seen without it.
    /// </summary>
    /// <param name="seen">What the run knows; its values are resolved.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="remote">Nango's view.</param>
    public static bool IsOurs(Observed seen, NangoIntegration resource, RemoteIntegration remote)
    {
        var known = Known(seen, resource);
        if (seen.Created || string.Equals(known, remote.CreatedAt, StringComparison.Ordinal)) return true;
        if (known is not null && IsAppliedHere(seen, resource)) return true;
        // Seen absent in this very run, and the one create that followed met it: it came from elsewhere in between.
        if (seen.ClaimedInThisRun) return false;
        return AbsentAt(seen, resource) is { } absent && Time(remote.CreatedAt) is { } created && created >= absent;
    }

    /// <summary>Under <c>Refuse</c>: false while nothing would tell later that an integration made now in this environment is ours.</summary>
    /// <param name="seen">What the run knows; its values are resolved.</param>
    /// <param name="resource">The resource.</param>
    public static bool HasTitle(Observed seen, NangoIntegration resource) =>
        resource.HasFinalizer && ((Known(seen, resource) is not null && IsAppliedHere(seen, resource)) || AbsentAt(seen, resource) is not null);

    private static bool IsAppliedHere(Observed seen, NangoIntegration resource) =>
        string.Equals(resource.Status?.Environment?.Key, seen.Values!.Endpoint.EnvironmentKey, StringComparison.Ordinal);

    private static DateTimeOffset? AbsentAt(Observed seen, NangoIntegration resource)
    {
        var annotations = resource.Metadata.Annotations;
        return resource.HasFinalizer
            && string.Equals(annotations.GetValueOrDefault(NangoApi.AbsentInAnnotation), seen.Values!.Endpoint.EnvironmentKey, StringComparison.Ordinal)
            ? Time(annotations.GetValueOrDefault(NangoApi.AbsentAtAnnotation))
            : null;
    }

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
