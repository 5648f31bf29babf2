using NangoOrleans.Failures;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Integrations.Execution;

/// <summary>A leftover in the hands of a grain. May hold sensitive values, so it never leaves the activation; <see cref="ToLeftover"/> does.</summary>
/// <param name="Told">What is known of it; with the inline values when this activation made the integration.</param>
/// <param name="DueAt">When to try next.</param>
/// <param name="Attempts">Failed attempts so far.</param>
public sealed record HeldLeftover(Leftover Told, DateTimeOffset DueAt, int Attempts = 0)
{
    /// <summary>Which life of the resource.</summary>
    public string Uid => Told.Uid;

    /// <summary>Key under which Nango knows it.</summary>
    public string UniqueKey => Ownership.RemoteKey(Told.Resource)!;

    /// <summary>
    /// What the run that made it knew, when the API server has just said that the resource is gone: then it need not be asked, and may be away.
    /// Null at every later attempt.
    /// </summary>
    public Observed? JustGone { get; init; }

    /// <summary>True once the API server has said that the resource is gone.</summary>
    public bool WasSeenGone { get; init; }

    /// <summary>What a run of this activation made.</summary>
    /// <param name="made">What the run knew; it created something.</param>
    /// <param name="now">The time.</param>
    public static HeldLeftover Of(Observed made, DateTimeOffset now)
    {
        var (resource, endpoint) = (made.Resource!, made.Values!.Endpoint);
        // Where it is now, whatever was reported before.
        var status = (resource.Status ?? new NangoIntegrationStatus()) with
        {
            IntegrationId = made.Remote!.UniqueKey,
            Environment = new EnvironmentStatus { Key = endpoint.EnvironmentKey, BaseUrl = endpoint.BaseUrl },
        };
        return new(new Leftover(resource with { Status = status }, made.Remote.CreatedAt, now), now);
    }

    /// <summary>Knows what either knows.</summary>
    /// <param name="other">Told of the same resource by somebody else.</param>
    public HeldLeftover And(Leftover other) => this with
    {
        Told = Told with
        {
            CreatedAt = Told.CreatedAt ?? other.CreatedAt,
            Since = Told.Since < other.Since ? Told.Since : other.Since,
        },
    };

    /// <summary>The same under what was last wished for it.</summary>
    /// <param name="last">The resource as it was last seen.</param>
    public HeldLeftover WithPolicyOf(NangoIntegration last) => this with
    {
        Told = Told with { Resource = Told.Resource with { Spec = Told.Resource.Spec! with { DeletionPolicy = last.Spec?.DeletionPolicy, Mode = last.Spec?.Mode } } },
    };

    /// <summary>What other silos may know of it.</summary>
    public Leftover ToLeftover() => Told with { Resource = Told.Resource.Redact() };

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
    /// <param name="Removed">True when it was removed now; false when there is none, it is somebody else's, or the resource is there after all.</param>
    public sealed record Settled(bool Removed) : RemovalAnswer;

    /// <summary>Not yet.</summary>
    /// <param name="Leftover">What to try again with, and when.</param>
    /// <param name="Delay">Until then.</param>
    /// <param name="Reason">Why not yet.</param>
    public sealed record Later(HeldLeftover Leftover, TimeSpan Delay, string Reason) : RemovalAnswer;

    /// <summary>It stays in Nango.</summary>
    /// <param name="Reason">One of <see cref="Reasons"/>.</param>
    /// <param name="Message">Why, and what to do about it.</param>
    public sealed record Left(string Reason, string Message) : RemovalAnswer;
}

/// <summary>
/// Does for a resource that is gone what its deletion would have done: by the same planner, the same steps and the same limits, without the object. Only
/// the very integration that is meant is touched.
/// </summary>
public sealed class LeftoverRemover(IIntegrationStore store, IntegrationRun run, ReconcileOptions options, TimeProvider time)
{
    // One that a label selector does not select any more looks gone in the watch, and who selects it now may do anything with it: only a prompt look tells.
    private static readonly TimeSpan PromptLook = TimeSpan.FromSeconds(10);

    private const int MinimumAttempts = 5;

    /// <summary>Tries once.</summary>
    /// <param name="leftover">What is left.</param>
    /// <param name="chance">Uniform in [0, 1), for jitter.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    public async Task<RemovalAnswer> TryAsync(HeldLeftover leftover, double chance, CancellationToken cancellationToken)
    {
        try
        {
            if (leftover.JustGone is null && await IsThereAsync(leftover, cancellationToken)) return new RemovalAnswer.Settled(Removed: false);
        }
        catch (FailureException e)
        {
            return FailedWithoutPlan(leftover, e.Failure, chance);
        }

        var gone = leftover with { WasSeenGone = true };
        try
        {
            var (seen, outcome) = await run.ExecuteAsync(Ghost(gone), cancellationToken);
            return Answer(gone, seen, outcome, chance);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A defect; it must not keep the next resource of this name from being worked on.
            return FailedWithoutPlan(gone, new Failure(FailureKind.Transient, Reasons.InternalError, $"An unexpected {e.GetType().Name}."), chance);
        }
    }

    /// <summary>What is told of one that is given up.</summary>
    /// <param name="leftover">What is left.</param>
    /// <param name="why">Why it could not be removed.</param>
    public static string Abandoned(HeldLeftover leftover, string why) => leftover.WasSeenGone
        ? $"Could not remove \"{leftover.UniqueKey}\" from Nango, whose resource was gone before its deletion could be seen through: delete it there. {why}"
        : $"Could not find out whether \"{leftover.UniqueKey}\" is left in Nango: its resource seemed to go before its deletion could be seen through. {why}";

    private async Task<bool> IsThereAsync(HeldLeftover leftover, CancellationToken cancellationToken)
    {
        var then = leftover.Told.Resource;
        if (await store.GetAsync(leftover.Told.Key, cancellationToken) is not { } now) return leftover.Told.MayBeUnselected && !leftover.WasSeenGone && IsLate(leftover);
        return string.Equals(now.Metadata.Uid, then.Metadata.Uid, StringComparison.Ordinal) || HasTakenOver(now, leftover);
    }

    private bool IsLate(HeldLeftover leftover) => time.GetUtcNow() - leftover.Told.Since > PromptLook;

    // The next resource of this name has what it found, unless it is somewhere else.
    private static bool HasTakenOver(NangoIntegration now, HeldLeftover leftover) =>
        now.HasFinalizer && string.Equals(now.Spec?.UniqueKey, leftover.UniqueKey, StringComparison.Ordinal)
        && (now.Status?.Environment?.Key is not { Length: > 0 } here || leftover.Told.Resource.Status?.Environment?.Key is not { Length: > 0 } there || string.Equals(here, there, StringComparison.Ordinal));

    // The resource as it would be if its deletion had been asked for: with our finalizer on, and failing for as long as this does.
    private static Observed Ghost(HeldLeftover leftover)
    {
        var (told, resource) = (leftover.Told, leftover.Told.Resource);
        var status = resource.Status ?? new NangoIntegrationStatus();
        var ghost = resource with
        {
            Metadata = resource.Metadata with { DeletionTimestamp = told.Since, Finalizers = [NangoApi.Finalizer] },
            Status = status with
            {
                Nango = told.CreatedAt is null ? null : (status.Nango ?? new NangoObservation()) with { CreatedAt = told.CreatedAt },
                DeletionFailingSince = leftover.Attempts == 0 ? null : told.Since,
                Attempts = leftover.Attempts == 0 ? null : leftover.Attempts,
            },
        };
        // What is known already needs no API server.
        return new Observed { Resource = ghost, IsComplete = true, Leftover = told, Values = leftover.JustGone?.Values, Uninstalling = leftover.JustGone is null ? null : false };
    }

    private RemovalAnswer Answer(HeldLeftover leftover, Observed seen, Outcome outcome, double chance)
    {
        if (seen.RemovedFromNango) return new RemovalAnswer.Settled(Removed: true);
        switch (outcome)
        {
            case Outcome.Released { Reason: Reasons.Deleted }:
            case Outcome.Released when seen.Claim?.Owner is not null || (seen.Remote is { } there && !DeletionPlanner.IsOurs(seen, seen.Resource!, there)):
                return new RemovalAnswer.Settled(Removed: false);
            case Outcome.Released { Reason: Reasons.DeletionAbandoned, Message: var why }:
                return new RemovalAnswer.Left(Reasons.DeletionAbandoned, Abandoned(leftover, why));
            case Outcome.Released released:
                return new RemovalAnswer.Left(released.Reason, released.Message);
            case Outcome.Failed { Failure: var failure } when failure.Reason == Reasons.CredentialGone && leftover.Told.Resource.Spec is { EnvironmentRef: null, NangoToken.IsRedacted: true }:
                return new RemovalAnswer.Left(Reasons.DeletionAbandoned, Abandoned(leftover, failure.Message));
            case Outcome.Failed failed:
                return Failed(leftover, failed.Failure, chance);
            case Outcome.Waiting waiting:
                return Later(leftover, waiting.Delay + TimeSpan.FromSeconds(chance), waiting.Reason);
            default:
                return Later(leftover, RetryPolicy.First, Reasons.ObjectChanged);
        }
    }

    // Before the planner could give up.
    private RemovalAnswer FailedWithoutPlan(HeldLeftover leftover, Failure failure, double chance) =>
        leftover.Attempts + 1 >= MinimumAttempts && time.GetUtcNow() - leftover.Told.Since >= options.DeletionGiveUpAfter
            ? new RemovalAnswer.Left(Reasons.DeletionAbandoned, Abandoned(leftover, failure.Message))
            : Failed(leftover, failure, chance);

    // The planner gives up by itself, once it has failed for long enough.
    private RemovalAnswer.Later Failed(HeldLeftover leftover, Failure failure, double chance) =>
        Later(leftover with { Attempts = leftover.Attempts + 1 }, failure.RetryAfter ?? RetryPolicy.Delay(leftover.Attempts + 1, chance), failure.Reason);

    private RemovalAnswer.Later Later(HeldLeftover leftover, TimeSpan delay, string reason) =>
        new(leftover with { JustGone = null, DueAt = time.GetUtcNow() + delay }, delay, reason);
}
