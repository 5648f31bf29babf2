using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Integrations.Execution;

/// <summary>A leftover in the hands of a grain. May hold resolved values, so it never leaves the activation; <see cref="ToLeftover"/> does.</summary>
/// <param name="Seen">What is known: the resource as last seen, and, if this activation made the integration, all that its run knew.</param>
/// <param name="CreatedAt">Nango's created_at; null when nobody knows whether anything was made.</param>
/// <param name="Since">Since when it is known.</param>
/// <param name="Attempts">Failed attempts so far.</param>
public sealed record HeldLeftover(Observed Seen, string? CreatedAt, DateTimeOffset Since, int Attempts = 0)
{
    /// <summary>The resource as last seen.</summary>
    public NangoIntegration Resource => Seen.Resource!;

    /// <summary>Which life of the resource.</summary>
    public string Uid => Resource.Metadata.Uid;

    /// <summary>Key under which Nango knows it.</summary>
    public string UniqueKey => Ownership.RemoteKey(Resource)!;

    /// <summary>True when the API server has just said that the resource is gone: then it need not be asked, and may be away.</summary>
    public bool IsKnownGone { get; init; }

    /// <summary>What a run of this activation made.</summary>
    /// <param name="made">What the run knew; it created something.</param>
    /// <param name="since">The time.</param>
    public static HeldLeftover Of(Observed made, DateTimeOffset since) => new(made, made.Remote!.CreatedAt, since);

    /// <summary>What the watcher or another silo told.</summary>
    /// <param name="leftover">As it was told.</param>
    public static HeldLeftover Of(Leftover leftover) => new(
        new Observed { Resource = leftover.Resource, Turn = new RequestTurn(ReconcileLane.Change, leftover.Resource.Metadata.Namespace) }, leftover.CreatedAt, leftover.Since);

    /// <summary>What other silos may know of it.</summary>
    public Leftover ToLeftover() => new(Resource.Redact(), CreatedAt, Since);

    /// <summary>Never the values.</summary>
    public override string ToString() => $"leftover {UniqueKey}";
}

/// <summary>What came of an attempt to remove a leftover.</summary>
public abstract record RemovalAnswer
{
    private RemovalAnswer()
    {
    }

    /// <summary>Nothing is left to do.</summary>
    /// <param name="Removed">True when it was removed now; false when there is none, or it is somebody else's.</param>
    public sealed record Settled(bool Removed) : RemovalAnswer;

    /// <summary>Not yet.</summary>
    /// <param name="Leftover">What to try again with.</param>
    /// <param name="Delay">When.</param>
    /// <param name="Reason">Why not yet.</param>
    public sealed record Later(HeldLeftover Leftover, TimeSpan Delay, string Reason) : RemovalAnswer;

    /// <summary>It stays in Nango.</summary>
    /// <param name="Reason">One of <see cref="Reasons"/>.</param>
    /// <param name="Message">Why, and what to do about it.</param>
    public sealed record Left(string Reason, string Message) : RemovalAnswer;
}

/// <summary>
/// Does for a resource that is gone what its deletion would have done: removes its integration, if Nango shows the very one that is meant, nobody
/// claims the key, and neither deletion policy nor protection is against it. Repeated for as long as a deletion would be.
/// </summary>
public sealed class LeftoverRemover(
    IIntegrationStore store, IClaims claims, EnvironmentResolver environments, ValueResolver resolver, RecordedEnvironment recorded, EnvironmentAccess nango,
    ReconcileOptions options, TimeProvider time)
{
    private const int MinimumAttempts = 5;

    private static readonly Failure TokenGone = new(FailureKind.Terminal, Reasons.CredentialGone, "The token stood in the resource itself, and went with it.");

    /// <summary>Tries once.</summary>
    /// <param name="leftover">What is left.</param>
    /// <param name="chance">Uniform in [0, 1), for jitter.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    public async Task<RemovalAnswer> TryAsync(HeldLeftover leftover, double chance, CancellationToken cancellationToken)
    {
        // What was said then may not hold at the next attempt.
        var again = leftover with { IsKnownGone = false };
        try
        {
            return await RemoveAsync(leftover, cancellationToken) ?? new RemovalAnswer.Later(again, IntegrationPlanner.IndexWait, Reasons.Progressing);
        }
        catch (FailureException e) when (e.Failure.Kind == FailureKind.Throttled && !DeletionPlanner.IsOutage(e.Failure))
        {
            return new RemovalAnswer.Later(again, (e.Failure.RetryAfter ?? RetryPolicy.First) + TimeSpan.FromSeconds(chance), e.Failure.Reason);
        }
        catch (FailureException e)
        {
            var attempts = leftover.Attempts + 1;
            var isExhausted = attempts >= MinimumAttempts && time.GetUtcNow() - leftover.Since >= options.DeletionGiveUpAfter;
            return e.Failure.Kind == FailureKind.Terminal || isExhausted
                ? new RemovalAnswer.Left(Reasons.DeletionAbandoned, Abandoned(leftover, e.Failure.Message))
                : new RemovalAnswer.Later(again with { Attempts = attempts }, RetryPolicy.Delay(attempts, chance), e.Failure.Reason);
        }
    }

    /// <summary>What is told of one that is given up.</summary>
    /// <param name="leftover">What is left.</param>
    /// <param name="why">Why it could not be removed.</param>
    public static string Abandoned(HeldLeftover leftover, string why) =>
        $"Could not remove \"{leftover.UniqueKey}\" from Nango, whose resource was gone before its deletion could be seen through: delete it there. {why}";

    // Null while nobody knows who claims the key.
    private async Task<RemovalAnswer?> RemoveAsync(HeldLeftover leftover, CancellationToken cancellationToken)
    {
        var (resource, key) = (leftover.Resource, leftover.UniqueKey);
        var policy = resource.Spec!.DeletionPolicy ?? DeletionPolicy.DeleteIfUnused;
        if (policy == DeletionPolicy.Retain) return Left(leftover, Reasons.Retained, "as spec.deletion_policy Retain asks.");
        var name = new IntegrationKey(resource.Metadata.Namespace, resource.Metadata.Name);
        if (!leftover.IsKnownGone && await store.GetAsync(name, cancellationToken) is { } now && (IsSame(now, resource) || HasTakenOver(now, key)))
            return new RemovalAnswer.Settled(Removed: false);

        var seen = leftover.Seen.Values is null ? await ResolveAsync(leftover.Seen, cancellationToken) : leftover.Seen;
        if (seen.Environment is { Spec.DeletionProtection: true } environment) return Left(leftover, Reasons.Retained, $"{environment.Id} has deletion_protection.");

        var endpoint = seen.Values!.Endpoint;
        var claim = await claims.FindOwnerAsync(new ClaimQuery(name, endpoint.BaseUrl, key, endpoint.EnvironmentKey, leftover.CreatedAt), cancellationToken);
        if (!claim.Known) return null;
        if (claim.Owner is not null) return new RemovalAnswer.Settled(Removed: false);

        var there = await nango.CallAsync(endpoint, seen.Turn, client => client.GetAsync(key, includeCredentials: false, cancellationToken));
        if (there is null || !IsMeant(leftover, seen, there)) return new RemovalAnswer.Settled(Removed: false);
        if (policy == DeletionPolicy.DeleteIfUnused)
        {
            var connections = await nango.CallAsync(endpoint, seen.Turn, client => client.CountConnectionsAsync(key, cancellationToken));
            if (connections is null) return Left(leftover, Reasons.InUse, "whether anybody is connected is unknown, since the token lacks the scope environment:connections:list.");
            if (connections > 0) return Left(leftover, Reasons.InUse, $"{connections} connection{(connections == 1 ? " uses" : "s use")} it; delete it there.");
        }

        return new RemovalAnswer.Settled(await nango.CallAsync(endpoint, seen.Turn, client => client.DeleteAsync(key, cancellationToken)));
    }

    private static bool IsSame(NangoIntegration now, NangoIntegration then) => string.Equals(now.Metadata.Uid, then.Metadata.Uid, StringComparison.Ordinal);

    // The next resource of this name has what it found.
    private static bool HasTakenOver(NangoIntegration now, string key) => now.HasFinalizer && string.Equals(now.Spec?.UniqueKey, key, StringComparison.Ordinal);

    private static bool IsMeant(HeldLeftover leftover, Observed seen, RemoteIntegration there) => leftover.CreatedAt is { } created
        ? string.Equals(there.CreatedAt, created, StringComparison.Ordinal)
        : DeletionPlanner.IsOurs(seen, leftover.Resource, there);

    private static RemovalAnswer.Left Left(HeldLeftover leftover, string reason, string why) =>
        new(reason, $"Left \"{leftover.UniqueKey}\" in Nango, whose resource was gone before its deletion could be seen through: {why}");

    // As for a deletion: the token is all that is needed, and what counts is where it was last applied.
    private async Task<Observed> ResolveAsync(Observed seen, CancellationToken cancellationToken)
    {
        var resource = seen.Resource! with { Metadata = seen.Resource.Metadata with { DeletionTimestamp = seen.Resource.Metadata.DeletionTimestamp ?? time.GetUtcNow() } };
        var use = await environments.ResolveAsync(resource, cancellationToken);
        if (use.BaseUrl.BaseUrl is not { } baseUrl) throw new FailureException(use.BaseUrl.Refusal!);
        if (use.Environment is null && resource.Spec!.NangoToken is { IsRedacted: true }) throw new FailureException(TokenGone);
        var values = await resolver.ResolveAsync(resource, baseUrl, use.Environment, cancellationToken);
        return resource.Status?.Environment is not { Key.Length: > 0 } last || string.Equals(last.Key, values.Endpoint.EnvironmentKey, StringComparison.Ordinal)
            || await recorded.FindAsync(resource, cancellationToken) is not var (environment, endpoint)
            ? seen with { Environment = use.Environment, Values = values }
            : seen with { Environment = environment, Values = values with { Endpoint = endpoint } };
    }
}
