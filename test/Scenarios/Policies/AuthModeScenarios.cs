using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Policies;

public sealed class AuthModesOnRealServer(RealWorld world) : AuthModeScenarios(world), IClassFixture<RealWorld>;

public sealed class AuthModesOnDouble(DoubleWorld world) : AuthModeScenarios(world), IClassFixture<DoubleWorld>;

/// <summary>Every auth mode is created and updated, with the credentials it takes or without any.</summary>
public abstract class AuthModeScenarios(WorldFixture fixture)
{
    private const string Pem = "\"-----BEGIN RSA PRIVATE KEY-----\\nAAAA\\n-----END RSA PRIVATE KEY-----\"";
    private const string Client = "client_id: id, client_secret: secret", App = $"app_id: \"1\", app_link: https://example.com/app, private_key: {Pem}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("garmin", "{type: OAUTH1, " + Client + "}")]
    [InlineData("slack", "{type: OAUTH2, " + Client + ", scopes: \"\"}")]
    [InlineData("discord", "{type: OAUTH2, " + Client + ", scopes: \"\"}")]
    [InlineData("netsuite-tba", "{type: TBA, " + Client + "}")]
    [InlineData("netsuite-tba", null)]
    [InlineData("github-app", "{type: APP, " + App + "}")]
    [InlineData("github-app-oauth", "{type: CUSTOM, " + Client + ", " + App + "}")]
    [InlineData("openai", null)]
    [InlineData("freshdesk", null)]
    [InlineData("bill", null)]
    [InlineData("google-service-account", null)]
    [InlineData("notion-mcp", null)]
    [InlineData("generic-mcp", null)]
    public async Task Every_auth_mode_is_created_and_updated(string provider, string? credentials)
    {
        var world = await fixture.GetAsync(Ct);
        var name = $"mode-{provider}-{(credentials is null ? "bare" : "own")}";
        await world.ApplyAsync($"""
            apiVersion: nango.nango.dev/v1alpha1
            kind: NangoIntegration
            metadata:
              name: {name}
            spec:
              unique_key: {name}
              provider: {provider}
              display_name: First
              {(credentials is null ? "" : $"credentials: {credentials}")}
            """, Ct);
        await world.UntilAsync(name, s => s.IsReady, Ct);
        var before = world.Nango.Journal.LastSeq;

        await world.PatchAsync(name, """{"spec":{"display_name":"Second"}}""", Ct);
        await world.UntilAsync(name, s => s.IsReady && s.Reason == "Updated", Ct);

        Assert.Equal("Second", world.Nango.State.Environment().Find(name)!.DisplayName);
        Assert.Single(world.Nango.Journal.Entries(before, "PATCH"));
        if (credentials is null) return;
        var changed = credentials.Contains("client_secret", StringComparison.Ordinal) ? """{"spec":{"credentials":{"client_secret":"changed"}}}""" : """{"spec":{"credentials":{"app_link":"https://example.com/changed"}}}""";
        await world.PatchAsync(name, changed, Ct);
        await world.UntilAsync(() => world.Nango.State.Environment().Find(name) is { } now && (now.ClientSecret == "changed" || now.AppLink == "https://example.com/changed"), Ct);
        await world.UntilAsync(name, s => s.IsReady, Ct);
    }
}
