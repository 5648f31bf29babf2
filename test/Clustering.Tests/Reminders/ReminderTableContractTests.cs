using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Clustering.Reminders;

namespace NangoOrleans.Clustering.Tests.Reminders;

/// <summary>
/// What Orleans' own tests ask of every reminder table, restated. The index here follows every write after a moment, as a watch does:
/// grains write the time to status before they ask for the reminder.
/// </summary>
public sealed class ReminderTableContractTests
{
    private const string GrainType = "nango-integration", Name = "retry";

    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Rows _rows = new();
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly StatusReminderTable _table;

    public ReminderTableContractTests() =>
        _table = new StatusReminderTable(_rows, _time, Options.Create(new StatusReminderOptions { GrainType = GrainType, ReminderName = Name }));

    [Fact]
    public async Task Simple_upsert_read_and_remove()
    {
        var grain = Grain("team/simple");
        var etag = await UpsertAsync(grain, Noon.AddMinutes(5));

        var read = (await _table.ReadRow(grain, Name))!;
        Assert.Equal((grain, Name, Noon.AddMinutes(5).UtcDateTime, etag), (read.GrainId, read.ReminderName, read.StartAt, read.ETag));
        Assert.Single((await _table.ReadRows(grain)).Reminders);

        var second = await UpsertAsync(grain, Noon.AddMinutes(9));
        Assert.NotEqual(etag, second);
        Assert.False(await _table.RemoveRow(grain, Name, etag));
        Assert.False(await _table.RemoveRow(grain, "bla", second));
        Assert.False(await _table.RemoveRow(grain, Name, "bla"));
        Assert.True(await RemoveAsync(grain, second));
        Assert.False(await _table.RemoveRow(grain, Name, second));
        Assert.Null(await _table.ReadRow(grain, Name));
        Assert.Empty((await _table.ReadRows(grain)).Reminders);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Parallel_upserts_of_one_row_all_succeed_with_etags_of_their_own(bool indexFollows)
    {
        var grain = Grain("team/parallel");

        var etags = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => UpsertAsync(grain, Noon.AddMinutes(5 + i), indexFollows))));

        Assert.Equal(100, etags.Distinct(StringComparer.Ordinal).Count());
        var left = Assert.Single((await _table.ReadRows(grain)).Reminders);
        Assert.Contains(left.ETag, etags);
    }

    [Fact]
    public async Task Parallel_removals_of_one_row_succeed_once()
    {
        var grain = Grain("team/once");
        var etag = await UpsertAsync(grain, Noon.AddMinutes(5));

        var removed = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _table.RemoveRow(grain, Name, etag))));

        Assert.Contains(true, removed);
        Assert.Null(await _table.ReadRow(grain, Name));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    public async Task Ranges_hold_every_row_exactly_once_soon_and_later(int secondsLater)
    {
        const int Count = 1000;
        for (var i = 0; i < Count; i++) await UpsertAsync(Grain($"team/r{i}"), Noon.AddMinutes(5));
        _time.Advance(TimeSpan.FromSeconds(secondsLater));

        var all = (await _table.ReadRows(0, uint.MaxValue)).Reminders;
        Assert.Equal(Count, all.Count);
        var hashes = all.Select(entry => entry.GrainId.GetUniformHashCode()).Order().ToList();
        for (var i = 0; i < Count; i += 97)
        {
            var (begin, end) = (hashes[i], hashes[(i + 333) % Count]);
            var expected = hashes.Count(hash => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end);
            Assert.Equal(expected, (await _table.ReadRows(begin, end)).Reminders.Count);
            Assert.Equal(Count - expected, (await _table.ReadRows(end, begin)).Reminders.Count);
        }
    }

    private async Task<string> UpsertAsync(GrainId grain, DateTimeOffset due, bool indexFollows = true)
    {
        if (indexFollows) _rows[grain.Key.ToString()!] = due;
        return (await _table.UpsertRow(new ReminderEntry { GrainId = grain, ReminderName = Name, StartAt = due.UtcDateTime, Period = TimeSpan.FromMinutes(1) }))!;
    }

    private async Task<bool> RemoveAsync(GrainId grain, string etag)
    {
        var removed = await _table.RemoveRow(grain, Name, etag);
        if (removed) _rows[grain.Key.ToString()!] = null;
        return removed;
    }

    private static GrainId Grain(string key) => GrainId.Create(GrainType, key);
}
