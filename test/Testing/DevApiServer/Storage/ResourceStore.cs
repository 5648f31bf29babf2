using System.Collections.Immutable;

namespace NangoOrleans.Testing.ApiServer.Storage;

internal enum ChangeType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One entry of the event log.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Revision">The resourceVersion of the change.</param>
/// <param name="Item">The object after the change; for a deletion, its last state with the resourceVersion of the deletion.</param>
/// <param name="Previous">The object before the change, for watches whose selector no longer matches.</param>
/// <param name="After">The collection after the change, for lists at an exact resourceVersion and for continuations.</param>
internal sealed record Change(ChangeType Type, long Revision, StoredObject Item, StoredObject? Previous, ImmutableSortedDictionary<string, StoredObject> After);

/// <summary>The objects of one resource and the bounded log of what happened to them. Writers hold <see cref="ObjectStore"/>'s gate.</summary>
internal sealed class ResourceStore(int logCapacity, long bornAt)
{
    private readonly Lock _logGate = new();
    private readonly List<Change> _log = [];
    private int _head;
    private TaskCompletionSource _changed = NewSignal();
    private volatile ImmutableSortedDictionary<string, StoredObject> _items =
        ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, StoredObject> Items => _items;

    /// <summary>The newest revision whose event is no longer kept: watches from an older one are refused.</summary>
    public long CompactedRevision { get; private set; } = bornAt;

    public void Append(ChangeType type, StoredObject item, StoredObject? previous)
    {
        TaskCompletionSource signal;
        lock (_logGate)
        {
            var after = type == ChangeType.Deleted ? _items.Remove(item.Key) : _items.SetItem(item.Key, item);
            _items = after;
            _log.Add(new Change(type, item.Revision, item, previous, after));
            DropBeyond(logCapacity);
            signal = _changed;
            _changed = NewSignal();
        }

        signal.TrySetResult();
    }

    /// <summary>The resource is no longer served.</summary>
    public bool IsClosed { get; private set; }

    public void Close()
    {
        lock (_logGate)
        {
            IsClosed = true;
            _changed.TrySetResult();
        }
    }

    /// <summary>Forgets all events: every resourceVersion before <paramref name="revision"/> becomes too old.</summary>
    public void Compact(long revision)
    {
        lock (_logGate)
        {
            _log.Clear();
            _head = 0;
            CompactedRevision = Math.Max(CompactedRevision, revision);
        }
    }

    /// <summary>Events after <paramref name="revision"/>, and a task that ends when there may be more; null when the revision is too old.</summary>
    public (IReadOnlyList<Change> Changes, Task Changed)? Read(long revision, int limit = 500)
    {
        lock (_logGate)
        {
            if (revision < CompactedRevision)
            {
                return null;
            }

            var start = FirstAfter(revision);
            var count = Math.Min(limit, _log.Count - start);
            return (_log.GetRange(start, count), count == limit ? Task.CompletedTask : _changed.Task);
        }
    }

    /// <summary>The collection as it was at a revision, or null when that is too long ago.</summary>
    public ImmutableSortedDictionary<string, StoredObject>? At(long revision)
    {
        lock (_logGate)
        {
            var next = FirstAfter(revision);
            if (next == _log.Count)
            {
                return revision >= CompactedRevision ? _items : null;
            }

            return next > _head ? _log[next - 1].After : null;
        }
    }

    private int FirstAfter(long revision)
    {
        var (low, high) = (_head, _log.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _log[middle].Revision <= revision ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void DropBeyond(int capacity)
    {
        while (_log.Count - _head > capacity)
        {
            CompactedRevision = _log[_head].Revision;
            _log[_head++] = null!;
        }

        if (_head > capacity)
        {
            _log.RemoveRange(0, _head);
            _head = 0;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
