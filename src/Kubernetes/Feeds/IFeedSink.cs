namespace NangoOrleans.Kubernetes;

/// <summary>Which object, and which life of it.</summary>
/// <param name="Namespace">Namespace; empty for cluster-scoped kinds.</param>
/// <param name="Name">Name.</param>
/// <param name="Uid">Uid: a deleted and re-created object has another.</param>
/// <param name="ResourceVersion">Version last seen.</param>
public readonly record struct ObjectIdentity(string Namespace, string Name, string Uid, string ResourceVersion);

/// <summary>An object whose JSON the parser refused. It is reported, never dropped: a lost event is lost for good.</summary>
/// <param name="Identity">From its metadata, which is read on its own.</param>
/// <param name="Problem">Field path and expected type, never content.</param>
public sealed record BrokenObject(ObjectIdentity Identity, string Problem);

/// <summary>
/// Receives what a <see cref="ResourceFeed{T}"/> sees, one call at a time and in order. A call that returns has taken
/// the event over: only then does the feed move its resourceVersion on. A call that throws makes the feed come back
/// to the same event after a backoff.
/// </summary>
/// <typeparam name="T">The parsed object.</typeparam>
public interface IFeedSink<in T>
{
    /// <summary>
    /// What the sink already knows, so that a relist is compared with it; null lets the feed keep an own map of
    /// key, uid and resourceVersion (about 200 bytes an object).
    /// </summary>
    IFeedIndex? Index { get; }

    /// <summary>A list begins: the first one, or one after a gap.</summary>
    ValueTask ListStartedAsync(CancellationToken cancellationToken);

    /// <summary>An object exists in this form. A change of uid is preceded by <see cref="DeleteAsync"/> of the former life.</summary>
    /// <param name="identity">Which object.</param>
    /// <param name="item">As parsed.</param>
    /// <param name="fromList">True when a list showed it: then it may also be older than what was seen (restored backup).</param>
    /// <param name="cancellationToken">The feed stops.</param>
    ValueTask UpsertAsync(ObjectIdentity identity, T item, bool fromList, CancellationToken cancellationToken);

    /// <summary>An object exists but cannot be read.</summary>
    /// <param name="broken">Which, and why.</param>
    /// <param name="fromList">True when a list showed it.</param>
    /// <param name="cancellationToken">The feed stops.</param>
    ValueTask BrokenAsync(BrokenObject broken, bool fromList, CancellationToken cancellationToken);

    /// <summary>An object is gone, or not selected any more: seen in the watch, or missing from a relist (then with the version last known).</summary>
    /// <param name="identity">Which object.</param>
    /// <param name="last">As the watch last showed it; the default value when it was missing from a relist, was replaced by its next life, or cannot be read.</param>
    /// <param name="cancellationToken">The feed stops.</param>
    ValueTask DeleteAsync(ObjectIdentity identity, T? last, CancellationToken cancellationToken);

    /// <summary>A list was delivered completely, deletions included.</summary>
    ValueTask SyncedAsync(CancellationToken cancellationToken);

    /// <summary>A watch is open after the start or after <see cref="Disconnected"/>.</summary>
    void Connected();

    /// <summary>The connection was lost or refused; what is known grows stale until <see cref="Connected"/>. Not called for planned reconnects.</summary>
    /// <param name="reason">A sentence for logs and health.</param>
    void Disconnected(string reason);
}

/// <summary>The objects a sink knows. Only asked by the feed that fills it, never during a call to the sink.</summary>
public interface IFeedIndex
{
    /// <summary>The identity under which an object is known.</summary>
    /// <param name="namespace">Namespace of the object.</param>
    /// <param name="name">Name of the object.</param>
    /// <param name="identity">What is known of it.</param>
    /// <returns>False when it is not known.</returns>
    bool TryGet(string @namespace, string name, out ObjectIdentity identity);

    /// <summary>A snapshot of all that is known; it may be enumerated while the sink takes deletions.</summary>
    /// <param name="namespace">Only this namespace; null for all.</param>
    IReadOnlyCollection<ObjectIdentity> Snapshot(string? @namespace);
}
