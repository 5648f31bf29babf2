namespace NangoOrleans.FakeNango.Tests;

/// <summary>Facts of nango-api §2: providers and connections.</summary>
public sealed class ProvidersTests
{
    [Fact]
    public async Task A_provider_tells_mode_default_scopes_and_config_schema()
    {
        await using var nango = await Nango.StartAsync();

        var tba = await nango.GetAsync("/providers/netsuite-tba");
        var generic = await nango.GetAsync("/providers/private-api-generic");

        Assert.Equal(("netsuite-tba", "TBA"), ((string?)tba.Data["name"], (string?)tba.Data["auth_mode"]));
        Assert.Equal("""["rest_webservices"]""", tba.Data["default_scopes"]!.ToJsonString());
        Assert.Equal("Key name", (string?)generic.Data["integration_config"]!["keyName"]!["title"]);
    }

    [Fact]
    public async Task An_unknown_provider_is_404()
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.GetAsync("/providers/nonesuch");

        Assert.Equal((404, "not_found", "Unknown provider nonesuch"), (reply.Status, reply.Code, reply.Message));
    }

    [Fact]
    public async Task Search_is_a_case_insensitive_pattern_on_the_name()
    {
        await using var nango = await Nango.StartAsync();

        var found = await nango.GetAsync("/providers?search=^GITHUB-");
        var all = await nango.GetAsync("/providers");

        Assert.Equal(["github-app", "github-app-oauth"], found.Data.AsArray().Select(provider => (string?)provider!["name"]));
        Assert.Equal(ProviderCatalogue.All.Count, all.Data.AsArray().Count);
    }

    [Theory]
    [InlineData("", 5)]
    [InlineData("?integrationId=slack-1", 3)]
    [InlineData("?integrationId=slack-1,other", 5)]
    [InlineData("?integrationId=absent", 0)]
    [InlineData("?limit=2", 2)]
    [InlineData("?limit=2&page=2", 1)]
    public async Task Connections_are_counted_filtered_and_paged(string query, int count)
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);
        await nango.PostAsync("""{"provider":"openai","unique_key":"other"}""");
        nango.Server.State.Environment().SetConnections("slack-1", 3);
        nango.Server.State.Environment().SetConnections("other", 2);

        var reply = await nango.GetAsync("/connections" + query);

        Assert.Equal(count, reply.Json["connections"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=2001")]
    [InlineData("limit=many")]
    [InlineData("foo=1")]
    public async Task Bad_connection_queries_are_refused(string query)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.GetAsync($"/connections?{query}");

        Assert.Equal((400, "invalid_query_params"), (reply.Status, reply.Code));
    }
}
