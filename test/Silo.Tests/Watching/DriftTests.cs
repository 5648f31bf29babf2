using NangoOrleans.Integrations;

namespace NangoOrleans.Watching;

public sealed class DriftTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData("key", "made", "written", false)]
    [InlineData("key", "made anew", "written", true)]
    [InlineData("key", "made", "written again", true)]
    [InlineData("KEY", "made", "written", true)]
    public void A_row_has_drifted_when_Nango_lacks_it_or_shows_other_times(string key, string created, string updated, bool drifted)
    {
        var found = Drift.Find([Row()], [new("another", "made", "written"), new(key, created, updated)], Noon.AddSeconds(1));

        Assert.Equal(drifted, found.Any());
    }

    [Fact]
    public void A_list_says_nothing_about_a_row_that_changed_after_it_was_begun()
    {
        Assert.Empty(Drift.Find([Row()], [], Noon));
        Assert.Empty(Drift.Find([Row()], [], Noon.AddSeconds(-1)));
        Assert.Single(Drift.Find([Row()], [], Noon.AddSeconds(1)));
    }

    [Theory]
    [InlineData(null, 0, 10, true)]
    [InlineData(60, 10, 10, false)]
    [InlineData(60, 59, 61, true)]
    [InlineData(60, 61, 119, false)]
    [InlineData(10, 11, 19, true)]
    public void A_row_with_a_longer_interval_is_left_out_until_its_turn(int? intervalMinutes, int previousMinute, int nowMinute, bool due)
    {
        var row = Row() with { ResyncInterval = intervalMinutes is { } m ? TimeSpan.FromMinutes(m) : null };

        Assert.Equal(due, Drift.IsDue(row, Usual, Usual, Noon.AddMinutes(previousMinute), Noon.AddMinutes(nowMinute)));
        Assert.True(Drift.IsDue(row, Usual, Usual, previous: null, Noon));
    }

    [Fact]
    public void Environments_known_at_start_are_compared_at_once_and_then_once_an_interval()
    {
        var schedule = new DriftSchedule(() => 0.5);
        var environments = new Dictionary<string, TimeSpan>(StringComparer.Ordinal) { ["one"] = Usual };

        Assert.Equal([("one", Usual, null)], schedule.TakeDue(environments, Noon));
        Assert.Empty(schedule.TakeDue(environments, Noon.AddMinutes(9)));
        Assert.Equal([("one", Usual, Noon)], schedule.TakeDue(environments, Noon.AddMinutes(10)));
    }

    [Fact]
    public void A_watcher_that_was_handed_the_watch_compares_at_some_time_in_the_interval_and_not_at_once()
    {
        var schedule = new DriftSchedule(() => 0.5, goesOn: true);
        var environments = new Dictionary<string, TimeSpan>(StringComparer.Ordinal) { ["one"] = Usual };

        Assert.Empty(schedule.TakeDue(environments, Noon));
        Assert.Empty(schedule.TakeDue(environments, Noon.AddMinutes(4)));
        // Everything, since nobody remembers what was compared when.
        Assert.Equal([("one", Usual, null)], schedule.TakeDue(environments, Noon.AddMinutes(5)));
        Assert.Empty(schedule.TakeDue(environments, Noon.AddMinutes(14)));
    }

    [Fact]
    public void An_environment_that_comes_later_is_new_and_waits_for_its_first_comparison()
    {
        var schedule = new DriftSchedule(() => 0.5);
        schedule.TakeDue(new Dictionary<string, TimeSpan>(StringComparer.Ordinal), Noon);
        var environments = new Dictionary<string, TimeSpan>(StringComparer.Ordinal) { ["new"] = Usual };

        Assert.Empty(schedule.TakeDue(environments, Noon.AddMinutes(1)));
        Assert.Empty(schedule.TakeDue(environments, Noon.AddMinutes(10)));
        Assert.Single(schedule.TakeDue(environments, Noon.AddMinutes(11)));
    }

    [Fact]
    public void A_comparison_that_came_to_nothing_is_made_up_for_and_a_shorter_interval_counts_at_once()
    {
        var schedule = new DriftSchedule(() => 0.5);
        var environments = new Dictionary<string, TimeSpan>(StringComparer.Ordinal) { ["one"] = Usual };
        schedule.TakeDue(environments, Noon);

        schedule.TryAgain("one", previous: null, Noon.AddSeconds(5));
        Assert.Empty(schedule.TakeDue(environments, Noon.AddSeconds(4)));
        Assert.Equal([("one", Usual, null)], schedule.TakeDue(environments, Noon.AddSeconds(5)));

        environments["one"] = TimeSpan.FromMinutes(1);
        Assert.Single(schedule.TakeDue(environments, Noon.AddSeconds(66)));
    }

    private static IndexRow Row() => new()
    {
        Key = new IntegrationKey("team", "slack"),
        Uid = "uid",
        ResourceVersion = "1",
        RemoteKey = "key",
        NangoCreatedAt = "made",
        NangoUpdatedAt = "written",
        ChangedAt = Noon,
    };
}
