using NangoOrleans.Integrations;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Watching;

/// <summary>Takes what one feed of resources sees into the index, and tells the grains that must know.</summary>
internal sealed class IntegrationSink(IntegrationIndex index, CoalescingDispatcher dispatcher, WatcherParts parts, bool bySelector, Action synced)
    : IFeedSink<NangoIntegration>
{
    private readonly Lock _lock = new();
    private DateTimeOffset? _disconnectedSince = parts.Time.GetUtcNow();
    private bool _everSynced;

    /// <inheritdoc/>
    public IFeedIndex Index => index;

    /// <summary>True once a complete list was taken in.</summary>
    public bool IsSynced => Volatile.Read(ref _everSynced);

    /// <summary>How long the connection has been lost; null while it stands.</summary>
    public TimeSpan? DisconnectedFor
    {
        get
        {
            lock (_lock) return parts.Time.GetUtcNow() - _disconnectedSince;
        }
    }

    /// <inheritdoc/>
    public ValueTask ListStartedAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask UpsertAsync(ObjectIdentity identity, NangoIntegration item, bool fromList, CancellationToken cancellationToken)
    {
        var row = IndexRow.From(item, parts.Environments, parts.Access, parts.Time.GetUtcNow());
        var (before, rivals) = index.Set(row);
        var isStatusEdit = row.IsStatusEdit(before);
        if (isStatusEdit || row.MustBeLookedAt(before, fromList))
        {
            // A stalled one is tried once by a new watcher: the operator's own settings may have been what was wrong.
            var poke = new IntegrationPoke { Resource = item, FromList = fromList, Recheck = row.IsStalled && !row.NeedsRun, StatusChanged = isStatusEdit };
            await dispatcher.OfferAsync(row.Key, poke, poke.Recheck ? ReconcileLane.Resync : ReconcileLane.Change, cancellationToken);
        }

        await TellAsync(rivals, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask BrokenAsync(BrokenObject broken, bool fromList, CancellationToken cancellationToken) =>
        // Without readable metadata nothing can be decided; the grain's own read says what is wrong.
        dispatcher.OfferAsync(new IntegrationKey(broken.Identity.Namespace, broken.Identity.Name), new IntegrationPoke(), ReconcileLane.Change, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(ObjectIdentity identity, NangoIntegration? last, CancellationToken cancellationToken)
    {
        var key = new IntegrationKey(identity.Namespace, identity.Name);
        var rivals = index.Remove(key);
        var leftover = Leftovers.Of(last, parts.Time.GetUtcNow(), bySelector);
        await dispatcher.OfferAsync(key, new IntegrationPoke { Gone = true, Leftovers = leftover is null ? null : [leftover] }, ReconcileLane.Change, cancellationToken);
        await TellAsync(rivals, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask SyncedAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _everSynced, true);
        synced();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Connected()
    {
        lock (_lock) _disconnectedSince = null;
    }

    /// <inheritdoc/>
    public void Disconnected(string reason)
    {
        lock (_lock) _disconnectedSince ??= parts.Time.GetUtcNow();
    }

    // Before the first list is complete nobody can have been told anything about claims.
    private async ValueTask TellAsync(IReadOnlyList<IntegrationKey> rivals, CancellationToken cancellationToken)
    {
        if (!index.IsComplete) return;
        foreach (var rival in rivals) await dispatcher.OfferAsync(rival, new IntegrationPoke { Recheck = true }, ReconcileLane.Change, cancellationToken);
    }
}
