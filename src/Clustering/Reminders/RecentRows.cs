namespace NangoOrleans.Clustering.Reminders;

/// <summary>
/// The rows as they were a moment ago: Orleans reads its ring in some thirty pieces at a time, and the index may be on another silo.
/// </summary>
internal sealed class RecentRows(IReminderRows rows, TimeProvider time)
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<IReadOnlyList<ReminderRow>?>? _recent;
    private long _begun, _turn;

    /// <summary>All rows, no older than two seconds and than the last call of <see cref="Forget"/>.</summary>
    /// <returns>Null while no complete index answers.</returns>
    public Task<IReadOnlyList<ReminderRow>?> ReadAsync()
    {
        lock (_lock)
        {
            if (_recent is not null && time.GetElapsedTime(_begun) < GoodFor) return _recent;
            (_begun, _turn) = (time.GetTimestamp(), _turn + 1);
            var reading = LoadAsync(_turn);
            _recent = reading;
            return reading;
        }
    }

    /// <summary>A grain has written: what was read before, or is being read, does not show it.</summary>
    public void Forget()
    {
        lock (_lock) _recent = null;
    }

    private async Task<IReadOnlyList<ReminderRow>?> LoadAsync(long turn)
    {
        // Off the caller's lock.
        await Task.Yield();
        IReadOnlyList<ReminderRow>? all = null;
        try
        {
            return all = await rows.ReadAllAsync();
        }
        finally
        {
            if (all is null) Drop(turn);
        }
    }

    // "Not known" is not kept.
    private void Drop(long turn)
    {
        lock (_lock)
        {
            if (_turn == turn) _recent = null;
        }
    }
}
