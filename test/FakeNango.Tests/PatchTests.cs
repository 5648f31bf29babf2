using Microsoft.Extensions.Time.Testing;

namespace NangoOrleans.FakeNango.Tests;

/// <summary>Facts of nango-api §4: PATCH.</summary>
public sealed class PatchTests
{
    [Fact]
    public async Task An_empty_patch_moves_updated_at_only()
    {
        var time = new FakeTimeProvider();
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, TimeProvider = time });
        var created = await nango.PostAsync(Nango.Slack);
        time.Advance(TimeSpan.FromSeconds(5));

        var patched = await nango.PatchAsync("slack-1", "{}");

        Assert.Equal(200, patched.Status);
        Assert.NotEqual((string?)created.Data["updated_at"], (string?)patched.Data["updated_at"]);
        Assert.Equal((string?)created.Data["created_at"], (string?)patched.Data["created_at"]);
        Assert.Equal("Slack", (string?)patched.Data["display_name"]);
    }

    [Fact]
    public async Task Omitted_fields_are_kept()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack[..^1] + ""","display_name":"Mine","forward_webhooks":false}""");

        var patched = await nango.PatchAsync("slack-1", """{"display_name":"Yours"}""");
        var read = await nango.GetAsync("/integrations/slack-1?include=credentials");

        Assert.Equal(("Yours", false), ((string?)patched.Data["display_name"], (bool)patched.Data["forward_webhooks"]!));
        Assert.Equal("sec", (string?)read.Data["credentials"]!["client_secret"]);
    }

    [Theory]
    [InlineData("""{"provider":"slack"}""", "unrecognized_keys@")]
    [InlineData("""{"display_name":null}""", "invalid_type@display_name")]
    [InlineData("""{"display_name":""}""", "too_small@display_name")]
    [InlineData("""{"credentials":null}""", "invalid_type@credentials")]
    [InlineData("""{"credentials":{"type":"OAUTH2","client_id":"only"}}""", "invalid_type@credentials.client_secret")]
    public async Task Nothing_can_be_cleared_and_the_provider_is_fixed(string body, string issues)
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);

        var reply = await nango.PatchAsync("slack-1", body);

        Assert.Equal((400, issues), (reply.Status, reply.Issues));
    }

    [Theory]
    [InlineData("slack", "OAUTH2", "", "a", "w")]
    [InlineData("slack", "OAUTH2", ",\"scopes\":\"\"", null, "w")]
    [InlineData("slack", "OAUTH2", ",\"webhook_secret\":\"\"", "a", null)]
    [InlineData("trello", "OAUTH1", ",\"webhook_secret\":\"\"", "a", "w")]
    [InlineData("netsuite-tba", "TBA", ",\"webhook_secret\":\"\"", "a", "w")]
    [InlineData("netsuite-tba", "TBA", ",\"scopes\":\"\"", null, "w")]
    public async Task Scopes_and_webhook_secret_are_kept_unless_cleared(string provider, string type, string sent, string? scopes, string? webhookSecret)
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync($$$"""{"provider":"{{{provider}}}","unique_key":"k","credentials":{"type":"{{{type}}}","client_id":"c","client_secret":"s","scopes":"a","webhook_secret":"w"}}""");

        await nango.PatchAsync("k", $$$"""{"credentials":{"type":"{{{type}}}","client_id":"c2","client_secret":"s2"{{{sent}}}}}""");
        var read = (await nango.GetAsync("/integrations/k?include=credentials")).Data["credentials"]!;

        Assert.Equal(("c2", "s2", scopes, webhookSecret), ((string?)read["client_id"], (string?)read["client_secret"], (string?)read["scopes"], (string?)read["webhook_secret"]));
    }

    [Fact]
    public async Task A_rename_frees_the_old_key_and_keeps_created_at()
    {
        var time = new FakeTimeProvider();
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, TimeProvider = time });
        var created = await nango.PostAsync(Nango.Slack);
        time.Advance(TimeSpan.FromSeconds(1));

        var renamed = await nango.PatchAsync("slack-1", """{"unique_key":"slack-2"}""");

        Assert.Equal(("slack-2", (string?)created.Data["created_at"]), ((string?)renamed.Data["unique_key"], (string?)renamed.Data["created_at"]));
        Assert.Equal(404, (await nango.GetAsync("/integrations/slack-1")).Status);
        Assert.Equal(200, (await nango.PostAsync(Nango.Slack)).Status);
    }

    [Fact]
    public async Task A_rename_onto_a_taken_key_or_with_connections_is_refused()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);
        await nango.PostAsync("""{"provider":"openai","unique_key":"other"}""");

        var taken = await nango.PatchAsync("slack-1", """{"unique_key":"other"}""");
        await nango.SendAsync("PUT", "/_connections", """{"unique_key":"slack-1","count":1}""", token: null);
        var connected = await nango.PatchAsync("slack-1", """{"unique_key":"free"}""");
        var sameKey = await nango.PatchAsync("slack-1", """{"unique_key":"slack-1"}""");

        Assert.Equal((400, "uniqueKey is already used by another integration"), (taken.Status, taken.Message));
        Assert.Equal((400, "Can't rename an integration with active connections"), (connected.Status, connected.Message));
        Assert.Equal(200, sameKey.Status);
    }

    [Fact]
    public async Task A_failed_patch_changes_nothing()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);
        var before = await nango.GetAsync("/integrations/slack-1?include=credentials");

        var reply = await nango.PatchAsync("slack-1", """{"display_name":"new","integration_config":{"a":"b"}}""");

        Assert.Equal(400, reply.Status);
        Assert.Equal(before.Text, (await nango.GetAsync("/integrations/slack-1?include=credentials")).Text);
    }
}
