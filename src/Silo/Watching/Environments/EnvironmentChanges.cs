using System.Text.Json;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Watching;

/// <summary>Tells the integrations that a change of an environment object or of a namespace concerns; the active watcher's part of it.</summary>
internal sealed class EnvironmentChanges(EnvironmentView view, EnvironmentHealth health, IntegrationIndex index, CoalescingDispatcher dispatcher, WatcherParts parts)
{
    private CancellationToken _over;

    /// <summary>Begins.</summary>
    /// <param name="over">The end of the term: after it nobody is told.</param>
    public void Begin(CancellationToken over) => _over = over;

    /// <summary>An environment object was made or changed.</summary>
    /// <param name="before">As known before; null when it was not.</param>
    /// <param name="environment">As it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask SeenAsync(NangoEnvironment? before, NangoEnvironment environment, CancellationToken cancellationToken)
    {
        if (before is null || Wish(before) != Wish(environment))
        {
            health.Look(environment.Id);
            await TellAsync(index.UsersOf(environment.Id), cancellationToken);
            return;
        }

        if (!AreEqual(before.Status, environment.Status)) health.StatusSeen(environment);
        if (Verdict(before) != Verdict(environment)) await TellAsync(ConcernedBy(before, environment), cancellationToken);
    }

    /// <summary>An environment object is gone.</summary>
    /// <param name="id">Which.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask GoneAsync(EnvironmentId id, CancellationToken cancellationToken)
    {
        health.Forget(id);
        await TellAsync(index.UsersOf(id), cancellationToken);
    }

    /// <summary>A namespace came, went, or has other labels.</summary>
    /// <param name="name">Which.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask NamespaceChangedAsync(string name, CancellationToken cancellationToken) => TellAsync(index.EnvironmentUsersIn(name), cancellationToken);

    // An outage concerns those who meet it, and its end those who wait: asking Nango about all the others would use up its limit.
    private IReadOnlyList<IntegrationKey> ConcernedBy(NangoEnvironment before, NangoEnvironment environment)
    {
        if (IsAway(environment)) return [];
        return IsAway(before) && Verdict(before).Secret == Verdict(environment).Secret ? index.UnsettledOf(environment.Metadata.Uid, environment.Id) : index.UsersOf(environment.Id);
    }

    private static bool IsAway(NangoEnvironment environment) =>
        environment.Status is { } status && status.Condition(ConditionTypes.Reconciling) is not null && status.ObservedGeneration == environment.Metadata.Generation;

    // Rows first: a claim that moves with its environment must be known before anybody acts on it.
    private async ValueTask TellAsync(IReadOnlyList<IntegrationKey> users, CancellationToken cancellationToken)
    {
        var concerned = new HashSet<IntegrationKey>(users);
        foreach (var key in users) concerned.UnionWith(index.Resolve(key, view, parts.Access));
        if (!index.IsComplete) return;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over);
        try
        {
            foreach (var key in concerned) await dispatcher.OfferAsync(key, new IntegrationPoke { Recheck = true }, ReconcileLane.Change, either.Token);
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The next watcher begins with everything.
        }
    }

    private static (string Uid, long Generation) Wish(NangoEnvironment environment) => (environment.Metadata.Uid, environment.Metadata.Generation);

    private static bool AreEqual(NangoEnvironmentStatus? left, NangoEnvironmentStatus? right) =>
        JsonSerializer.SerializeToUtf8Bytes(left).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(right));

    // Counts and times in the status concern nobody.
    private static (long? Generation, string? Ready, string? Reason, ObservedSecret? Secret) Verdict(NangoEnvironment environment) => (
        environment.Status?.ObservedGeneration,
        environment.Status?.Condition(ConditionTypes.Ready)?.Status,
        environment.Status?.Condition(ConditionTypes.Ready)?.Reason,
        environment.Status?.TokenSecret);
}
