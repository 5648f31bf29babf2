namespace NangoOrleans.Clustering.Reminders;

/// <summary>One derived reminder: when a grain is to be woken.</summary>
/// <param name="Key">Key of the grain.</param>
/// <param name="DueAt">When.</param>
public readonly record struct ReminderRow(string Key, DateTimeOffset DueAt);

/// <summary>Where derived reminders come from: an index in memory of what the resources' status says.</summary>
public interface IReminderRows
{
    /// <summary>All rows.</summary>
    /// <param name="rows">The rows; undefined when false is returned.</param>
    /// <returns>False while the index is incomplete. Then nothing may be concluded from what it lacks.</returns>
    bool TryGetAll(out IReadOnlyList<ReminderRow> rows);

    /// <summary>The row of one grain.</summary>
    /// <param name="key">Key of the grain.</param>
    /// <param name="dueAt">When it is due; null when it has no row.</param>
    /// <returns>False while the index is incomplete.</returns>
    bool TryGet(string key, out DateTimeOffset? dueAt);
}
