using System.Text.Json;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango.Tests;

public sealed class RequestTests
{
    private const string Integration = """{"data":{"unique_key":"KEY","provider":"github","display_name":"GitHub","created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z"}}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("slack 1", "/integrations/slack%201")]
    [InlineData("a@b", "/integrations/a%40b")]
    [InlineData("a:b", "/integrations/a%3Ab")]
    [InlineData("~a.b_c-d", "/integrations/~a.b_c-d")]
    [InlineData("...", "/integrations/...")]
    [InlineData("quickstart", "/integrations/quickstart")]
    public async Task Keys_are_percent_encoded_in_the_path(string key, string target)
    {
        await using var server = await OddServer.StartAsync(200, Integration.Replace("KEY", key, StringComparison.Ordinal));
        var (host, client) = ClientHost.For(server);
        await using var _ = host;

        var found = await client.GetAsync(key, includeCredentials: false, Stop);

        Assert.Equal(key, found!.UniqueKey);
        Assert.Equal(target, server.Seen.Single().Target);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a?b")]
    [InlineData("a%2fb")]
    [InlineData("a\nb")]
    [InlineData("ключ")]
    public async Task Keys_that_would_change_the_route_are_refused_before_anything_is_sent(string key)
    {
        await using var server = await OddServer.StartAsync(200, Integration);
        var (host, client) = ClientHost.For(server);
        await using var _ = host;

        Func<Task>[] calls =
        [
            () => client.GetAsync(key, includeCredentials: true, Stop),
            () => client.CreateAsync(Calls.Creation with { UniqueKey = key }, Stop),
            () => client.UpdateAsync(key, new(), Stop),
            () => client.DeleteAsync(key, Stop),
            () => client.CountConnectionsAsync(key, Stop),
            () => client.GetProviderAsync(key, Stop),
        ];
        foreach (var call in calls) Assert.Equal(Reasons.InvalidSpec, (await ClientHost.FailureOfAsync(call)).Reason);

        Assert.Empty(server.Seen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret\r\nX-Injected: 1")]
    [InlineData("with blank")]
    [InlineData("schlüssel")]
    public async Task Tokens_that_cannot_stand_in_a_header_are_refused_without_being_quoted(string token)
    {
        await using var server = await OddServer.StartAsync(200, Integration);
        var (host, _) = ClientHost.For(server);
        await using var __ = host;

        var failure = await ClientHost.FailureOfAsync(() => host.Client(server.BaseUrl, token).ListAsync(Stop));

        Assert.Equal((FailureKind.Terminal, Reasons.TokenMalformed), (failure.Kind, failure.Reason));
        Assert.Empty(server.Seen);
        if (token.Length > 0) Assert.DoesNotContain(token, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_say_who_asks_and_what_is_accepted()
    {
        await using var server = await OddServer.StartAsync(200, """{"data":[]}""");
        var (host, client) = ClientHost.For(server);
        await using var _ = host;

        await client.ListAsync(Stop);

        var seen = server.Seen.Single();
        Assert.Equal("/integrations", seen.Target);
        Assert.Equal($"Bearer {ClientHost.Token}", seen.Headers["Authorization"]);
        Assert.Matches(@"^NangoOrleans/\d+\.\d+\.\d+$", seen.Headers["User-Agent"]);
        Assert.Equal("application/json", seen.Headers["Accept"]);
        Assert.False(seen.Headers.ContainsKey("Content-Type"), "Nango checks this header on GET too");
    }

    [Fact]
    public async Task A_path_in_the_base_url_stays_before_the_route()
    {
        await using var server = await OddServer.StartAsync(200, """{"data":[]}""");
        var (host, _) = ClientHost.For(server);
        await using var __ = host;

        await host.Client(server.BaseUrl + "/nango").ListAsync(Stop);

        Assert.Equal("/nango/integrations", server.Seen.Single().Target);
    }

    [Fact]
    public async Task Bodies_hold_what_is_set_and_no_nulls()
    {
        await using var server = await OddServer.StartAsync(200, Integration.Replace("KEY", "github-1", StringComparison.Ordinal));
        var (host, client) = ClientHost.For(server);
        await using var _ = host;

        await client.CreateAsync(Calls.Creation with { Custom = new Dictionary<string, string> { ["k"] = "v" } }, Stop);
        await client.UpdateAsync("github-1", new() { ForwardWebhooks = false }, Stop);
        await client.UpdateAsync("github-1", new(), Stop);

        string[] expected =
        [
            """{"unique_key":"github-1","provider":"github","display_name":"GitHub","credentials":{"type":"OAUTH2","client_id":"id","client_secret":"secret"},"custom":{"k":"v"}}""",
            """{"forward_webhooks":false}""",
            "{}",
        ];
        Assert.Equal(expected, server.Seen.Select(seen => seen.Body));
        Assert.Equal(["POST", "PATCH", "PATCH"], server.Seen.Select(seen => seen.Method));
        Assert.All(server.Seen, seen => Assert.StartsWith("application/json", seen.Headers["Content-Type"], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"unique_key":"k","created_at":"c","credentials":{"type":"OAUTH2","client_id":"id"}}""", true, true)]
    [InlineData("""{"unique_key":"k","created_at":"c","credentials":null}""", true, true)]
    [InlineData("""{"unique_key":"k","created_at":"c"}""", true, false)]
    [InlineData("""{"unique_key":"k","created_at":"c","credentials":null}""", false, false)]
    public async Task Credentials_are_readable_when_asked_for_and_there_be_they_null(string data, bool asked, bool readable)
    {
        await using var server = await OddServer.StartAsync(200, $$"""{"data":{{data}},"added_later":[1]}""");
        var (host, client) = ClientHost.For(server);
        await using var _ = host;

        var found = await client.GetAsync("k", asked, Stop);

        Assert.Equal(readable, found!.CredentialsReadable);
        Assert.Equal(JsonDocument.Parse(data).RootElement.TryGetProperty("credentials", out var c) && c.ValueKind == JsonValueKind.Object, found.Credentials is not null);
        Assert.Equal(asked ? "/integrations/k?include=credentials&include=webhook" : "/integrations/k", server.Seen.Single().Target);
    }
}
