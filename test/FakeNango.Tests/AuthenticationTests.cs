using System.Net.Http.Headers;

namespace NangoOrleans.FakeNango.Tests;

/// <summary>Facts of nango-api §1 and §6: the Authorization header.</summary>
public sealed class AuthenticationTests
{
    [Theory]
    [InlineData(null, "missing_auth_header", "Authentication failed. The request is missing the Authorization header.")]
    [InlineData("Bearer not-a-uuid", "invalid_secret_key_format", "Authentication failed. The provided secret key is not a UUID v4.")]
    [InlineData("bearer " + Nango.Token, "invalid_secret_key_format", "Authentication failed. The provided secret key is not a UUID v4.")]
    [InlineData("Basic " + Nango.Token, "invalid_secret_key_format", "Authentication failed. The provided secret key is not a UUID v4.")]
    [InlineData("Bearer 7a1f0c52-3a58-1b7e-9d0c-5a2b8a1c4e01", "invalid_secret_key_format", "Authentication failed. The provided secret key is not a UUID v4.")]
    [InlineData("Bearer " + Nango.OtherToken, "unknown_account", "Authentication failed. The provided secret key does not match any account.")]
    [InlineData("Bearer 7A1F0C52-3A58-4B7E-9D0C-5A2B8A1C4E01", "unknown_account", "Authentication failed. The provided secret key does not match any account.")]
    public async Task Bad_authorization_is_refused_with_its_code(string? header, string code, string message)
    {
        await using var nango = await Nango.StartAsync();
        using var request = nango.Request("GET", "/integrations");
        if (header is not null)
            request.Headers.TryAddWithoutValidation("Authorization", header);

        var reply = await nango.SendAsync(request);

        Assert.Equal((401, code, message), (reply.Status, reply.Code, reply.Message));
        Assert.Empty(reply.Json["error"]!["payload"]!.AsObject());
    }

    [Fact]
    public async Task A_bare_key_without_scheme_works()
    {
        await using var nango = await Nango.StartAsync();
        using var request = nango.Request("GET", "/integrations");
        request.Headers.TryAddWithoutValidation("Authorization", Nango.Token);

        var reply = await nango.SendAsync(request);

        Assert.Equal(200, reply.Status);
    }

    [Fact]
    public async Task A_revoked_key_is_unknown_at_once()
    {
        await using var nango = await Nango.StartAsync();
        Assert.Equal(200, (await nango.GetAsync("/integrations")).Status);

        nango.Server.State.RevokeKey(Nango.Token);

        Assert.Equal("unknown_account", (await nango.GetAsync("/integrations")).Code);
    }

    [Fact]
    public async Task Environments_of_one_account_have_their_own_keys_and_integrations()
    {
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, Keys = [ApiKey.For(Nango.OtherToken, "prod")] });

        await nango.PostAsync(Nango.Slack);

        Assert.Equal(404, (await nango.GetAsync("/integrations/slack-1", Nango.OtherToken)).Status);
        Assert.Equal(200, (await nango.PostAsync(Nango.Slack, token: Nango.OtherToken)).Status);
    }

    [Fact]
    public void A_key_never_prints_its_secret()
    {
        var key = ApiKey.Parse($"{Nango.Token}:prod:environment:integrations:read,environment:integrations:list");

        Assert.DoesNotContain(Nango.Token, key.ToString(), StringComparison.Ordinal);
        Assert.Equal(("prod", 2), (key.Environment, key.Scopes.Count));
    }

    [Theory]
    [InlineData("GET", "/integrations", "Required one of: environment:integrations:list, environment:integrations:list_credentials")]
    [InlineData("GET", "/integrations/x", "Required one of: environment:integrations:read, environment:integrations:read_credentials")]
    [InlineData("POST", "/integrations", "Required: environment:integrations:create")]
    [InlineData("POST", "/integrations/quickstart", "Required: environment:integrations:create")]
    [InlineData("PATCH", "/integrations/x", "Required: environment:integrations:update")]
    [InlineData("DELETE", "/integrations/x", "Required: environment:integrations:delete")]
    [InlineData("GET", "/connections", "Required one of: environment:connections:list, environment:connections:list_credentials")]
    public async Task A_call_without_its_scope_is_forbidden(string method, string path, string needed)
    {
        await using var nango = await Nango.StartAsync(new() { Keys = [ApiKey.For(Nango.Token, "dev", "environment:deploy")] });

        var reply = await nango.SendAsync(method, path, method is "POST" or "PATCH" ? "{}" : null);

        Assert.Equal((403, "forbidden", "Insufficient scope. " + needed), (reply.Status, reply.Code, reply.Message));
    }

    [Theory]
    [InlineData("environment:*")]
    [InlineData("environment:integrations:*")]
    [InlineData("environment:integrations:list")]
    [InlineData("environment:integrations:list_credentials")]
    public async Task A_scope_or_a_wildcard_above_it_lets_a_call_through(string scope)
    {
        await using var nango = await Nango.StartAsync(new() { Keys = [ApiKey.For(Nango.Token, "dev", scope)] });

        Assert.Equal(200, (await nango.GetAsync("/integrations")).Status);
    }

    [Fact]
    public async Task Providers_need_no_scope_but_an_environment()
    {
        await using var nango = await Nango.StartAsync(new()
        {
            Keys = [ApiKey.For(Nango.Token, "dev", "environment:deploy"), ApiKey.For(Nango.OtherToken, "", "account:*")],
        });

        var ofEnvironment = await nango.GetAsync("/providers/slack");
        var ofAccount = await nango.GetAsync("/providers/slack", Nango.OtherToken);
        var integrations = await nango.GetAsync("/integrations", Nango.OtherToken);

        Assert.Equal(200, ofEnvironment.Status);
        Assert.Equal((403, "API key is not authorized for an environment"), (ofAccount.Status, ofAccount.Message));
        Assert.Equal(403, integrations.Status);
    }

    [Fact]
    public async Task Health_and_readiness_need_no_key()
    {
        await using var nango = await Nango.StartAsync();

        var health = await nango.GetAsync("/health", token: null);
        var ready = await nango.GetAsync("/ready", token: null);

        Assert.Equal((200, """{"result":"ok"}"""), (health.Status, health.Text));
        Assert.Equal((200, """{"result":"ok"}"""), (ready.Status, ready.Text));
        Assert.Equal(new MediaTypeHeaderValue("application/json", "utf-8").ToString(), health.ContentType);
    }
}
