using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Kubernetes;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Integrations.Execution;

/// <summary>
/// What a run made in Nango for a resource that vanished before that could be reported (its finalizer was taken off by force):
/// nobody but the grain that made it knows of it. Holds resolved values, so it never leaves the activation.
/// </summary>
/// <param name="Seen">What the run knew; it created something.</param>
/// <param name="Since">Since when the resource is known to be gone.</param>
/// <param name="Attempts">Failed attempts so far.</param>
public sealed record LostCreate(Observed Seen, DateTimeOffset Since, int Attempts = 0)
{
    /// <summary>Key under which Nango knows it.</summary>
    public string UniqueKey => Seen.Remote!.UniqueKey;

    /// <summary>Never the values.</summary>
    public override string ToString() => $"lost create of {UniqueKey}";
}

/// <summary>What came of an attempt to remove it again.</summary>
public abstract record UndoAnswer
{
    private UndoAnswer()
    {
    }

    /// <summary>Nothing is left to do.</summary>
    /// <param name="Removed">True when it was removed now; false when it is gone already, or somebody else's by now.</param>
    public sealed record Settled(bool Removed) : UndoAnswer;

    /// <summary>Not yet.</summary>
    /// <param name="Lost">What to try again with.</param>
    /// <param name="Delay">When.</param>
    /// <param name="Reason">Why not yet.</param>
    public sealed record Later(LostCreate Lost, TimeSpan Delay, string Reason) : UndoAnswer;

    /// <summary>It stays in Nango.</summary>
    /// <param name="Reason">One of <see cref="Reasons"/>.</param>
    /// <param name="Message">Why, and what to do about it.</param>
    public sealed record Left(string Reason, string Message) : UndoAnswer;
}

/// <summary>
/// Removes what was made for a resource that vanished meanwhile: only if Nango still shows the very integration that was made, and nobody
/// claims the key. Repeated for as long as a deletion would be.
/// </summary>
public sealed class CreateUndo(IIntegrationStore store, IClaims claims, EnvironmentAccess nango, ReconcileOptions options, TimeProvider time)
{
    private const int MinimumAttempts = 5;

    /// <summary>Tries once.</summary>
    /// <param name="lost">What was made.</param>
    /// <param name="chance">Uniform in [0, 1), for jitter.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    public async Task<UndoAnswer> TryAsync(LostCreate lost, double chance, CancellationToken cancellationToken)
    {
        if (lost.Seen.Environment is { Spec.DeletionProtection: true } environment)
            return new UndoAnswer.Left(Reasons.Retained, $"Left \"{lost.UniqueKey}\" in Nango, made for this resource just before it went: {environment.Id} has deletion_protection.");
        try
        {
            return await RemoveAsync(lost, cancellationToken);
        }
        catch (FailureException e) when (e.Failure.Kind == FailureKind.Throttled && !DeletionPlanner.IsOutage(e.Failure))
        {
            return new UndoAnswer.Later(lost, (e.Failure.RetryAfter ?? RetryPolicy.First) + TimeSpan.FromSeconds(chance), e.Failure.Reason);
        }
        catch (FailureException e)
        {
            var attempts = lost.Attempts + 1;
            var isExhausted = attempts >= MinimumAttempts && time.GetUtcNow() - lost.Since >= options.DeletionGiveUpAfter;
            return e.Failure.Kind == FailureKind.Terminal || isExhausted
                ? new UndoAnswer.Left(Reasons.DeletionAbandoned, Abandoned(lost, e.Failure.Message))
                : new UndoAnswer.Later(lost with { Attempts = attempts }, RetryPolicy.Delay(attempts, chance), e.Failure.Reason);
        }
    }

    /// <summary>What is told of one that is given up.</summary>
    /// <param name="lost">What was made.</param>
    /// <param name="why">Why it could not be removed.</param>
    public static string Abandoned(LostCreate lost, string why) =>
        $"Could not remove \"{lost.UniqueKey}\" from Nango, made for this resource just before it went: delete it there. {why}";

    private async Task<UndoAnswer> RemoveAsync(LostCreate lost, CancellationToken cancellationToken)
    {
        var (seen, key) = (lost.Seen, lost.UniqueKey);
        var resource = seen.Resource!;
        var name = new IntegrationKey(resource.Metadata.Namespace, resource.Metadata.Name);
        // The next resource of this name has taken over what it found, or this one never went.
        if (await store.GetAsync(name, cancellationToken) is { HasFinalizer: true } now && string.Equals(now.Spec?.UniqueKey, key, StringComparison.Ordinal))
            return new UndoAnswer.Settled(Removed: false);

        var endpoint = seen.Values!.Endpoint;
        var claim = await claims.FindOwnerAsync(new ClaimQuery(name, endpoint.BaseUrl, key, endpoint.EnvironmentKey, seen.Remote!.CreatedAt), cancellationToken);
        if (!claim.Known) return new UndoAnswer.Later(lost, IntegrationPlanner.IndexWait, Reasons.Progressing);
        if (claim.Owner is not null) return new UndoAnswer.Settled(Removed: false);

        var there = await nango.CallAsync(endpoint, seen.Turn, client => client.GetAsync(key, includeCredentials: false, cancellationToken));
        var isOurs = string.Equals(there?.CreatedAt, seen.Remote.CreatedAt, StringComparison.Ordinal);
        return new UndoAnswer.Settled(isOurs && await nango.CallAsync(endpoint, seen.Turn, client => client.DeleteAsync(key, cancellationToken)));
    }
}
