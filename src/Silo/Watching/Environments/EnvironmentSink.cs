using NangoOrleans.Kubernetes;

namespace NangoOrleans.Watching;

/// <summary>Takes what a feed of environment objects or of namespaces sees.</summary>
/// <typeparam name="T">The parsed object.</typeparam>
/// <param name="seen">An object exists; null: it does not (any more), or cannot be read.</param>
/// <param name="synced">A list was delivered completely.</param>
internal sealed class EnvironmentSink<T>(Func<ObjectIdentity, T?, CancellationToken, ValueTask> seen, Action synced) : IFeedSink<T>
    where T : class
{
    private bool _isSynced;

    /// <summary>None: the feed keeps its own; there are few of these objects.</summary>
    public IFeedIndex? Index => null;

    /// <summary>True once a complete list was taken in.</summary>
    public bool IsSynced => Volatile.Read(ref _isSynced);

    /// <inheritdoc/>
    public ValueTask ListStartedAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask UpsertAsync(ObjectIdentity identity, T item, bool fromList, CancellationToken cancellationToken) => seen(identity, item, cancellationToken);

    /// <inheritdoc/>
    public ValueTask BrokenAsync(BrokenObject broken, bool fromList, CancellationToken cancellationToken) => seen(broken.Identity, null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(ObjectIdentity identity, T? last, CancellationToken cancellationToken) => seen(identity, null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SyncedAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _isSynced, true);
        synced();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Connected()
    {
        // A stale view of environments is no reason to take a silo out of service.
    }

    /// <inheritdoc/>
    public void Disconnected(string reason)
    {
        // See Connected.
    }
}
