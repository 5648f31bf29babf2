using System.Net;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Tests.Support;
using static NangoOrleans.Testing.ApiServer.Tests.Support.TestServer;

namespace NangoOrleans.Testing.ApiServer.Tests.Discovery;

public sealed class DiscoveryTests
{
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    [Fact]
    public async Task Custom_resources_are_discovered_in_both_forms()
    {
        await using var server = await StartAsync();

        var legacy = await server.GetAsync("/apis/nango.nango.dev/v1alpha1");
        var (_, aggregated) = await server.SendAsync(HttpMethod.Get, "/apis", accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json");

        Assert.Equal(["nangointegrations", "nangointegrations/status"], ((JsonArray)legacy["resources"]!).Select(r => r.Text("name")!));
        var group = ((JsonArray)aggregated["items"]!).Single(item => item.Text("metadata", "name") == "nango.nango.dev");
        var resource = group!["versions"]![0]!["resources"]![0];
        Assert.Equal(("nangointegrations", "ni", "nango"), (resource.Text("resource"), resource!["shortNames"]![0]!.ToString(), resource["categories"]![0]!.ToString()));
    }

    [Fact]
    public async Task Open_api_describes_custom_resources_and_offers_field_validation()
    {
        await using var server = await StartAsync();

        var index = await server.GetAsync("/openapi/v3");
        var document = await server.GetAsync(index.Text("paths", "apis/nango.nango.dev/v1alpha1", "serverRelativeURL")!);

        var schema = document.At("components", "schemas", "dev.nango.nango.v1alpha1.NangoIntegration");
        Assert.Equal("The key in Nango.", schema.Text("properties", "spec", "properties", "unique_key", "description"));
        var patch = document.At("paths", "/apis/nango.nango.dev/v1alpha1/namespaces/{namespace}/nangointegrations/{name}", "patch");
        Assert.Contains("fieldValidation", ((JsonArray)patch!["parameters"]!).Select(p => p.Text("name")));
    }

    [Fact]
    public async Task Tables_follow_the_printer_columns()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));
        await server.MergeAsync(Integrations + "/a/status", """{"status":{"conditions":[{"type":"Other","status":"False"},{"type":"Ready","status":"True"}]}}""");

        var (_, table) = await server.SendAsync(HttpMethod.Get, Integrations, accept: Table);

        Assert.Equal(["Name", "KEY", "READY", "AGE", "GEN"], ((JsonArray)table["columnDefinitions"]!).Select(c => c.Text("name")!));
        var cells = (JsonArray)table["rows"]![0]!["cells"]!;
        Assert.Equal(("a", "slack", "True", -1), (cells[0]!.ToString(), cells[1]!.ToString(), cells[2]!.ToString(), cells[4]!.GetValue<int>()));
        Assert.Matches("^[0-9]+s$", cells[3]!.ToString());
        Assert.Equal("PartialObjectMetadata", table["rows"]![0].Text("object", "kind"));
    }

    [Theory]
    [InlineData(5, "5s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(599, "9m59s")]
    [InlineData(3600, "60m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData((7 * 3600) + 60, "7h1m")]
    [InlineData(47 * 3600, "47h")]
    [InlineData(50 * 3600, "2d2h")]
    [InlineData(9 * 86400, "9d")]
    [InlineData(800 * 86400, "2y70d")]
    public void Ages_are_written_as_kubectl_users_know_them(int seconds, string expected) =>
        Assert.Equal(expected, Tables.HumanDuration.Format(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public async Task Only_the_bearer_of_the_token_is_served()
    {
        await using var server = await StartAsync();
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "wrong");

        var (status, answer) = await server.SendAsync(HttpMethod.Get, "/api");

        Assert.Equal((HttpStatusCode.Unauthorized, "Unauthorized"), (status, answer.Text("reason")));
    }

    [Fact]
    public async Task Token_reviews_know_the_one_token()
    {
        await using var server = await StartAsync();
        const string Reviews = "/apis/authentication.k8s.io/v1/tokenreviews";

        var right = await server.OkAsync(HttpMethod.Post, Reviews, new JsonObject { ["spec"] = new JsonObject { ["token"] = server.Api.Token } });
        var wrong = await server.OkAsync(HttpMethod.Post, Reviews, new JsonObject { ["spec"] = new JsonObject { ["token"] = "wrong" } });

        Assert.Equal(("true", "false"), (right.Text("status", "authenticated"), wrong.Text("status", "authenticated")));
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/livez")]
    public async Task Health_is_ok(string path)
    {
        await using var server = await StartAsync();

        Assert.Equal("ok", (await server.GetAsync(path)).Text("text"));
    }

    [Fact]
    public async Task The_version_admits_to_being_a_double()
    {
        await using var server = await StartAsync();

        Assert.Contains("test-double", (await server.GetAsync("/version")).Text("gitVersion"), StringComparison.Ordinal);
        Assert.Contains("not a Kubernetes API server", DevApiServer.Banner, StringComparison.Ordinal);
    }
}
