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
        if (Protects(seen, Recorded(resource)) is { } retained) return retained;
        if (resource.Spec?.Mode == ManagementMode.Observe) return Release(Reasons.Retained, $"Left \"{Key(resource)}\" in Nango, as spec.mode Observe asks.");
        // Removing the operator must not empty Nango.
        if (seen.Uninstalling is not { } uninstalling) return IntegrationPlanner.Do(new Step.CheckDefinition());
        if (uninstalling) return Release(Reasons.Retained, $"Left \"{Key(resource)}\" in Nango: the definition of NangoIntegration is being deleted.");
        return DecideAccess(seen, resource) ?? DecideRemote(seen, resource, policy);
    }

    /// <summary>
    /// True when what is waited for is not the request budget but a server that is down: with the circuit open hardly anybody gets to
    /// try, and a deletion that only waited would do so for as long as Nango is away.
    /// </summary>
    /// <param name="throttled">What is waited for.</param>
    public static bool IsOutage(Failure throttled) =>
        throttled.Reason is Reasons.CircuitOpen or Reasons.EnvironmentNotReady or Reasons.Unreachable or Reasons.Timeout or Reasons.NangoUnavailable or Reasons.ServerError or Reasons.UnexpectedAnswer;

    private static Decision? DecideAccess(Observed seen, NangoIntegration resource)
    {
        if (resource.Spec is null || Key(resource) is null) return GiveUpUnreadable(resource);
        if (seen.BaseUrl?.Refusal is { Kind: FailureKind.Throttled } unknown) return IntegrationPlanner.Wait(unknown);
        if (seen.BaseUrl?.Refusal is { } refused) return GoBack(seen, resource) ?? DecideFailure(seen, resource, refused);
        if (seen.Values is not null && !IsRecorded(seen, resource) && GoBack(seen, resource) is { } back) return back;
        return seen.Claim switch
        {
            // Whose the key is elsewhere has nothing to do with it.
            _ when seen.Presence != RemotePresence.Unknown && IsElsewhere(seen, resource) => null,
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
        _ when IsElsewhere(seen, resource) => DecideFailure(seen, resource, CredentialGone(resource)),
        { Presence: RemotePresence.Absent } => Release(Reasons.Deleted, $"\"{Key(resource)}\" is not in Nango any more."),
        _ when !IsOurs(seen, resource, seen.Remote!) => Release(Reasons.Retained, $"Left \"{Key(resource)}\" in Nango: it was there before this resource, which never took it over."),
        _ when Protects(seen, null) is { } retained => retained,
        _ when policy == DeletionPolicy.Delete => IntegrationPlanner.Do(new Step.DeleteRemote()),
        { ConnectionsCounted: false } => IntegrationPlanner.Do(new Step.CountConnections()),
        { Connections: 0 } => IntegrationPlanner.Do(new Step.DeleteRemote()),
        { Connections: { } count } => Release(Reasons.InUse, $"Kept \"{Key(resource)}\" in Nango: {count} connection{(count == 1 ? " uses" : "s use")} it; delete it there, or use spec.deletion_policy Delete.", warning: true),
        _ => Release(Reasons.InUse, $"Kept \"{Key(resource)}\" in Nango: whether anybody is connected is unknown, since the token lacks the scope environment:connections:list.", warning: true),
    };

    // Protection of an environment that the resource was never applied to says nothing about the one it was.
    private static Decision? Protects(Observed seen, EnvironmentStatus? recorded) =>
        seen.Environment is { Spec.DeletionProtection: true } environment && (recorded is null || string.Equals(recorded.Key, environment.Metadata.Uid, StringComparison.Ordinal))
            ? Release(Reasons.Retained, $"Left \"{Key(seen.Resource!)}\" in Nango: {environment.Id} has deletion_protection.", warning: true)
            : null;

    private static EnvironmentStatus? Recorded(NangoIntegration resource) => resource.Status?.Environment is { Key.Length: > 0 } recorded ? recorded : null;

    // The token or URL was edited, or the credential is gone: what was made is where it was last applied, if that can still be reached.
    private static Decision? GoBack(Observed seen, NangoIntegration resource) =>
        seen.RecordedTried || Recorded(resource) is null || NeverActed(resource) ? null
        : IntegrationPlanner.Do(seen.IsComplete ? new Step.FindRecordedEnvironment() : new Step.ReadResource());

    private static bool IsRecorded(Observed seen, NangoIntegration resource) =>
        Recorded(resource) is not { } recorded || string.Equals(recorded.Key, seen.Values!.Endpoint.EnvironmentKey, StringComparison.Ordinal);

    // Where the token was merely rotated, the same integration is seen through the new one.
    private static bool IsElsewhere(Observed seen, NangoIntegration resource) =>
        !IsRecorded(seen, resource) && (seen.Remote is not { } remote || !string.Equals(remote.CreatedAt, resource.Status?.Nango?.CreatedAt, StringComparison.Ordinal));

    private static Failure CredentialGone(NangoIntegration resource)
    {
        var recorded = Recorded(resource)!;
        return new(
            FailureKind.Transient,
            Reasons.CredentialGone,
            $"\"{Key(resource)}\" is in the Nango environment {recorded.Key} at {recorded.BaseUrl}, to which it was last applied, but the token for it is gone since the token or base URL was changed: set them back, or delete it there");
    }

    // Without a recorded created_at we may have been cut off after a create; what is older than the resource cannot be ours.
    internal static bool IsOurs(Observed seen, NangoIntegration resource, RemoteIntegration remote) => seen.Leftover switch
    {
        null => IsOursByResource(seen, resource, remote),
        { CreatedAt: { } created } => string.Equals(created, remote.CreatedAt, StringComparison.Ordinal),
        // What is made after the resource went is not for it, however often this is tried.
        { Since: var since } => Ownership.IsMadeBefore(remote, since) && IsOursByResource(seen, resource, remote),
    };

    private static bool IsOursByResource(Observed seen, NangoIntegration resource, RemoteIntegration remote) =>
        resource.Status?.Nango?.CreatedAt is not null
        || (resource.Spec?.AdoptionPolicy == AdoptionPolicy.Refuse ? Ownership.IsOurs(seen, resource, remote) : Ownership.IsYoungerThan(remote, resource));

    private static bool NeverActed(NangoIntegration resource) => resource.Status?.Nango?.CreatedAt is null;

    private static bool IsCredentialFailure(Failure failure) =>
        failure.Kind == FailureKind.Terminal || failure.Reason is Reasons.SecretNotFound or Reasons.SecretForbidden or Reasons.EnvironmentNotFound;

    // Reasons of a report whose run ended before it could have made anything.
    private static bool HadSentNothing(NangoIntegration resource) => resource.Status?.Condition(ConditionTypes.Ready)?.Reason is
        Reasons.InvalidSpec or Reasons.ImmutableField or Reasons.UnknownProvider or Reasons.CredentialsMismatch or Reasons.BaseUrlNotAllowed
        or Reasons.DefaultCredentialNotAllowed or Reasons.EnvironmentNotFound or Reasons.EnvironmentNotAllowed or Reasons.EnvironmentSuspended
        or Reasons.EnvironmentNotReady or Reasons.KeyPrefixRequired or Reasons.SecretNotFound or Reasons.SecretForbidden or Reasons.TokenMalformed
        or Reasons.TokenRefused or Reasons.ScopeMissing or Reasons.Rejected or Reasons.AlreadyExists or Reasons.KeyConflict or Reasons.Suspended;

    // Still no proof: a run before that one may have been cut off between its POST and its report.
    private static Decision NothingKnown(NangoIntegration resource, string why) => Release(
        Reasons.DeletionAbandoned,
        $"Nothing is known to have been created in Nango for \"{Key(resource)}\", and Nango could not be asked: {why}",
        warning: true);

    private static Decision GiveUpUnreadable(NangoIntegration resource) => NeverActed(resource)
        ? NothingKnown(resource, "the resource's spec cannot be read.")
        : Release(Reasons.DeletionAbandoned, $"Left \"{resource.Status?.IntegrationId}\" in Nango: the resource's spec cannot be read any more.", warning: true);

    private static Decision DecideFailure(Observed seen, NangoIntegration resource, Failure failure)
    {
        if (!seen.ReleaseTried && IsCredentialFailure(failure))
        {
            if (seen.Values is null && GoBack(seen, resource) is { } back) return back;
            if (NeverActed(resource) && HadSentNothing(resource) && resource.Status?.DeletionFailingSince is null) return NothingKnown(resource, failure.Message);
        }

        // A failure of the very release: only Kubernetes can mend it, giving up on Nango would not help.
        if (!seen.ReleaseTried && IsExhausted(seen, resource))
            return Release(Reasons.DeletionAbandoned, $"Gave up deleting \"{Key(resource)}\" from Nango, it may still be there: {failure.Message}", warning: true);
        return IntegrationPlanner.Fail(failure with { Kind = FailureKind.Transient, RetryAfter = failure.Kind == FailureKind.Throttled ? null : failure.RetryAfter });
    }

    private static bool IsExhausted(Observed seen, NangoIntegration resource) =>
        resource.Status is { DeletionFailingSince: { } since, Attempts: { } attempts }
        && attempts + 1 >= seen.DeletionLimits.MinimumAttempts
        && seen.Now - since >= seen.DeletionLimits.GiveUpAfter;

    private static string? Key(NangoIntegration resource) => Ownership.RemoteKey(resource);

    private static Decision Release(string reason, string message, bool warning = false) =>
        IntegrationPlanner.Do(new Step.RemoveFinalizer(new Outcome.Released(reason, message, warning)));
}
