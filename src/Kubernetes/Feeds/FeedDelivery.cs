namespace NangoOrleans.Kubernetes;

/// <summary>Hands objects to the sink and works out what a relist lacks.</summary>
internal sealed class FeedDelivery<T>(IFeedSink<T> sink, string? @namespace)
{
    private readonly FeedIndex? _own = sink.Index is null ? new FeedIndex() : null;
    private HashSet<(string Namespace, string Name)> _listed = [];

    private IFeedIndex Index => _own ?? sink.Index!;

    /// <summary>Forgets what an earlier, unfinished list has shown.</summary>
    public void BeginList() => _listed = [];

    public async ValueTask ListedAsync(FeedObject<T> found, CancellationToken cancellationToken)
    {
        _listed.Add((found.Identity.Namespace, found.Identity.Name));
        await UpsertAsync(found, fromList: true, cancellationToken);
    }

    /// <summary>Reports as deleted what is known but was not listed ("final state unknown").</summary>
    /// <returns>How many were missing.</returns>
    public async ValueTask<int> FinishListAsync(CancellationToken cancellationToken)
    {
        var missing = Index.Snapshot(@namespace).Where(known => !_listed.Contains((known.Namespace, known.Name))).ToList();
        _listed = [];
        foreach (var identity in missing) await DeleteAsync(identity, default, cancellationToken);
        return missing.Count;
    }

    public async ValueTask UpsertAsync(FeedObject<T> found, bool fromList, CancellationToken cancellationToken)
    {
        var identity = found.Identity;
        if (Index.TryGet(identity.Namespace, identity.Name, out var known) && known.Uid != identity.Uid)
            await DeleteAsync(known, default, cancellationToken);
        if (found.Problem is null) await sink.UpsertAsync(identity, found.Item!, fromList, cancellationToken);
        else await sink.BrokenAsync(new BrokenObject(identity, found.Problem), fromList, cancellationToken);
        _own?.Set(identity);
    }

    public async ValueTask DeleteAsync(ObjectIdentity identity, T? last, CancellationToken cancellationToken)
    {
        await sink.DeleteAsync(identity, last, cancellationToken);
        _own?.Remove(identity);
    }
}
