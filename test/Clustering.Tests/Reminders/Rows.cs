using System.Collections.Concurrent;
using NangoOrleans.Clustering.Reminders;

namespace NangoOrleans.Clustering.Tests.Reminders;

/// <summary>An index that a test fills.</summary>
internal sealed class Rows : IReminderRows
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _rows = new(StringComparer.Ordinal);
    private int _reads;

    public bool IsComplete { get; set; } = true;

    public DateTimeOffset? this[string key]
    {
        set
        {
            if (value is { } due) _rows[key] = due;
            else _rows.TryRemove(key, out _);
        }
    }

    /// <summary>How often all rows were asked for.</summary>
    public int Reads => Volatile.Read(ref _reads);

    public ValueTask<IReadOnlyList<ReminderRow>?> ReadAllAsync()
    {
        Interlocked.Increment(ref _reads);
        return ValueTask.FromResult<IReadOnlyList<ReminderRow>?>(IsComplete ? [.. _rows.Select(row => new ReminderRow(row.Key, row.Value))] : null);
    }

    public ValueTask<(bool Known, DateTimeOffset? DueAt)> ReadAsync(string key) =>
        ValueTask.FromResult<(bool, DateTimeOffset?)>((IsComplete, IsComplete && _rows.TryGetValue(key, out var due) ? due : null));
}
