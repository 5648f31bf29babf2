using Microsoft.Extensions.Time.Testing;

namespace NangoOrleans.FakeNango.Tests;

/// <summary>Facts of nango-api §2, §5 and §6: POST, quickstart, GET, list and DELETE of integrations.</summary>
public sealed class CreateTests
{
    [Fact]
    public async Task Creation_answers_200_with_the_documented_object()
    {
        var time = new FakeTimeProvider(new(2026, 11, 22, 19, 53, 56, 59, TimeSpan.Zero));
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, TimeProvider = time });

        var reply = await nango.PostAsync("""
            {"provider":"slack","unique_key":"slack-1","display_name":"My Slack",
             "credentials":{"type":"OAUTH2","client_id":"cid","client_secret":"sec"}}
            """);

        Assert.Equal(200, reply.Status);
        Assert.Equal(
            $$$"""{"data":{"unique_key":"slack-1","provider":"slack","display_name":"My Slack","logo":"{{{nango.Server.BaseUrl}}}/images/template-logos/slack.svg","forward_webhooks":true,"created_at":"2026-11-22T19:53:56.059Z","updated_at":"2026-11-22T19:53:56.059Z"}}""",
            reply.Text);
    }

    [Theory]
    [InlineData("{}", "invalid_type@provider invalid_type@unique_key", "Invalid input: expected string, received undefined")]
    [InlineData("[]", "invalid_type@", "Invalid input: expected object, received array")]
    [InlineData("""{"provider":"slack","unique_key":""}""", "too_small@unique_key invalid_format@unique_key", null)]
    [InlineData("""{"provider":"sl ack","unique_key":"a"}""", "invalid_format@provider", null)]
    [InlineData("""{"provider":"slack","unique_key":"a/b"}""", "invalid_format@unique_key", null)]
    [InlineData("""{"provider":"slack","unique_key":"a\n"}""", "invalid_format@unique_key", null)]
    [InlineData("""{"provider":"slack","unique_key":"a","display_name":null}""", "invalid_type@display_name", null)]
    [InlineData("""{"provider":"slack","unique_key":"a","display_name":""}""", "too_small@display_name", null)]
    [InlineData("""{"provider":"slack","unique_key":"a","forward_webhooks":"yes"}""", "invalid_type@forward_webhooks", null)]
    [InlineData("""{"provider":"slack","unique_key":"a","foo":1}""", "unrecognized_keys@", "Unrecognized key: \"foo\"")]
    [InlineData("""{"provider":"slack","unique_key":"a","custom":{"a":1}}""", "invalid_type@custom.a", null)]
    [InlineData("""{"provider":"slack","unique_key":"a","integration_config":[]}""", "invalid_type@integration_config", null)]
    [InlineData("""{"provider":"nonesuch","unique_key":"a"}""", "invalid_string@provider", "Invalid provider")]
    [InlineData("""{"provider":"Slack","unique_key":"a"}""", "invalid_string@provider", "Invalid provider")]
    public async Task A_bad_body_is_refused_with_its_issues(string body, string issues, string? message)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.PostAsync(body);

        Assert.Equal((400, "invalid_body", issues), (reply.Status, reply.Code, reply.Issues));
        Assert.Equal(message ?? reply.Message, reply.Message);
    }

    [Theory]
    [InlineData("unique_key", 255, true)]
    [InlineData("unique_key", 256, false)]
    [InlineData("display_name", 255, true)]
    [InlineData("display_name", 256, false)]
    public async Task Texts_end_at_255_units(string field, int length, bool accepted)
    {
        await using var nango = await Nango.StartAsync();
        var other = field == "unique_key" ? "" : "\"unique_key\":\"a\",";

        var reply = await nango.PostAsync($$"""{"provider":"openai",{{other}}"{{field}}":"{{new string('x', length)}}"}""");

        Assert.Equal(accepted ? 200 : 400, reply.Status);
        Assert.True(accepted || reply.Issues == $"too_big@{field}");
    }

    [Theory]
    [InlineData(127, 200)]
    [InlineData(128, 400)]
    public async Task Display_names_are_measured_in_utf16_units(int emoji, int status)
    {
        await using var nango = await Nango.StartAsync();
        var name = string.Concat(Enumerable.Repeat("😀", emoji));

        var reply = await nango.PostAsync($$"""{"provider":"openai","unique_key":"a","display_name":"{{name}}"}""");

        Assert.Equal(status, reply.Status);
    }

    [Theory]
    [InlineData(" blank kept ")]
    [InlineData("a:b@c~d.e")]
    [InlineData("..")]
    [InlineData("quickstart")]
    public async Task Odd_keys_are_legal_and_addressable(string key)
    {
        await using var nango = await Nango.StartAsync();

        var created = await nango.PostAsync($$"""{"provider":"openai","unique_key":"{{key}}"}""");
        var read = await nango.GetAsync($"/integrations/{Uri.EscapeDataString(key)}");

        Assert.Equal((200, 200), (created.Status, read.Status));
        Assert.Equal(key, (string?)read.Data["unique_key"]);
    }

    [Fact]
    public async Task A_duplicate_is_a_400_with_the_path_uniqueKey_whatever_the_provider()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);

        var reply = await nango.PostAsync("""{"provider":"openai","unique_key":"slack-1"}""");

        Assert.Equal(400, reply.Status);
        Assert.Equal("""{"error":{"code":"invalid_body","errors":[{"code":"invalid_string","message":"Unique key already exists","path":["uniqueKey"]}]}}""", reply.Text);
    }

    [Fact]
    public async Task Credential_rules_come_before_the_duplicate_and_that_before_integration_config()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);

        var incompatible = await nango.PostAsync(Nango.Slack.Replace("OAUTH2", "OAUTH1", StringComparison.Ordinal));
        var duplicate = await nango.PostAsync(Nango.Slack[..^1] + ""","integration_config":{"a":"b"}}""");

        Assert.Equal("incompatible credentials auth type and provider auth", incompatible.Message);
        Assert.Equal("Unique key already exists", duplicate.Message);
    }

    [Fact]
    public async Task A_javascript_builtin_passes_as_provider_and_makes_a_broken_integration()
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.PostAsync("""{"provider":"constructor","unique_key":"broken"}""");

        Assert.Equal(200, reply.Status);
        Assert.False(reply.Data.AsObject().ContainsKey("display_name"));
        Assert.Equal(200, (await nango.GetAsync("/providers/constructor")).Status);
    }

    [Theory]
    [InlineData("""{"provider":"openai","unique_key":"a","display_name":"a\u0000b"}""")]
    [InlineData("""{"provider":"slack","unique_key":"a","credentials":{"type":"OAUTH2","client_id":"a\u0000","client_secret":"b"}}""")]
    public async Task Nul_is_a_500_although_the_client_is_at_fault(string body)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.PostAsync(body);

        Assert.Equal((500, "server_error", "Failed to create integration"), (reply.Status, reply.Code, reply.Message));
        Assert.Equal(404, (await nango.GetAsync("/integrations/a")).Status);
    }

    [Fact]
    public async Task The_list_is_ordered_by_provider_then_age()
    {
        var time = new FakeTimeProvider();
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, TimeProvider = time });
        foreach (var (provider, key) in new[] { ("stripe", "z"), ("openai", "y"), ("openai", "a") })
        {
            await nango.PostAsync($$"""{"provider":"{{provider}}","unique_key":"{{key}}"}""");
            time.Advance(TimeSpan.FromSeconds(1));
        }

        var reply = await nango.GetAsync("/integrations");

        Assert.Equal(["y", "a", "z"], reply.Data.AsArray().Select(row => (string?)row!["unique_key"]));
        Assert.False(reply.Data[0]!.AsObject().ContainsKey("credentials"));
    }

    [Fact]
    public async Task Deletion_answers_success_and_then_404()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);

        var first = await nango.SendAsync("DELETE", "/integrations/slack-1", """{"ignored":true}""");
        var second = await nango.DeleteAsync("slack-1");

        Assert.Equal((200, """{"success":true}"""), (first.Status, first.Text));
        Assert.Equal((404, "not_found", "Integration does not exist"), (second.Status, second.Code, second.Message));
        Assert.Equal("Integration \"slack-1\" does not exist", (await nango.GetAsync("/integrations/slack-1")).Message);
        Assert.Equal("Integration \"slack-1\" does not exist", (await nango.PatchAsync("slack-1", "{}")).Message);
    }

    [Fact]
    public async Task A_deleted_key_is_free_at_once_for_another_provider_and_gets_a_new_created_at()
    {
        var time = new FakeTimeProvider();
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, TimeProvider = time });
        var first = await nango.PostAsync(Nango.Slack);
        nango.Server.State.Environment().SetConnections("slack-1", 3);

        var deleted = await nango.DeleteAsync("slack-1");
        time.Advance(TimeSpan.FromSeconds(1));
        var second = await nango.PostAsync("""{"provider":"openai","unique_key":"slack-1"}""");

        Assert.Equal((200, 200), (deleted.Status, second.Status));
        Assert.NotEqual((string?)first.Data["created_at"], (string?)second.Data["created_at"]);
        Assert.Empty((await nango.GetAsync("/connections")).Json["connections"]!.AsArray());
    }

    [Fact]
    public async Task A_provider_gone_from_the_catalogue_breaks_the_whole_list()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);
        var control = await nango.SendAsync("PUT", "/_provider", """{"unique_key":"slack-1","provider":"gone"}""", token: null);

        var list = await nango.GetAsync("/integrations");

        Assert.Equal(204, control.Status);
        Assert.Equal((500, "server_error"), (list.Status, list.Code));
        Assert.Equal((404, "Unknown provider gone"), await StatusAndMessage(nango.GetAsync("/integrations/slack-1")));
        Assert.Equal((404, "Unknown provider gone"), await StatusAndMessage(nango.PatchAsync("slack-1", "{}")));
        Assert.Equal((400, "Unique key already exists"), await StatusAndMessage(nango.PostAsync(Nango.Slack)));
        Assert.Equal(200, (await nango.DeleteAsync("slack-1")).Status);
        Assert.Equal(200, (await nango.GetAsync("/integrations")).Status);
    }

    [Theory]
    [InlineData("slack", "No Nango-provided developer app is configured for this provider")]
    [InlineData("openai", "Quickstart is only available for providers that require a developer app")]
    public async Task Quickstart_is_usually_refused(string provider, string message)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.PostAsync($$"""{"provider":"{{provider}}","unique_key":"q"}""", "/integrations/quickstart");

        Assert.Equal((400, message), (reply.Status, reply.Message));
    }

    [Fact]
    public async Task Quickstart_hides_the_shared_credentials_and_ignores_own_ones()
    {
        await using var nango = await Nango.StartAsync();
        nango.Server.State.AddSharedApp("slack", "chat:write");

        var created = await nango.PostAsync("""{"provider":"slack","unique_key":"q"}""", "/integrations/quickstart");
        var patched = await nango.PatchAsync("q", """{"credentials":{"type":"OAUTH2","client_id":"mine","client_secret":"s"}}""");
        var read = await nango.GetAsync("/integrations/q?include=credentials");

        Assert.Equal((200, 200), (created.Status, patched.Status));
        Assert.Equal(
            """{"type":"OAUTH2","client_id":"","client_secret":"","scopes":"chat:write","webhook_secret":null}""",
            read.Data["credentials"]!.ToJsonString());
    }

    private static async Task<(int, string)> StatusAndMessage(Task<Reply> call)
    {
        var reply = await call;
        return (reply.Status, reply.Message);
    }
}
