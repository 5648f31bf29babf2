namespace NangoOrleans.Kubernetes;

/// <summary>The feed's own memory, for sinks that have none.</summary>
internal sealed class FeedIndex : IFeedIndex
{
    private readonly Dictionary<(string Namespace, string Name), (string Uid, string ResourceVersion)> _known = [];

    public bool TryGet(string @namespace, string name, out ObjectIdentity identity)
    {
        var found = _known.TryGetValue((@namespace, name), out var row);
        identity = found ? new(@namespace, name, row.Uid, row.ResourceVersion) : default;
        return found;
    }

    public IReadOnlyCollection<ObjectIdentity> Snapshot(string? @namespace) =>
        [.. _known.Select(row => new ObjectIdentity(row.Key.Namespace, row.Key.Name, row.Value.Uid, row.Value.ResourceVersion))];

    public void Set(ObjectIdentity identity) => _known[(identity.Namespace, identity.Name)] = (identity.Uid, identity.ResourceVersion);

    public void Remove(ObjectIdentity identity) => _known.Remove((identity.Namespace, identity.Name));
}
