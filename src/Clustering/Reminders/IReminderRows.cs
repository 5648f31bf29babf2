namespace NangoOrleans.Clustering.Reminders;

/// <summary>One derived reminder: when a grain is to be woken.</summary>
/// <param name="Key">Key of the grain.</param>
/// <param name="DueAt">When.</param>
public readonly record struct ReminderRow(string Key, DateTimeOffset DueAt);

/// <summary>Where derived reminders come from: an index of what the resources' status says, perhaps on another silo.</summary>
public interface IReminderRows
{
    /// <summary>All rows.</summary>
    /// <returns>Null while no complete index answers. Then nothing may be concluded from what is lacking.</returns>
    ValueTask<IReadOnlyList<ReminderRow>?> ReadAllAsync();

    /// <summary>The row of one grain.</summary>
    /// <param name="key">Key of the grain.</param>
    /// <returns>Not known while no complete index answers; else when it is due, or null when it has no row.</returns>
    ValueTask<(bool Known, DateTimeOffset? DueAt)> ReadAsync(string key);
}
