using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace NangoOrleans.Clustering.Reminders;

/// <summary>
/// Orleans' reminder table without a store of its own: the durable row is the time that stands in the resource's status, and
/// the table serves it from the index. What grains upsert or remove is kept beside it until the index shows the same, so that
/// a grain reads what it wrote. While the index is incomplete every read throws: Orleans keeps its schedules over a failed
/// read, but drops them all over an empty answer.
/// </summary>
public sealed class StatusReminderTable(IReminderRows rows, IOptions<StatusReminderOptions> options) : IReminderTable
{
    private readonly StatusReminderOptions _options = options.Value;
    private readonly ConcurrentDictionary<(GrainId Grain, string Name), Written> _written = new();
    private long _lastEtag;

    /// <summary>Returns at once: the silo must not wait for the index, which may need the silo.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(GrainId grainId)
    {
        var derived = Derived(grainId);
        List<ReminderEntry> found =
        [
            .. _written.Where(pair => pair.Key.Grain == grainId && pair.Value.Entry is not null).Select(pair => pair.Value.Entry!),
        ];
        if (derived is not null && !_written.ContainsKey((grainId, _options.ReminderName))) found.Add(derived);
        return Task.FromResult(new ReminderTableData(found));
    }

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        if (!rows.TryGetAll(out var all)) throw Incomplete();
        var entries = new Dictionary<(GrainId, string), ReminderEntry>();
        foreach (var row in all)
        {
            var grain = GrainId.Create(_options.GrainType, row.Key);
            if (IsInRange(grain.GetUniformHashCode(), begin, end) && Settle(grain, row.DueAt) is { } entry) entries[(grain, _options.ReminderName)] = entry;
        }

        foreach (var pair in _written)
        {
            var ((grain, name), written) = pair;
            if (written.Entry is { } entry && IsInRange(grain.GetUniformHashCode(), begin, end)) entries[(grain, name)] = entry;
            // What hid a row is done with once the index has lost the row.
            else if (written.Hides is not null && rows.TryGet(Key(grain), out var left) && left is null) _written.TryRemove(pair);
        }

        return Task.FromResult(new ReminderTableData(entries.Values));
    }

    /// <inheritdoc/>
    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        if (_written.TryGetValue((grainId, reminderName), out var written) && written.Entry is not null) return Task.FromResult<ReminderEntry?>(written.Entry);
        var derived = string.Equals(reminderName, _options.ReminderName, StringComparison.Ordinal) ? Derived(grainId) : null;
        return Task.FromResult(derived);
    }

    /// <inheritdoc/>
    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        // The caller has just written the same time to status; while nobody could see it there, nothing is promised here either.
        if (!rows.TryGet(Key(entry.GrainId), out _)) throw Incomplete();
        var etag = Interlocked.Increment(ref _lastEtag).ToString(CultureInfo.InvariantCulture);
        _written[(entry.GrainId, entry.ReminderName)] = new Written(Copy(entry, etag), Hides: null);
        return Task.FromResult<string?>(etag);
    }

    /// <inheritdoc/>
    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        var key = (grainId, reminderName);
        if (!rows.TryGet(Key(grainId), out var derived)) throw Incomplete();
        if (_written.TryGetValue(key, out var written) && written.Entry is { } entry && !string.Equals(entry.ETag, eTag, StringComparison.Ordinal))
            return Task.FromResult(false);
        if (written?.Entry is null && (derived is not { } due || written?.Hides == due || !string.Equals(Entry(grainId, due).ETag, eTag, StringComparison.Ordinal)))
            return Task.FromResult(false);
        // Until the watch shows that status lost its time, the index still has the old row.
        if (derived is not null) _written[key] = new Written(null, derived);
        else _written.TryRemove(key, out _);
        return Task.FromResult(true);
    }

    /// <inheritdoc/>
    public Task TestOnlyClearTable()
    {
        _written.Clear();
        return Task.CompletedTask;
    }

    // The derived row, unless what a grain wrote meanwhile says otherwise; what the index has caught up with is forgotten.
    private ReminderEntry? Settle(GrainId grain, DateTimeOffset dueAt)
    {
        var key = (grain, _options.ReminderName);
        if (!_written.TryGetValue(key, out var written)) return Entry(grain, dueAt);
        if (written.Hides is { } hidden && hidden == dueAt) return null;
        if (written.Hides is not null) _written.TryRemove(KeyValuePair.Create(key, written));
        return written.Entry ?? Entry(grain, dueAt);
    }

    private ReminderEntry? Derived(GrainId grain)
    {
        if (grain.Type.ToString() is var type && !string.Equals(type, _options.GrainType, StringComparison.Ordinal)) return null;
        if (!rows.TryGet(Key(grain), out var dueAt)) throw Incomplete();
        return dueAt is { } due ? Settle(grain, due) : null;
    }

    private ReminderEntry Entry(GrainId grain, DateTimeOffset dueAt) => new()
    {
        GrainId = grain,
        ReminderName = _options.ReminderName,
        StartAt = dueAt.UtcDateTime,
        Period = _options.Period,
        ETag = dueAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
    };

    private static ReminderEntry Copy(ReminderEntry entry, string etag) => new()
    {
        GrainId = entry.GrainId,
        ReminderName = entry.ReminderName,
        StartAt = entry.StartAt,
        Period = entry.Period,
        ETag = etag,
    };

    private static string Key(GrainId grain) => grain.Key.ToString()!;

    // Orleans' ring ranges: (begin, end], wrapping around; begin = end means the whole ring.
    private static bool IsInRange(uint hash, uint begin, uint end) =>
        begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;

    private static RemindersUnknownException Incomplete() => new();

    private sealed record Written(ReminderEntry? Entry, DateTimeOffset? Hides);
}
