using NangoOrleans.Environments;

namespace NangoOrleans.Watching;

/// <summary>Compares rows of the index with a list of Nango. A difference is a hint: the run it causes asks Nango itself.</summary>
internal static class Drift
{
    /// <summary>The rows that Nango shows otherwise, or not at all.</summary>
    /// <param name="rows">Rows of one environment.</param>
    /// <param name="listed">Everything Nango holds there.</param>
    /// <param name="began">When the list was begun: it says nothing about rows that changed since.</param>
    public static IEnumerable<IndexRow> Find(IEnumerable<IndexRow> rows, IReadOnlyList<ListedIntegration> listed, DateTimeOffset began)
    {
        var byKey = new Dictionary<string, ListedIntegration>(listed.Count, StringComparer.Ordinal);
        foreach (var integration in listed) byKey[integration.UniqueKey] = integration;
        return rows.Where(row => row.ChangedAt < began && !(byKey.TryGetValue(row.RemoteKey!, out var shown) && Agrees(row, shown)));
    }

    /// <summary>Whether the turn of a row has come.</summary>
    /// <param name="row">The row.</param>
    /// <param name="usual">Interval of resources that name none.</param>
    /// <param name="every">How often its environment is listed.</param>
    /// <param name="previous">When that was last done; null when never.</param>
    /// <param name="now">The time.</param>
    public static bool IsDue(IndexRow row, TimeSpan usual, TimeSpan every, DateTimeOffset? previous, DateTimeOffset now)
    {
        var interval = row.ResyncInterval ?? usual;
        // No time of the last comparison is kept for each row: one with a longer interval is due in the first pass after each multiple of it.
        return previous is not { } last || interval <= every || now.UtcTicks / interval.Ticks != last.UtcTicks / interval.Ticks;
    }

    private static bool Agrees(IndexRow row, ListedIntegration shown) =>
        string.Equals(row.NangoCreatedAt, shown.CreatedAt, StringComparison.Ordinal) && string.Equals(row.NangoUpdatedAt, shown.UpdatedAt, StringComparison.Ordinal);
}
