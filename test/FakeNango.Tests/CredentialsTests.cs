namespace NangoOrleans.FakeNango.Tests;

/// <summary>Facts of nango-api §3: credentials.</summary>
public sealed class CredentialsTests
{
    private const string Pem = "-----BEGIN RSA PRIVATE KEY-----\\nAAAA\\n-----END RSA PRIVATE KEY-----";
    private const string App = $$"""{"type":"APP","app_id":"1","app_link":"https://github.com/apps/x","private_key":"{{Pem}}"}""";
    private const string Custom = $$"""{"type":"CUSTOM","client_id":"c","client_secret":"s","app_id":"1","app_link":"l","private_key":"{{Pem}}"}""";

    public static TheoryData<string, string?, int, string?> ByAuthMode()
    {
        const string oauth1 = """{"type":"OAUTH1","client_id":"c","client_secret":"s"}""";
        const string oauth2 = """{"type":"OAUTH2","client_id":"c","client_secret":"s"}""";
        const string tba = """{"type":"TBA","client_id":"c","client_secret":"s"}""";
        const string missing = "Missing credentials";
        const string incompatible = "incompatible credentials auth type and provider auth";
        var data = new TheoryData<string, string?, int, string?>
        {
            { "slack", null, 400, missing }, { "slack", oauth2, 200, null }, { "slack", oauth1, 400, incompatible },
            { "trello", null, 400, missing }, { "trello", oauth1, 200, null }, { "trello", oauth2, 400, incompatible },
            { "github-app", null, 400, missing }, { "github-app", App, 200, null }, { "github-app", oauth2, 400, incompatible },
            { "github-app-oauth", null, 400, missing }, { "github-app-oauth", Custom, 200, null }, { "github-app-oauth", App, 400, incompatible },
            { "netsuite-tba", null, 200, null }, { "netsuite-tba", tba, 200, null }, { "netsuite-tba", oauth2, 400, incompatible },
        };
        foreach (var provider in ProviderCatalogue.All.Where(one => !one.HasCredentials).DistinctBy(one => one.AuthMode))
        {
            data.Add(provider.Name, null, 200, null);
            data.Add(provider.Name, oauth2, 400, incompatible);
            data.Add(provider.Name, $$"""{"type":"{{provider.AuthMode}}"}""", 400, "invalid credentials object");
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(ByAuthMode))]
    public async Task Credentials_suit_the_auth_mode_of_the_provider(string provider, string? credentials, int status, string? message)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await CreateAsync(nango, provider, credentials);

        Assert.Equal(status, reply.Status);
        Assert.True(message is null || reply.Message == message);
    }

    [Fact]
    public void The_catalogue_covers_every_auth_mode()
    {
        string[] modes =
        [
            "OAUTH1", "OAUTH2", "TBA", "APP", "CUSTOM", "API_KEY", "BASIC", "NONE", "OAUTH2_CC", "JWT", "TWO_STEP", "BILL",
            "SIGNATURE", "INSTALL_PLUGIN", "AWS_SIGV4", "MCP_OAUTH2", "MCP_OAUTH2_GENERIC",
        ];

        Assert.Equal(modes.Order(StringComparer.Ordinal), ProviderCatalogue.All.Select(provider => provider.AuthMode!).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"type":"OAUTH2"}""", "invalid_type@credentials.client_id invalid_type@credentials.client_secret")]
    [InlineData("""{"type":"OAUTH2","client_id":"","client_secret":""}""", "too_small@credentials.client_id too_small@credentials.client_secret")]
    [InlineData("""{"type":"OAUTH2","client_id":"c","client_secret":"s","foo":"x"}""", "unrecognized_keys@credentials")]
    [InlineData("""{"type":"OAUTH2","client_id":"c","client_secret":"s","webhook_secret":null}""", "invalid_type@credentials.webhook_secret")]
    [InlineData("""{"type":"OAUTH2","client_id":"c","client_secret":"s","scopes":null}""", "invalid_union@credentials.scopes")]
    [InlineData("""{"type":"OAUTH2","client_id":"c","client_secret":"s","scopes":["a"]}""", "invalid_union@credentials.scopes")]
    [InlineData("""{"type":"API_KEY"}""", "invalid_union@credentials.type")]
    [InlineData("{}", "invalid_union@credentials.type")]
    [InlineData("null", "invalid_type@credentials")]
    [InlineData("\"\"", "invalid_type@credentials")]
    [InlineData("""{"type":"APP"}""", "invalid_type@credentials.app_id invalid_type@credentials.app_link invalid_type@credentials.private_key")]
    [InlineData("""{"type":"APP","app_id":"1","app_link":"l","private_key":"x","scopes":""}""", "invalid_format@credentials.private_key invalid_format@credentials.private_key unrecognized_keys@credentials")]
    [InlineData("""{"type":"APP","app_id":"1","app_link":"l","private_key":"-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n"}""", "invalid_format@credentials.private_key")]
    [InlineData("""{"type":"APP","app_id":"1","app_link":"l","private_key":"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"}""", "invalid_format@credentials.private_key invalid_format@credentials.private_key")]
    public async Task Malformed_credentials_are_refused_with_their_issues(string credentials, string issues)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await CreateAsync(nango, "slack", credentials);

        Assert.Equal((400, issues), (reply.Status, reply.Issues));
    }

    [Theory]
    [InlineData("chat:write,users:read", true)]
    [InlineData("b,a,b", true)]
    [InlineData("https://www.googleapis.com/auth/drive.*", true)]
    [InlineData("", true)]
    [InlineData("a b", false)]
    [InlineData("a;b", false)]
    [InlineData("a+b", false)]
    [InlineData("a%b", false)]
    [InlineData(",a", false)]
    [InlineData("a,", false)]
    [InlineData("a,,b", false)]
    [InlineData("a\\n", false)]
    public async Task Scopes_are_one_string_with_commas_and_keep_their_order(string scopes, bool accepted)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await CreateAsync(nango, "slack", $$"""{"type":"OAUTH2","client_id":"c","client_secret":"s","scopes":"{{scopes}}"}""");

        Assert.Equal(accepted ? 200 : 400, reply.Status);
        if (accepted)
            Assert.Equal(scopes.Length == 0 ? null : scopes, (string?)(await ReadAsync(nango))["scopes"]);
        else
            Assert.Equal("Invalid input", reply.Message);
    }

    [Theory]
    [InlineData("netsuite-tba", "TBA", ",\"scopes\":\"\"", "rest_webservices")]
    [InlineData("netsuite-tba", "TBA", "", "rest_webservices")]
    [InlineData("discord", "OAUTH2", "", "identify,guilds")]
    [InlineData("discord", "OAUTH2", ",\"scopes\":\"email\"", "email")]
    [InlineData("slack", "OAUTH2", "", null)]
    public async Task Missing_or_empty_scopes_become_the_default_ones_on_creation(string provider, string type, string sent, string? stored)
    {
        await using var nango = await Nango.StartAsync();

        await CreateAsync(nango, provider, $$"""{"type":"{{type}}","client_id":"c","client_secret":"s"{{sent}}}""");

        Assert.Equal(stored, (string?)(await ReadAsync(nango))["scopes"]);
    }

    [Fact]
    public async Task Credentials_are_returned_in_clear_and_untrimmed()
    {
        await using var nango = await Nango.StartAsync();

        await CreateAsync(nango, "slack", """{"type":"OAUTH2","client_id":" c ","client_secret":"s\n","scopes":"a","webhook_secret":""}""");

        Assert.Equal(
            """{"type":"OAUTH2","client_id":" c ","client_secret":"s\n","scopes":"a","webhook_secret":null}""",
            (await ReadAsync(nango)).ToJsonString());
    }

    [Fact]
    public async Task App_and_custom_have_their_own_shapes()
    {
        await using var nango = await Nango.StartAsync();

        await CreateAsync(nango, "github-app", App);
        var app = await ReadAsync(nango);
        await nango.DeleteAsync("k");
        await CreateAsync(nango, "github-app-oauth", Custom);
        var custom = await ReadAsync(nango);

        Assert.Equal(["type", "app_id", "private_key", "app_link"], app.AsObject().Select(member => member.Key));
        Assert.Equal(["type", "client_id", "client_secret", "app_id", "app_link", "private_key"], custom.AsObject().Select(member => member.Key));
        Assert.Equal("1", (string?)custom["app_id"]);
    }

    [Fact]
    public async Task Tba_without_credentials_reads_back_null()
    {
        await using var nango = await Nango.StartAsync();

        await CreateAsync(nango, "netsuite-tba", null);
        var read = await ReadAsync(nango);

        Assert.Equal(("TBA", null, null), ((string?)read["type"], (string?)read["client_id"], (string?)read["client_secret"]));
    }

    [Fact]
    public async Task An_app_link_over_255_is_a_500()
    {
        await using var nango = await Nango.StartAsync();

        var reply = await CreateAsync(nango, "github-app", App.Replace("https://github.com/apps/x", new('x', 256), StringComparison.Ordinal));

        Assert.Equal((500, "server_error"), (reply.Status, reply.Code));
    }

    [Fact]
    public async Task Without_the_scope_credentials_are_silently_absent()
    {
        await using var nango = await Nango.StartAsync(new()
        {
            Token = Nango.Token,
            Keys = [ApiKey.For(Nango.OtherToken, "dev", "environment:integrations:read")],
        });
        await nango.PostAsync(Nango.Slack);

        var reply = await nango.GetAsync("/integrations/slack-1?include=credentials", Nango.OtherToken);

        Assert.Equal(200, reply.Status);
        Assert.False(reply.Data.AsObject().ContainsKey("credentials"));
    }

    [Fact]
    public async Task Credentials_of_a_mode_without_them_are_null()
    {
        await using var nango = await Nango.StartAsync();
        await CreateAsync(nango, "openai", null);

        var reply = await nango.GetAsync("/integrations/k?include=credentials");

        Assert.True(reply.Data.AsObject().TryGetPropertyValue("credentials", out var credentials));
        Assert.Null(credentials);
    }

    [Theory]
    [InlineData("include=credentials&include=webhook", true)]
    [InlineData("include[]=credentials&include[]=webhook", true)]
    [InlineData("include=credentials,webhook", false)]
    [InlineData("include=everything", false)]
    public async Task Include_is_repeated_not_comma_separated(string query, bool accepted)
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);

        var reply = await nango.GetAsync($"/integrations/slack-1?{query}");

        Assert.Equal(accepted ? 200 : 400, reply.Status);
        if (accepted)
            Assert.Equal("sec", (string?)reply.Data["credentials"]!["client_secret"]);
        else
            Assert.Equal("invalid_query_params", reply.Code);
    }

    [Fact]
    public async Task The_webhook_url_holds_environment_and_encoded_key_and_is_null_without_routing()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack.Replace("slack-1", "a b", StringComparison.Ordinal));
        await CreateAsync(nango, "openai", null);

        var slack = await nango.GetAsync("/integrations/a%20b?include=webhook");
        var openai = await nango.GetAsync("/integrations/k?include=webhook");

        Assert.Equal($"{nango.Server.BaseUrl}/webhook/{nango.Server.State.Environment("dev").Uuid}/a%20b", (string?)slack.Data["webhook_url"]);
        Assert.True(openai.Data.AsObject().TryGetPropertyValue("webhook_url", out var none) && none is null);
    }

    private static Task<Reply> CreateAsync(Nango nango, string provider, string? credentials) => nango.PostAsync(
        $$"""{"provider":"{{provider}}","unique_key":"k"{{(credentials is null ? "" : $",\"credentials\":{credentials}")}}}""");

    private static async Task<System.Text.Json.Nodes.JsonNode> ReadAsync(Nango nango) =>
        (await nango.GetAsync("/integrations/k?include=credentials")).Data["credentials"]!;
}
