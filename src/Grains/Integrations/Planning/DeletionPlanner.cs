using NangoOrleans.Failures;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Planning;

/// <summary>
/// Decides how a resource is taken down: what happens in Nango first, our finalizer last. Whatever fails is retried for a
/// bounded time only, so that a deletion never hangs for ever.
/// </summary>
public static class DeletionPlanner
{
    /// <summary>Decides.</summary>
    /// <param name="seen">All that this run knows.</param>
    /// <param name="resource">The resource, being deleted.</param>
    public static Decision Decide(Observed seen, NangoIntegration resource)
    {
        if (seen.Released is { } released) return IntegrationPlanner.Conclude(released);
        if (!resource.HasFinalizer) return IntegrationPlanner.Conclude(new Outcome.Gone());
        if (seen.Failure is { } failure) return DecideFailure(seen, resource, failure);

        var policy = resource.Spec?.DeletionPolicy ?? DeletionPolicy.DeleteIfUnused;
        if (policy == DeletionPolicy.Retain) return Release(Reasons.Retained, $"Left \"{Key(resource)}\" in Nango, as spec.deletion_policy Retain asks.");
        if (seen.Environment is { Spec.DeletionProtection: true } environment)
            return Release(Reasons.Retained, $"Left \"{Key(resource)}\" in Nango: {environment.Id} has deletion_protection.", warning: true);
        if (resource.Spec?.Mode == ManagementMode.Observe) return Release(Reasons.Retained, $"Left \"{Key(resource)}\" in Nango, as spec.mode Observe asks.");
        // Removing the operator must not empty Nango.
        if (seen.Uninstalling is not { } uninstalling) return IntegrationPlanner.Do(new Step.CheckDefinition());
        if (uninstalling) return Release(Reasons.Retained, $"Left \"{Key(resource)}\" in Nango: the definition of NangoIntegration is being deleted.");
        return DecideAccess(seen, resource) ?? DecideRemote(seen, resource, policy);
    }

    private static Decision? DecideAccess(Observed seen, NangoIntegration resource)
    {
        if (resource.Spec is null || Key(resource) is null) return GiveUpUnreadable(resource);
        if (seen.BaseUrl?.Refusal is { Kind: FailureKind.Throttled } unknown) return IntegrationPlanner.Wait(unknown);
        if (seen.BaseUrl?.Refusal is { } refused) return DecideFailure(seen, resource, refused);
        return seen.Claim switch
        {
            null => IntegrationPlanner.Do(new Step.FindOwner()),
            _ when seen.ClaimIsOutdated => IntegrationPlanner.Do(new Step.FindOwner()),
            { Known: false } => IntegrationPlanner.WaitForIndex(),
            { Owner: { } owner } => Release(Reasons.Retained, $"Left \"{Key(resource)}\" in Nango: {owner} owns it."),
            _ when !seen.IsComplete => IntegrationPlanner.Do(new Step.ReadResource()),
            _ when seen.Values is null => IntegrationPlanner.Do(new Step.ResolveValues()),
            _ => null,
        };
    }

    private static Decision DecideRemote(Observed seen, NangoIntegration resource, DeletionPolicy policy) => seen switch
    {
        { RemovedFromNango: true } => Release(Reasons.Deleted, $"Deleted \"{Key(resource)}\" from Nango."),
        { Presence: RemotePresence.Unknown } => IntegrationPlanner.Do(new Step.ReadRemote(WithCredentials: false)),
        { Presence: RemotePresence.Absent } => LeftElsewhere(seen, resource) ?? Release(Reasons.Deleted, $"\"{Key(resource)}\" is not in Nango any more."),
        _ when LeftElsewhere(seen, resource) is { } left => left,
        _ when !IsOurs(seen, resource, seen.Remote!) => Release(Reasons.Retained, $"Left \"{Key(resource)}\" in Nango: it was there before this resource, which never took it over."),
        _ when policy == DeletionPolicy.Delete => IntegrationPlanner.Do(new Step.DeleteRemote()),
        { ConnectionsCounted: false } => IntegrationPlanner.Do(new Step.CountConnections()),
        { Connections: 0 } => IntegrationPlanner.Do(new Step.DeleteRemote()),
        { Connections: { } count } => Release(Reasons.InUse, $"Kept \"{Key(resource)}\" in Nango: {count} connection{(count == 1 ? " uses" : "s use")} it; delete it there, or use spec.deletion_policy Delete.", warning: true),
        _ => Release(Reasons.InUse, $"Kept \"{Key(resource)}\" in Nango: whether anybody is connected is unknown, since the token lacks the scope environment:connections:list.", warning: true),
    };

    // The token or URL was edited to another environment after the last apply: what is there under this key is not what we made.
    private static Decision? LeftElsewhere(Observed seen, NangoIntegration resource)
    {
        var applied = resource.Status?.Environment;
        if (applied is null or { Key: "" } || string.Equals(applied.Key, seen.Values!.Endpoint.EnvironmentKey, StringComparison.Ordinal)) return null;
        var rotatedOnly = seen.Remote is { } remote && string.Equals(remote.CreatedAt, resource.Status?.Nango?.CreatedAt, StringComparison.Ordinal);
        return rotatedOnly
            ? null
            : Release(Reasons.Retained, $"Left \"{Key(resource)}\" in the Nango environment {applied.Key} at {applied.BaseUrl}, to which it was last applied: the token or base URL was changed since.", warning: true);
    }

    // Without a recorded created_at we may have been cut off after a create; what is older than the resource cannot be ours.
    private static bool IsOurs(Observed seen, NangoIntegration resource, RemoteIntegration remote) =>
        resource.Status?.Nango?.CreatedAt is not null
        || (resource.Spec?.AdoptionPolicy == AdoptionPolicy.Refuse ? Ownership.IsOurs(seen, resource, remote) : Ownership.IsYoungerThan(remote, resource));

    private static bool NeverActed(NangoIntegration resource) => resource.Status?.Nango?.CreatedAt is null;

    private static bool IsCredentialFailure(Failure failure) =>
        failure.Kind == FailureKind.Terminal || failure.Reason is Reasons.SecretNotFound or Reasons.SecretForbidden or Reasons.EnvironmentNotFound;

    private static Decision NothingThere(NangoIntegration resource) =>
        Release(Reasons.Deleted, $"Nothing was ever created in Nango for \"{Key(resource)}\".");

    private static Decision GiveUpUnreadable(NangoIntegration resource) => NeverActed(resource)
        ? NothingThere(resource)
        : Release(Reasons.DeletionAbandoned, $"Left \"{resource.Status?.IntegrationId}\" in Nango: the resource's spec cannot be read any more.", warning: true);

    private static Decision DecideFailure(Observed seen, NangoIntegration resource, Failure failure)
    {
        // No report says that anything was made, and the credential that would be needed to make it is refused or missing.
        if (NeverActed(resource) && !seen.ReleaseTried && IsCredentialFailure(failure)) return NothingThere(resource);
        // A failure of the very release: only Kubernetes can mend it, giving up on Nango would not help.
        if (!seen.ReleaseTried && IsExhausted(seen, resource))
            return Release(Reasons.DeletionAbandoned, $"Gave up deleting \"{Key(resource)}\" from Nango, it may still be there: {failure.Message}", warning: true);
        return IntegrationPlanner.Fail(failure with { Kind = FailureKind.Transient });
    }

    private static bool IsExhausted(Observed seen, NangoIntegration resource) =>
        resource.Status is { DeletionFailingSince: { } since, Attempts: { } attempts }
        && attempts + 1 >= seen.DeletionLimits.MinimumAttempts
        && seen.Now - since >= seen.DeletionLimits.GiveUpAfter;

    private static string? Key(NangoIntegration resource) => resource.Status?.IntegrationId is { Length: > 0 } applied ? applied : resource.Spec?.UniqueKey;

    private static Decision Release(string reason, string message, bool warning = false) =>
        IntegrationPlanner.Do(new Step.RemoveFinalizer(new Outcome.Released(reason, message, warning)));
}
