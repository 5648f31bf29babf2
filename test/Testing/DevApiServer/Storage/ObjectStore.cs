using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Resources;

namespace NangoOrleans.Testing.ApiServer.Storage;

/// <summary>All objects, in memory, behind one write gate and one revision counter. Reads take no lock.</summary>
internal sealed class ObjectStore(int logCapacity)
{
    private readonly ConcurrentDictionary<string, ResourceStore> _stores = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _droppedAt = new(StringComparer.Ordinal);
    private long _revision = 1;

    /// <summary>Held for the whole of a read-modify-write, so that what was checked still holds when it is stored.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The newest resourceVersion given out.</summary>
    public long Revision => Interlocked.Read(ref _revision);

    public ResourceStore Of(ResourceType type) =>
        _stores.GetOrAdd(type.QualifiedPlural, name => new ResourceStore(logCapacity, _droppedAt.GetValueOrDefault(name)));

    public StoredObject? Find(ResourceType type, string key) => Of(type).Items.GetValueOrDefault(key);

    /// <summary>Stores a new or changed object, stamping its resourceVersion. The gate must be held.</summary>
    public StoredObject Put(ResourceType type, string key, JsonObject content)
    {
        var store = Of(type);
        var previous = store.Items.GetValueOrDefault(key);
        var item = Stamp(key, content);
        store.Append(previous is null ? ChangeType.Added : ChangeType.Modified, item, previous);
        return item;
    }

    /// <summary>Removes an object; the event carries the resourceVersion of the removal. The gate must be held.</summary>
    public StoredObject Remove(ResourceType type, StoredObject previous, JsonObject? lastState = null)
    {
        var item = Stamp(previous.Key, lastState ?? previous.Content.Clone());
        Of(type).Append(ChangeType.Deleted, item, previous);
        return item;
    }

    /// <summary>Forgets a resource altogether and ends its watches: its definition is gone.</summary>
    public void Drop(ResourceType type)
    {
        _droppedAt[type.QualifiedPlural] = Revision;
        if (_stores.TryRemove(type.QualifiedPlural, out var store))
        {
            store.Close();
        }
    }

    public void Compact()
    {
        foreach (var store in _stores.Values)
        {
            store.Compact(Revision);
        }
    }

    private StoredObject Stamp(string key, JsonObject content)
    {
        var revision = Interlocked.Increment(ref _revision);
        content.Metadata()["resourceVersion"] = StoredObject.Format(revision);
        return new StoredObject(key, content, revision);
    }
}
