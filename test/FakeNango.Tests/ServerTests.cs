namespace NangoOrleans.FakeNango.Tests;

public sealed class ServerTests
{
    [Fact]
    public async Task Of_concurrent_creations_of_one_key_exactly_one_wins()
    {
        await using var nango = await Nango.StartAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => nango.PostAsync(Nango.Slack)));

        Assert.Single(replies, reply => reply.Status == 200);
        Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal("Unique key already exists", reply.Message));
    }

    [Fact]
    public async Task With_the_race_switched_on_losers_get_500()
    {
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, DuplicateCreatesRace = true });

        // Creations that have to connect first may come one by one.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => nango.GetAsync("/integrations")));
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => nango.PostAsync(Nango.Slack)));

        Assert.Single(replies, reply => reply.Status == 200);
        Assert.Contains(replies, reply => reply.Status == 500 && reply.Message == "Failed to create integration");
        Assert.Equal(1, nango.Server.State.Environment().Count);
    }

    [Fact]
    public async Task Of_concurrent_deletions_exactly_one_wins()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => nango.DeleteAsync("slack-1")));

        Assert.Single(replies, reply => reply.Status == 200);
        Assert.Equal(19, replies.Count(reply => reply.Status == 404));
    }

    [Fact]
    public async Task Concurrent_changes_of_many_keys_lose_nothing()
    {
        await using var nango = await Nango.StartAsync();
        var keys = Enumerable.Range(0, 300).Select(number => $"key-{number}").ToList();

        await Task.WhenAll(keys.Select(async key =>
        {
            await nango.PostAsync($$"""{"provider":"openai","unique_key":"{{key}}"}""");
            await nango.PatchAsync(key, $$"""{"display_name":"{{key}}"}""");
            await nango.PatchAsync(key, """{"forward_webhooks":false}""");
        }));

        var rows = nango.Server.State.Environment().All();
        Assert.Equal(300, rows.Count);
        Assert.All(rows, row => Assert.Equal((row.UniqueKey, false), (row.DisplayName, row.ForwardWebhooks)));
        Assert.Equal(900, nango.Server.Journal.Count(status: 200));
    }

    [Fact]
    public async Task State_and_address_survive_an_outage()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);
        var url = nango.Server.BaseUrl;

        await nango.Server.StopListeningAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => nango.GetAsync("/integrations"));
        await nango.Server.ListenAsync(Nango.Cancellation);

        Assert.Equal(url, nango.Server.BaseUrl);
        Assert.Equal(200, (await nango.GetAsync("/integrations/slack-1")).Status);
    }

    [Fact]
    public async Task Reset_forgets_everything_but_the_keys()
    {
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, RateLimitPerMinute = 1 });
        await nango.PostAsync(Nango.Slack);
        nango.Server.Faults.Add(FaultPresets.Drop);

        var reset = await nango.SendAsync("POST", "/_reset", null, token: null);
        var list = await nango.GetAsync("/integrations");

        Assert.Equal((204, 200), (reset.Status, list.Status));
        Assert.Empty(list.Data.AsArray());
        Assert.Single(nango.Server.Journal.Entries());
    }

    [Fact]
    public async Task The_inventory_redacts_secrets()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack[..^1] + ""","custom":{"a":"hush"}}""");

        var inventory = await nango.GetAsync("/_integrations", token: null);
        var row = inventory.Json.AsArray().Single()!;

        Assert.Equal(("slack-1", "dev", true), ((string?)row["unique_key"], (string?)row["environment"], (bool)row["has_client_secret"]!));
        Assert.All(["\"sec\"", "\"cid\"", "hush"], secret => Assert.DoesNotContain(secret, inventory.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PUT", "/_connections", """{"unique_key":"a"}""", 400)]
    [InlineData("PUT", "/_provider", """{"unique_key":"absent","provider":"x"}""", 400)]
    [InlineData("GET", "/_jurnal", null, 404)]
    public async Task Misused_controls_say_so_and_are_not_journalled(string method, string path, string? body, int status)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.SendAsync(method, path, body, token: null);

        Assert.Equal(status, reply.Status);
        Assert.NotEmpty(reply.Text);
        Assert.Empty(nango.Server.Journal.Entries());
    }

    [Fact]
    public async Task Hand_edits_are_seen_by_the_api()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);

        var edited = nango.Server.State.Environment().Edit("slack-1", row => row with { DisplayName = "Drifted" });

        Assert.True(edited);
        Assert.Equal("Drifted", (string?)(await nango.GetAsync("/integrations/slack-1")).Data["display_name"]);
    }
}
