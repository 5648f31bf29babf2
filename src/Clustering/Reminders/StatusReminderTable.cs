using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace NangoOrleans.Clustering.Reminders;

/// <summary>
/// Orleans' reminder table without a store of its own: the durable row is the time that stands in the resource's status, and
/// the table serves it from the index. What grains upsert or remove is kept beside it until the index can be expected to show
/// the same, so that a grain reads what it wrote. While no complete index answers every read throws: Orleans keeps its schedules
/// over a failed read, but drops them all over an empty answer.
/// </summary>
/// <remarks>
/// Each silo keeps what was written through it: Orleans brings all calls about a grain's reminders to the one silo that owns its
/// part of the ring. Whoever owns that part next reads the status, which was written before the reminder was.
/// </remarks>
public sealed class StatusReminderTable(IReminderRows rows, TimeProvider time, IOptions<StatusReminderOptions> options) : IReminderTable
{
    /// <summary>
    /// How long what a grain wrote counts more than the index. Far beyond what a watch lags behind; kept for longer, it would come
    /// back as a reminder that nobody wants once the ring has changed twice.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly StatusReminderOptions _options = options.Value;
    private readonly RecentRows _recent = new(rows, time);
    private readonly ConcurrentDictionary<(GrainId Grain, string Name), Written> _written = new();

    /// <summary>Returns at once: the silo must not wait for the index, which may need the silo.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(GrainId grainId)
    {
        var derived = await DeriveAsync(grainId);
        List<ReminderEntry> found = [.. _written.Where(pair => pair.Key.Grain == grainId && IsFresh(pair) && pair.Value.Entry is not null).Select(pair => pair.Value.Entry!)];
        if (derived is not null && !found.Exists(entry => entry.ReminderName == derived.ReminderName)) found.Add(derived);
        return new ReminderTableData(found);
    }

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        var all = await _recent.ReadAsync() ?? throw Unknown();
        var entries = new Dictionary<(GrainId, string), ReminderEntry>();
        foreach (var row in all)
        {
            var grain = GrainId.Create(_options.GrainType, row.Key);
            if (IsInRange(grain.GetUniformHashCode(), begin, end) && Settle(grain, row.DueAt) is { } entry) entries[(grain, _options.ReminderName)] = entry;
        }

        foreach (var pair in _written)
        {
            if (IsFresh(pair) && pair.Value.Entry is { } entry && IsInRange(pair.Key.Grain.GetUniformHashCode(), begin, end)) entries[pair.Key] = entry;
        }

        return new ReminderTableData(entries.Values);
    }

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        (await ReadRows(grainId)).Reminders.FirstOrDefault(entry => string.Equals(entry.ReminderName, reminderName, StringComparison.Ordinal));

    /// <inheritdoc/>
    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        // The caller has just written the same time to status; while nobody could see it there, nothing is promised here either.
        if (!(await rows.ReadAsync(Key(entry.GrainId))).Known) throw Unknown();
        // Two silos must not give out the same one for a row that changes hands.
        var etag = Guid.NewGuid().ToString("N");
        Write((entry.GrainId, entry.ReminderName), Copy(entry, etag), hides: null);
        return etag;
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        var derives = string.Equals(reminderName, _options.ReminderName, StringComparison.Ordinal) && IsOurs(grainId);
        var (known, due) = await rows.ReadAsync(Key(grainId));
        if (!known) throw Unknown();
        var key = (grainId, reminderName);
        var written = _written.TryGetValue(key, out var found) && IsFresh(KeyValuePair.Create(key, found)) ? found : null;
        var present = written?.Entry ?? (derives && due is { } at && written?.Hides != at ? Entry(grainId, at) : null);
        if (!string.Equals(present?.ETag, eTag, StringComparison.Ordinal)) return false;
        // Until the watch shows that status lost its time, the index still has the old row.
        Write(key, entry: null, due ?? DateTimeOffset.MinValue);
        return true;
    }

    /// <inheritdoc/>
    public Task TestOnlyClearTable()
    {
        _written.Clear();
        _recent.Forget();
        return Task.CompletedTask;
    }

    private void Write((GrainId, string) key, ReminderEntry? entry, DateTimeOffset? hides)
    {
        _written[key] = new Written(entry, hides, time.GetTimestamp());
        _recent.Forget();
    }

    private bool IsFresh(KeyValuePair<(GrainId, string), Written> pair)
    {
        if (time.GetElapsedTime(pair.Value.At) < Grace) return true;
        _written.TryRemove(pair);
        return false;
    }

    // The derived row, unless what a grain wrote meanwhile says otherwise.
    private ReminderEntry? Settle(GrainId grain, DateTimeOffset dueAt)
    {
        var key = (grain, _options.ReminderName);
        if (!_written.TryGetValue(key, out var written) || !IsFresh(KeyValuePair.Create(key, written))) return Entry(grain, dueAt);
        // A removal hides the time that it removed and nothing newer.
        return written.Hides == dueAt ? null : written.Entry ?? Entry(grain, dueAt);
    }

    private async Task<ReminderEntry?> DeriveAsync(GrainId grain)
    {
        var (known, dueAt) = await rows.ReadAsync(Key(grain));
        if (!known) throw Unknown();
        return IsOurs(grain) && dueAt is { } due ? Settle(grain, due) : null;
    }

    private bool IsOurs(GrainId grain) => string.Equals(grain.Type.ToString(), _options.GrainType, StringComparison.Ordinal);

    private ReminderEntry Entry(GrainId grain, DateTimeOffset dueAt) => new()
    {
        GrainId = grain,
        ReminderName = _options.ReminderName,
        StartAt = dueAt.UtcDateTime,
        Period = _options.Period,
        ETag = "status-" + dueAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
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

    private static InvalidOperationException Unknown() =>
        new("No complete index of the resources answers, so the reminders are not known now. Orleans asks again.");

    private sealed record Written(ReminderEntry? Entry, DateTimeOffset? Hides, long At);
}
