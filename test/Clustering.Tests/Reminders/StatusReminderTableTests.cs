using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Clustering.Reminders;

namespace NangoOrleans.Clustering.Tests.Reminders;

public sealed class StatusReminderTableTests
{
    private const string GrainType = "nango-integration", Name = "retry";

    private static readonly DateTimeOffset Due = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero), Later = Due.AddMinutes(5);
    private static readonly GrainId Slack = Grain("team/slack");

    private readonly Rows _rows = new();
    private readonly FakeTimeProvider _time = new(Due.AddHours(-1));
    private readonly StatusReminderTable _table;

    public StatusReminderTableTests() => _table = new StatusReminderTable(_rows, _time, Options.Create(new StatusReminderOptions { GrainType = GrainType, ReminderName = Name }));

    [Fact]
    public async Task A_row_of_the_index_is_a_reminder()
    {
        _rows["team/slack"] = Due;

        var entry = (await _table.ReadRow(Slack, Name))!;

        Assert.Equal((Slack, Name, Due.UtcDateTime, TimeSpan.FromMinutes(1)), (entry.GrainId, entry.ReminderName, entry.StartAt, entry.Period));
        Assert.Equal(DateTimeKind.Utc, entry.StartAt.Kind);
        Assert.NotEmpty(entry.ETag!);
        Assert.Equal(entry.ETag, Assert.Single((await _table.ReadRows(Slack)).Reminders).ETag);
        Assert.Equal(entry.ETag, Assert.Single((await _table.ReadRows(0, 0)).Reminders).ETag);
    }

    [Fact]
    public async Task What_the_index_lacks_is_no_reminder()
    {
        _rows["team/slack"] = Due;

        Assert.Null(await _table.ReadRow(Grain("team/github"), Name));
        Assert.Null(await _table.ReadRow(Slack, "another"));
        Assert.Null(await _table.ReadRow(GrainId.Create("another-type", "team/slack"), Name));
        Assert.Empty((await _table.ReadRows(Grain("team/github"))).Reminders);
    }

    [Fact]
    public async Task Ranges_exclude_their_beginning_include_their_end_and_wrap_around()
    {
        for (var i = 0; i < 200; i++) _rows[$"team/r{i}"] = Due;
        uint[] hashes = [.. Enumerable.Range(0, 200).Select(i => Grain($"team/r{i}").GetUniformHashCode()).Order()];
        var (low, high) = (hashes[50], hashes[150]);

        Assert.Equal(200, await CountAsync(0, 0));
        Assert.Equal(200, await CountAsync(low, low));
        Assert.Equal(100, await CountAsync(low, high));
        Assert.Equal(100, await CountAsync(high, low));
        Assert.Equal(1, await CountAsync(low - 1, low));
        Assert.Equal(51, await CountAsync(uint.MaxValue, low));
    }

    [Fact]
    public async Task Two_halves_of_the_ring_share_all_rows_without_overlap()
    {
        for (var i = 0; i < 100; i++) _rows[$"team/r{i}"] = Due;
        const uint Middle = 0x8000_0000;

        var keys = (await _table.ReadRows(0, Middle)).Reminders.Concat((await _table.ReadRows(Middle, 0)).Reminders).Select(r => r.GrainId).ToList();

        Assert.Equal((100, 100), (keys.Count, keys.Distinct().Count()));
    }

    [Fact]
    public async Task A_grain_reads_what_it_wrote_before_the_index_shows_it()
    {
        var etag = await _table.UpsertRow(Entry(Later));

        Assert.Equal((etag, Later.UtcDateTime), await ReadAsync());
        Assert.Single((await _table.ReadRows(Slack)).Reminders);
        Assert.Single((await _table.ReadRows(0, 0)).Reminders);
    }

    [Fact]
    public async Task What_a_grain_wrote_counts_more_than_the_older_row_of_the_index_and_is_one_row_with_it()
    {
        _rows["team/slack"] = Due;
        await _table.UpsertRow(Entry(Later));

        Assert.Equal(Later.UtcDateTime, (await ReadAsync()).StartAt);
        Assert.Equal(Later.UtcDateTime, Assert.Single((await _table.ReadRows(Slack)).Reminders).StartAt);
        Assert.Equal(Later.UtcDateTime, Assert.Single((await _table.ReadRows(0, 0)).Reminders).StartAt);
    }

    [Fact]
    public async Task Every_write_has_another_etag_and_keeps_the_callers_entry_as_it_was()
    {
        var entry = Entry(Later);
        var first = await _table.UpsertRow(entry);
        var second = await _table.UpsertRow(entry);

        Assert.NotEqual(first, second);
        Assert.Null(entry.ETag);
        Assert.Equal(second, (await ReadAsync()).ETag);
    }

    [Fact]
    public async Task Removing_takes_the_etag_of_the_last_write()
    {
        var first = await _table.UpsertRow(Entry(Due));
        var second = await _table.UpsertRow(Entry(Later));

        Assert.False(await _table.RemoveRow(Slack, Name, first!));
        Assert.True(await _table.RemoveRow(Slack, Name, second!));
        Assert.Null(await _table.ReadRow(Slack, Name));
        Assert.False(await _table.RemoveRow(Slack, Name, second!));
    }

    [Fact]
    public async Task Removing_a_row_of_the_index_takes_the_etag_it_was_read_with()
    {
        _rows["team/slack"] = Due;
        var read = (await ReadAsync()).ETag;
        _rows["team/slack"] = Later;

        Assert.False(await _table.RemoveRow(Slack, Name, read));
        Assert.True(await _table.RemoveRow(Slack, Name, (await ReadAsync()).ETag));
    }

    [Fact]
    public async Task A_removed_row_stays_away_while_the_index_lags_behind_and_comes_back_with_a_new_time()
    {
        _rows["team/slack"] = Due;
        Assert.True(await _table.RemoveRow(Slack, Name, (await ReadAsync()).ETag));

        Assert.Null(await _table.ReadRow(Slack, Name));
        Assert.Empty((await _table.ReadRows(Slack)).Reminders);
        Assert.Empty((await _table.ReadRows(0, 0)).Reminders);

        _rows["team/slack"] = Later;
        Soon();
        Assert.Equal(Later.UtcDateTime, (await ReadAsync()).StartAt);
        Assert.Single((await _table.ReadRows(Slack)).Reminders);
        Assert.Single((await _table.ReadRows(0, 0)).Reminders);
    }

    [Fact]
    public async Task A_removal_is_forgotten_after_a_while_so_that_even_the_same_time_may_come_back()
    {
        _rows["team/slack"] = Due;
        await _table.RemoveRow(Slack, Name, (await ReadAsync()).ETag);
        _rows["team/slack"] = null;
        Assert.Empty((await _table.ReadRows(0, 0)).Reminders);

        _time.Advance(StatusReminderTable.Grace);
        _rows["team/slack"] = Due;

        Assert.NotNull(await _table.ReadRow(Slack, Name));
    }

    [Fact]
    public async Task What_a_grain_wrote_gives_way_to_the_index_after_a_while()
    {
        await _table.UpsertRow(Entry(Later));
        _time.Advance(StatusReminderTable.Grace - TimeSpan.FromSeconds(1));
        Assert.NotNull(await _table.ReadRow(Slack, Name));

        // Removed through the silo that owns this part of the ring by now: status has lost its time, and nothing told this table.
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await _table.ReadRow(Slack, Name));
        Assert.Empty((await _table.ReadRows(Slack)).Reminders);
        Assert.Empty((await _table.ReadRows(0, 0)).Reminders);
    }

    [Fact]
    public async Task The_silo_that_takes_a_part_of_the_ring_over_reads_from_the_status_what_the_other_wrote()
    {
        var other = new StatusReminderTable(_rows, _time, Options.Create(new StatusReminderOptions { GrainType = GrainType, ReminderName = Name }));
        var etag = await _table.UpsertRow(Entry(Due));
        _rows["team/slack"] = Due;

        var entry = (await other.ReadRow(Slack, Name))!;

        Assert.Equal(Due.UtcDateTime, entry.StartAt);
        Assert.False(await other.RemoveRow(Slack, Name, etag!));
        Assert.True(await other.RemoveRow(Slack, Name, entry.ETag!));
    }

    [Fact]
    public async Task The_ring_is_read_in_many_pieces_by_one_question_to_the_index()
    {
        _rows["team/slack"] = Due;

        var pieces = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => _table.ReadRows((uint)i * 0x0800_0000, ((uint)i + 1) * 0x0800_0000)));
        Assert.Equal(1, _rows.Reads);
        Soon();
        await _table.ReadRows(0, 0);

        Assert.True(pieces.Sum(piece => piece.Reminders.Count) <= 1);
        Assert.Equal(2, _rows.Reads);
    }

    [Fact]
    public async Task A_write_is_not_hidden_by_what_was_read_a_moment_before()
    {
        _rows["team/slack"] = Due;
        Assert.Single((await _table.ReadRows(0, 0)).Reminders);
        var etag = (await ReadAsync()).ETag;
        _rows["team/slack"] = null;
        await _table.UpsertRow(Entry(Later));
        Assert.Equal(Later.UtcDateTime, Assert.Single((await _table.ReadRows(0, 0)).Reminders).StartAt);

        Assert.False(await _table.RemoveRow(Slack, Name, etag));
        Assert.True(await _table.RemoveRow(Slack, Name, (await ReadAsync()).ETag));

        Assert.Empty((await _table.ReadRows(0, 0)).Reminders);
    }

    [Fact]
    public async Task An_index_that_becomes_complete_is_asked_at_once()
    {
        _rows.IsComplete = false;
        await Assert.ThrowsAsync<InvalidOperationException>(() => _table.ReadRows(0, 0));

        _rows.IsComplete = true;
        _rows["team/slack"] = Due;

        Assert.Single((await _table.ReadRows(0, 0)).Reminders);
    }

    [Fact]
    public async Task While_the_index_is_incomplete_everything_throws_and_nothing_is_answered_empty()
    {
        _rows["team/slack"] = Due;
        _rows.IsComplete = false;

        await Assert.ThrowsAsync<InvalidOperationException>(() => _table.ReadRows(0, 0));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _table.ReadRows(Slack));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _table.ReadRow(Slack, Name));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _table.UpsertRow(Entry(Due)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _table.RemoveRow(Slack, Name, "1"));
    }

    [Fact]
    public void Starting_never_waits_for_the_index()
    {
        _rows.IsComplete = false;

        Assert.True(_table.StartAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully);
    }

    // Beyond what was read a moment ago, within what counts more than the index.
    private void Soon() => _time.Advance(TimeSpan.FromSeconds(2));

    private async Task<int> CountAsync(uint begin, uint end) => (await _table.ReadRows(begin, end)).Reminders.Count;

    private async Task<(string ETag, DateTime StartAt)> ReadAsync() => await _table.ReadRow(Slack, Name) is { } entry ? (entry.ETag!, entry.StartAt) : default;

    private static ReminderEntry Entry(DateTimeOffset due) => new() { GrainId = Slack, ReminderName = Name, StartAt = due.UtcDateTime, Period = TimeSpan.FromMinutes(1) };

    private static GrainId Grain(string key) => GrainId.Create(GrainType, key);
}
