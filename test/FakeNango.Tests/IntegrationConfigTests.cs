namespace NangoOrleans.FakeNango.Tests;

/// <summary>Facts of nango-api §3: integration_config and custom, and the deprecated GET /config.</summary>
public sealed class IntegrationConfigTests
{
    private const string Valid = """{"keyName":"X-Key","baseUrl":"https://api.example.com"}""";

    [Theory]
    [InlineData("private-api-generic", "\"integration_config\":{\"foo\":\"x\"}", "Unknown field foo, Key name is required, Base URL is required")]
    [InlineData("private-api-generic", "\"integration_config\":{\"keyName\":\"a\",\"keyPlacement\":\"body\",\"baseUrl\":\"nope\"}", "Key placement must be one of: header, query, Base URL has an invalid format")]
    [InlineData("private-api-generic", "\"custom\":{\"a\":\"b\"}", "This provider uses integration_config; set its values there instead of custom")]
    [InlineData("openai", "\"integration_config\":{\"a\":\"b\"}", "This provider does not accept integration configuration")]
    [InlineData("openai", "\"integration_config\":{}", null)]
    [InlineData("openai", "\"custom\":{\"a\":\"b\"}", null)]
    [InlineData("private-api-generic", "\"forward_webhooks\":true", null)]
    [InlineData("private-api-generic", "\"integration_config\":" + Valid, null)]
    [InlineData("aws-sigv4", "\"integration_config\":{\"service\":\"s3\",\"region\":\"eu-west-1\"}", null)]
    public async Task Values_are_checked_against_the_providers_schema(string provider, string member, string? message)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.PostAsync($$"""{"provider":"{{provider}}","unique_key":"k",{{member}}}""");

        Assert.Equal(message is null ? 200 : 400, reply.Status);
        Assert.True(message is null || (reply.Code, reply.Message) == ("invalid_body", message));
    }

    [Theory]
    [InlineData(8192, 200)]
    [InlineData(8193, 400)]
    public async Task A_value_ends_at_8192(int length, int status)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.PostAsync(
            $$$"""{"provider":"private-api-generic","unique_key":"k","integration_config":{"keyName":"{{{new string('x', length)}}}","baseUrl":"https://a.b"}}""");

        Assert.Equal(status, reply.Status);
    }

    [Fact]
    public async Task A_patch_merges_clears_optional_fields_and_refuses_to_clear_required_ones()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync("""{"provider":"private-api-generic","unique_key":"k","integration_config":{"keyName":"X-Key","keyLabel":"Label","baseUrl":"https://a.b"}}""");

        var labelled = await nango.GetAsync("/integrations/k");
        var merged = await nango.PatchAsync("k", """{"integration_config":{"keyName":"Y-Key","keyLabel":""}}""");
        var refused = await nango.PatchAsync("k", """{"integration_config":{"baseUrl":""}}""");
        var config = await nango.GetAsync("/config/k?include_creds=true");

        Assert.Equal((200, 400, "Base URL is required"), (merged.Status, refused.Status, refused.Message));
        Assert.Equal("""{"apiKey":"Label"}""", labelled.Data["credentials_label"]!.ToJsonString());
        Assert.Equal("""{"baseUrl":"https://a.b","keyName":"Y-Key","keyPlacement":"header"}""", config.Json["config"]!["custom"]!.ToJsonString());
    }

    [Fact]
    public async Task Patch_answers_lack_the_credentials_label()
    {
        await using var nango = await Nango.StartAsync();
        var created = await nango.PostAsync("""{"provider":"private-api-generic","unique_key":"k","integration_config":{"keyName":"X","keyLabel":"Label","baseUrl":"https://a.b"}}""");

        var patched = await nango.PatchAsync("k", "{}");

        Assert.True(created.Data.AsObject().ContainsKey("credentials_label"));
        Assert.False(patched.Data.AsObject().ContainsKey("credentials_label"));
    }

    [Fact]
    public async Task Both_maps_are_write_only_in_the_public_api()
    {
        await using var nango = await Nango.StartAsync();

        await nango.PostAsync("""{"provider":"openai","unique_key":"k","custom":{"a":"hidden"}}""");
        var read = await nango.GetAsync("/integrations/k?include=credentials&include=webhook");

        Assert.DoesNotContain("hidden", read.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Custom_is_merged_and_overrides_what_credentials_wrote()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack[..^1] + ""","custom":{"webhookSecret":"from-custom","a":"1"}}""");

        await nango.PatchAsync("slack-1", """{"custom":{"b":"2"}}""");
        var credentials = (await nango.GetAsync("/integrations/slack-1?include=credentials")).Data["credentials"]!;
        var config = (await nango.GetAsync("/config/slack-1?include_creds=true")).Json["config"]!;

        Assert.Equal("from-custom", (string?)credentials["webhook_secret"]);
        Assert.Equal("""{"a":"1","b":"2","webhookSecret":"from-custom"}""", config["custom"]!.ToJsonString());
        Assert.Equal(0, (int)config["connection_count"]!);
    }
}
