namespace NangoOrleans.FakeNango.Tests;

public sealed class JournalTests
{
    [Fact]
    public async Task An_entry_names_fields_and_never_shows_values()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack[..^1] + ""","custom":{"webhookSecret":"hush"}}""");

        var journal = await nango.GetAsync("/_journal", token: null);
        var entry = journal.Json.AsArray().Single()!;

        Assert.Equal(
            ["seq", "time", "method", "path", "query", "route", "key", "environment", "status", "outcome", "duration_ms", "body_fields"],
            entry.AsObject().Select(member => member.Key));
        Assert.Equal(
            ["provider", "unique_key", "credentials", "credentials.type", "credentials.client_id", "credentials.client_secret", "custom"],
            entry["body_fields"]!.AsArray().Select(name => (string?)name));
        Assert.Equal(("Default - Full access", "dev", 200, "answered"),
            ((string?)entry["key"], (string?)entry["environment"], (int)entry["status"]!, (string?)entry["outcome"]));
        Assert.All(["\"sec\"", "hush", Nango.Token], secret => Assert.DoesNotContain(secret, journal.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bodies_are_kept_for_tests_only_when_asked_for_and_never_shown()
    {
        await using var plain = await Nango.StartAsync();
        await using var keeping = await Nango.StartAsync(new() { Token = Nango.Token, KeepBodies = true });
        await plain.PostAsync(Nango.Slack);
        await keeping.PostAsync(Nango.Slack);

        Assert.Null(plain.Server.Journal.Entries()[0].Body);
        Assert.Equal(Nango.Slack, keeping.Server.Journal.Entries()[0].Body);
        Assert.DoesNotContain("\"sec\"", (await keeping.GetAsync("/_journal", token: null)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_journal_is_filtered_by_seq_method_and_path()
    {
        await using var nango = await Nango.StartAsync();
        await nango.GetAsync("/integrations");
        await nango.PostAsync(Nango.Slack);
        await nango.GetAsync("/providers/slack");

        Assert.Equal([2, 3], await SeqsAsync(nango, "since=1"));
        Assert.Equal([2], await SeqsAsync(nango, "method=post"));
        Assert.Equal([3], await SeqsAsync(nango, "path_prefix=/providers"));
        Assert.Equal([], await SeqsAsync(nango, "since=3"));
    }

    [Fact]
    public async Task The_summary_counts_more_calls_than_the_journal_keeps()
    {
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, JournalCapacity = 10 });

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => nango.GetAsync("/integrations")));
        await nango.GetAsync("/integrations/absent");
        var summary = (await nango.GetAsync("/_journal/summary", token: null)).Json.AsArray();

        Assert.Equal(10, nango.Server.Journal.Entries().Count);
        Assert.Equal(51, nango.Server.Journal.LastSeq);
        Assert.Equal(["GET /integrations 200 50", "GET /integrations/{key} 404 1"],
            summary.Select(line => $"{line!["method"]} {line["route"]} {line["status"]} {line["count"]}"));
        Assert.Equal(50, nango.Server.Journal.Count(method: "GET", route: "/integrations", status: 200));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(1024, 3000)]
    [InlineData(5000, 3000)]
    [InlineData(5000, 9000)]
    public void The_ring_keeps_the_newest_in_order(int capacity, int calls)
    {
        var journal = new RequestJournal(capacity);

        for (var i = 0; i < calls; i++)
            journal.Complete(journal.Begin(Entry) with { Outcome = CallOutcome.Answered, Status = 200 });

        var kept = Math.Min(capacity, calls);
        Assert.Equal(Enumerable.Range(calls - kept + 1, kept).Select(seq => (long)seq), journal.Entries().Select(entry => entry.Seq));
        Assert.All(journal.Entries(), entry => Assert.Equal(200, entry.Status));
        Assert.Equal(calls, journal.Count());
    }

    [Fact]
    public void A_call_that_ends_after_it_was_forgotten_is_counted_and_disturbs_nothing()
    {
        var journal = new RequestJournal(2);
        var slow = journal.Begin(Entry);
        for (var i = 0; i < 3; i++)
            journal.Begin(Entry);

        journal.Complete(slow with { Status = 500, Outcome = CallOutcome.Answered });

        Assert.Equal([3, 4], journal.Entries().Select(entry => entry.Seq));
        Assert.Equal(1, journal.Count(status: 500));
    }

    [Fact]
    public async Task Clearing_keeps_counting_seqs()
    {
        await using var nango = await Nango.StartAsync();
        await nango.GetAsync("/integrations");

        var cleared = await nango.SendAsync("DELETE", "/_journal", null, token: null);
        await nango.GetAsync("/integrations");

        Assert.Equal(204, cleared.Status);
        Assert.Equal([2], await SeqsAsync(nango, ""));
        Assert.Equal(1, nango.Server.Journal.Count());
    }

    [Fact]
    public async Task A_caller_without_valid_key_has_no_name()
    {
        await using var nango = await Nango.StartAsync();
        await nango.GetAsync("/integrations", Nango.OtherToken);

        var entry = Assert.Single(nango.Server.Journal.Entries());

        Assert.Equal((null, null, 401), (entry.Key, entry.Environment, entry.Status));
    }

    [Fact]
    public async Task Waiting_sees_past_and_coming_calls()
    {
        await using var nango = await Nango.StartAsync();
        var coming = nango.Server.Journal.WaitForAsync(entry => entry is { Method: "POST", Status: 200 }, Nango.Cancellation);
        Assert.False(coming.IsCompleted);

        await nango.PostAsync(Nango.Slack);

        Assert.Equal("/integrations", (await coming).Path);
        Assert.Equal(1, (await nango.Server.Journal.WaitForAsync(entry => entry.Method == "POST", Nango.Cancellation)).Seq);
    }

    private static JournalEntry Entry(long seq) =>
        new() { Seq = seq, Time = DateTimeOffset.UnixEpoch, Method = "GET", Path = "/integrations", Query = "", Route = "/integrations" };

    private static async Task<IEnumerable<long>> SeqsAsync(Nango nango, string query) =>
        (await nango.GetAsync($"/_journal?{query}", token: null)).Json.AsArray().Select(entry => (long)entry!["seq"]!);
}
