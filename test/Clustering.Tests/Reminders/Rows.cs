using System.Collections.Concurrent;
using NangoOrleans.Clustering.Reminders;

namespace NangoOrleans.Clustering.Tests.Reminders;

/// <summary>An index that a test fills.</summary>
internal sealed class Rows : IReminderRows
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _rows = new(StringComparer.Ordinal);

    public bool IsComplete { get; set; } = true;

    public DateTimeOffset? this[string key]
    {
        set
        {
            if (value is { } due) _rows[key] = due;
            else _rows.TryRemove(key, out _);
        }
    }

    public bool TryGetAll(out IReadOnlyList<ReminderRow> rows)
    {
        rows = IsComplete ? [.. _rows.Select(row => new ReminderRow(row.Key, row.Value))] : [];
        return IsComplete;
    }

    public bool TryGet(string key, out DateTimeOffset? dueAt)
    {
        dueAt = IsComplete && _rows.TryGetValue(key, out var due) ? due : null;
        return IsComplete;
    }
}
