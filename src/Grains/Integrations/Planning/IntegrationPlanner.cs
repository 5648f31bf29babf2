using NangoOrleans.Failures;
using NangoOrleans.Integrations.Validation;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Planning;

/// <summary>
/// Decides the next step of a run from what the run has observed so far. Pure: no clock, no I/O, no logging.
/// <code>
/// valid? → suspended? → claim free? → finalizer on? → values resolved? → provider fits? → in Nango? → create or update → in sync
/// </code>
/// Deletion has a chain of its own: <see cref="DeletionPlanner"/>.
/// </summary>
public static class IntegrationPlanner
{
    /// <summary>How long to wait for the watcher's index when it cannot answer yet.</summary>
    public static readonly TimeSpan IndexWait = TimeSpan.FromSeconds(1);

    private static readonly Decision ReadAgain = new Decision.Conclude(new Outcome.ReadAgain());

    /// <summary>Decides.</summary>
    /// <param name="seen">All that this run knows.</param>
    public static Decision Decide(Observed seen)
    {
        if (seen.Resource is not { } resource) return Conclude(new Outcome.Gone());
        if (seen.Failure is { Kind: FailureKind.Conflict }) return ReadAgain;
        if (seen.Failure is { Kind: FailureKind.Throttled } throttled && !(resource.IsDeleting && DeletionPlanner.IsOutage(throttled))) return Wait(throttled);
        if (resource.IsDeleting) return DeletionPlanner.Decide(seen, resource);
        if (seen.Failure is { } failure) return Fail(failure);
        if (resource.Spec is not { } spec) return Fail(Terminal(Reasons.InvalidSpec, resource.SpecProblem ?? "spec is missing: write one"));
        if (spec.Suspend == true) return Conclude(new Outcome.Suspended());
        if (spec.Mode == ManagementMode.Observe) return ObservationPlanner.Decide(seen, resource, spec);

        return DecideSpec(spec, resource) ?? DecideEnvironment(seen) ?? DecideClaim(seen, resource) ?? DecideValues(seen, spec) ?? DecideRemote(seen, resource, spec);
    }

    internal static Decision Conclude(Outcome outcome) => new Decision.Conclude(outcome);

    internal static Decision Do(Step step) => new Decision.Do(step);

    internal static Decision Fail(Failure failure) => Conclude(new Outcome.Failed(failure));

    internal static Decision Wait(Failure throttled) =>
        Conclude(new Outcome.Waiting(throttled.Reason, throttled.Message, throttled.RetryAfter ?? TimeSpan.FromSeconds(1)));

    internal static Decision WaitForIndex() =>
        Conclude(new Outcome.Waiting(Reasons.Progressing, "Waiting for the operator to have seen all resources.", IndexWait));

    private static Failure Terminal(string reason, string message) => new(FailureKind.Terminal, reason, message);

    internal static Decision? DecideSpec(NangoIntegrationSpec spec, NangoIntegration resource)
    {
        var problems = IntegrationValidator.Check(spec);
        if (problems.Count > 0) return Fail(FieldProblem.ToFailure(problems));
        return Ownership.RemoteKey(resource) is { } applied && !string.Equals(applied, spec.UniqueKey, StringComparison.Ordinal)
            ? Fail(Terminal(Reasons.ImmutableField, $"spec.unique_key was changed from \"{applied}\", but it cannot be: set it back, or delete this resource and create another"))
            : null;
    }

    internal static Decision? DecideEnvironment(Observed seen)
    {
        if (seen.BaseUrl?.Refusal is { } refused) return refused.Kind == FailureKind.Throttled ? Wait(refused) : Fail(refused);
        return seen.Environment is { Spec.Suspend: true } environment
            ? Conclude(new Outcome.Suspended(Reasons.EnvironmentSuspended, $"Left alone while {environment.Id} is suspended."))
            : null;
    }

    private static Decision? DecideClaim(Observed seen, NangoIntegration resource) => seen.Claim switch
    {
        null => Do(new Step.FindOwner()),
        _ when seen.ClaimIsOutdated => Do(new Step.FindOwner()),
        { Known: false } => WaitForIndex(),
        { Owner: { } owner } => Conclude(new Outcome.Conflict(owner)),
        // Under Refuse the finalizer comes after the look at Nango, and with what it showed.
        _ when !resource.HasFinalizer && !Refuses(resource) => Do(new Step.AddFinalizer()),
        _ when !seen.IsComplete => Do(new Step.ReadResource()),
        _ => null,
    };

    internal static Decision? DecideValues(Observed seen, NangoIntegrationSpec spec)
    {
        if (seen.Values is not { } values) return Do(new Step.ResolveValues());
        if (values.Credentials is { } credentials)
        {
            FieldProblem[] problems = [.. CredentialsRules.CheckValues(credentials)];
            if (problems.Length > 0) return Fail(FieldProblem.ToFailure(problems));
        }

        if (seen.Provider is not { } provider) return Do(new Step.LookUpProvider());
        return Mismatch(spec, provider) is { } mismatch ? Fail(mismatch) : null;
    }

    private static Failure? Mismatch(NangoIntegrationSpec spec, NangoProvider provider)
    {
        const string Field = "spec.credentials";
        var (mode, type) = (provider.AuthMode, spec.Credentials?.Type);
        if (!CredentialsRules.TakesCredentials(mode))
            return type is null ? null : Terminal(Reasons.CredentialsMismatch, $"{Field} must be left out: provider {provider.Name} uses auth mode {mode}, which takes none");
        if (type is null)
            return CredentialsRules.NeedsCredentials(mode) ? Terminal(Reasons.CredentialsMismatch, $"{Field} is missing: provider {provider.Name} needs credentials of type {mode}") : null;
        return string.Equals(type, mode, StringComparison.Ordinal)
            ? null
            : Terminal(Reasons.CredentialsMismatch, $"{Field}.type is {type}, but provider {provider.Name} uses {mode}: set it to {mode}");
    }

    private static Decision DecideRemote(Observed seen, NangoIntegration resource, NangoIntegrationSpec spec) => seen.Presence switch
    {
        RemotePresence.Unknown when !seen.MetExisting && MustSeeAbsence(seen, resource) => Do(new Step.LookUpRemote()),
        RemotePresence.Absent when MustSeeAbsence(seen, resource) => NoteAbsence(seen),
        // A new resource is simply created: Nango's own uniqueness tells whether the key exists, so looking first would be a call for nothing.
        RemotePresence.Unknown when seen.MayHaveActed || seen.MetExisting => Do(new Step.ReadRemote(WithCredentials: spec.Credentials is not null)),
        RemotePresence.Unknown or RemotePresence.Absent => Do(new Step.CreateRemote(Request(spec, seen.Values!.Credentials))),
        _ => DecidePresent(seen, resource, spec, seen.Remote!),
    };

    private static bool Refuses(NangoIntegration resource) => resource.Spec?.AdoptionPolicy == AdoptionPolicy.Refuse;

    private static bool MustSeeAbsence(Observed seen, NangoIntegration resource) => Refuses(resource) && !Ownership.HasTitle(seen, resource);

    private static Decision NoteAbsence(Observed seen) => seen switch
    {
        // What was ours when the run began has been deleted since: look once more, with the time.
        { LookedUpOnly: false } => Do(new Step.LookUpRemote()),
        { LookedUpAt: { } at } => Do(new Step.AddFinalizer(at)),
        _ => Fail(Terminal(Reasons.UnexpectedAnswer, "Nango's answers carry no Date header, which spec.adoption_policy Refuse needs: mend the proxy that removes it, or use Adopt")),
    };

    private static CreateIntegration Request(NangoIntegrationSpec spec, RemoteCredentials? credentials) => new()
    {
        UniqueKey = spec.UniqueKey!,
        Provider = spec.Provider!,
        DisplayName = spec.DisplayName,
        ForwardWebhooks = spec.ForwardWebhooks,
        Credentials = credentials,
        IntegrationConfig = spec.IntegrationConfig,
        Custom = spec.Custom,
    };

    private static Decision DecidePresent(Observed seen, NangoIntegration resource, NangoIntegrationSpec spec, RemoteIntegration remote)
    {
        if (Refuses(resource) && !Ownership.IsOurs(seen, resource, remote)) return Refuse(resource, spec);
        if (!string.Equals(remote.Provider, spec.Provider, StringComparison.Ordinal)) return Fail(OtherProvider(resource, spec, remote));
        if (seen.LookedUpOnly && spec.Credentials is not null) return Do(new Step.ReadRemote(WithCredentials: true));
        // Empty scopes on POST make Nango store the provider's defaults; only a read shows them.
        if (seen.Created && seen.RemoteReads == 0 && spec.Credentials?.Scopes is { Length: 0 }) return Do(new Step.ReadRemote(WithCredentials: true));

        var difference = IntegrationDifference.Compute(spec, seen.Values!.Credentials, remote, MustSendUnreadable(seen, resource, remote));
        if (seen.Updated is { Credentials: not null } && remote.CredentialsReadable && !seen.ReadAfterUpdate) return Do(new Step.ReadRemote(WithCredentials: true));
        if (difference.IsEmpty) return Conclude(Settled(seen, resource, remote));
        if (seen.Updated is not null || WasNotApplied(seen, resource, remote)) return Fail(NotApplied(difference));
        return Do(new Step.UpdateRemote(difference));
    }

    private static Decision Refuse(NangoIntegration resource, NangoIntegrationSpec spec) =>
        // With nothing of ours anywhere there is nothing to clean up later.
        resource.HasFinalizer && resource.Status?.Nango?.CreatedAt is null
            ? Do(new Step.DropFinalizer())
            : Fail(Terminal(Reasons.AlreadyExists, $"Nango already has \"{spec.UniqueKey}\", and spec.adoption_policy Refuse leaves it alone: choose another spec.unique_key, delete it in Nango, or use Adopt"));

    private static bool MustSendUnreadable(Observed seen, NangoIntegration resource, RemoteIntegration remote)
    {
        if (seen.Created || seen.Updated is not null) return false;
        var status = resource.Status;
        return (!string.Equals(status?.Nango?.CreatedAt, remote.CreatedAt, StringComparison.Ordinal) && !Ownership.IsMisrecorded(resource, remote))
            || !string.Equals(status?.Nango?.UpdatedAt, remote.UpdatedAt, StringComparison.Ordinal)
            || status?.ObservedGeneration != resource.Metadata.Generation
            // A failed run observed the generation, too, but may have ended before it sent anything.
            || !status.IsTrue(ConditionTypes.Ready)
            || !SecretsEqual(OfCredentials(status?.ObservedSecrets, resource.Spec), OfCredentials(seen.Values!.Secrets, resource.Spec));
    }

    // The Secret of the token alone says nothing about what is stored in Nango.
    private static IReadOnlyList<ObservedSecret> OfCredentials(IReadOnlyList<ObservedSecret>? secrets, NangoIntegrationSpec? spec)
    {
        var names = SecretNames.OfCredentials(spec);
        return [.. (secrets ?? []).Where(secret => names.Contains(secret.Name, StringComparer.Ordinal))];
    }

    private static bool SecretsEqual(IReadOnlyList<ObservedSecret>? left, IReadOnlyList<ObservedSecret> right) =>
        (left ?? []).OrderBy(s => s.Name, StringComparer.Ordinal).SequenceEqual(right.OrderBy(s => s.Name, StringComparer.Ordinal));

    // Said once and nobody wrote since: sending the same again would not help (shared quickstart credentials, older servers).
    private static bool WasNotApplied(Observed seen, NangoIntegration resource, RemoteIntegration remote) =>
        resource.Status is { } status
        && status.ObservedGeneration == resource.Metadata.Generation
        && string.Equals(status.Condition(ConditionTypes.Ready)?.Reason, Reasons.NotApplied, StringComparison.Ordinal)
        && string.Equals(status.Nango?.UpdatedAt, remote.UpdatedAt, StringComparison.Ordinal)
        && SecretsEqual(status.ObservedSecrets, seen.Values!.Secrets);

    private static Failure NotApplied(UpdateIntegration difference) => Terminal(
        Reasons.NotApplied,
        $"Nango accepted the change of {string.Join(", ", difference.FieldNames)} but does not show it: an integration made with Nango's shared developer app, or an older server, keeps its own values; delete it in Nango to have it made anew");

    private static Failure OtherProvider(NangoIntegration resource, NangoIntegrationSpec spec, RemoteIntegration remote) =>
        string.Equals(resource.Status?.Nango?.CreatedAt, remote.CreatedAt, StringComparison.Ordinal)
            ? Terminal(Reasons.ImmutableField, $"spec.provider was changed from {remote.Provider}, but it cannot be: set it back, or delete this resource and create another")
            : Terminal(Reasons.AlreadyExists, $"Nango already has \"{spec.UniqueKey}\" for provider {remote.Provider}, not {spec.Provider}: choose another spec.unique_key, or delete it in Nango");

    private static Outcome.InSync Settled(Observed seen, NangoIntegration resource, RemoteIntegration remote)
    {
        var known = Ownership.Known(seen, resource);
        var sameEnvironment = string.Equals(resource.Status?.Environment?.Key, seen.Values!.Endpoint.EnvironmentKey, StringComparison.Ordinal);
        var change = true switch
        {
            _ when seen.Created => known is not null && sameEnvironment ? Reasons.Recreated : Reasons.Created,
            // Made after the resource was: by a run of ours whose report was cut off.
            _ when known is null && !seen.ClaimedInThisRun && Ownership.IsYoungerThan(remote, resource) => Reasons.Created,
            _ when !string.Equals(known, remote.CreatedAt, StringComparison.Ordinal) && !(sameEnvironment && Ownership.IsMisrecorded(resource, remote)) => known is not null && sameEnvironment ? Reasons.Recreated : Reasons.Adopted,
            _ when seen.Updated is not null => Reasons.Updated,
            _ => null,
        };
        return new Outcome.InSync(change, seen.Updated?.FieldNames ?? []);
    }
}
