using System.Net;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Tests.Support;
using static NangoOrleans.Testing.ApiServer.Tests.Support.TestServer;

namespace NangoOrleans.Testing.ApiServer.Tests.Patching;

public sealed class PatchTests
{
    [Theory]
    [InlineData("""[{"op":"test","path":"/spec/provider","value":"slack"},{"op":"replace","path":"/spec/provider","value":"x"}]""", "x,a|b")]
    [InlineData("""[{"op":"add","path":"/spec/steps/-","value":"c"}]""", "slack,a|b|c")]
    [InlineData("""[{"op":"add","path":"/spec/steps/0","value":"c"}]""", "slack,c|a|b")]
    [InlineData("""[{"op":"remove","path":"/spec/steps/0"}]""", "slack,b")]
    [InlineData("""[{"op":"copy","from":"/spec/steps/0","path":"/spec/provider"}]""", "a,a|b")]
    [InlineData("""[{"op":"move","from":"/spec/steps/1","path":"/spec/steps/0"}]""", "slack,b|a")]
    public async Task Json_patches_apply(string patch, string expected)
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a", """{"steps":["a","b"]}"""));

        var patched = await server.OkAsync(HttpMethod.Patch, Integrations + "/a", JsonNode.Parse(patch), JsonPatch);

        Assert.Equal(expected, $"{patched.Text("spec", "provider")},{string.Join('|', (JsonArray)patched.At("spec", "steps")!)}");
    }

    [Theory]
    [InlineData("""[{"op":"test","path":"/metadata/resourceVersion","value":"1"},{"op":"replace","path":"/spec/provider","value":"x"}]""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""[{"op":"remove","path":"/spec/zork"}]""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""[{"op":"replace","path":"/spec/zork","value":1}]""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"op":"remove","path":"/spec/zork"}""", HttpStatusCode.BadRequest)]
    public async Task Json_patches_that_do_not_fit_change_nothing(string patch, HttpStatusCode expected)
    {
        await using var server = await StartAsync();
        var created = await server.CreateAsync(Sample.Integration("a"));

        var (status, _) = await server.SendAsync(HttpMethod.Patch, Integrations + "/a", JsonNode.Parse(patch), JsonPatch);

        Assert.Equal(expected, status);
        Assert.Equal(created.Version(), (await server.GetAsync(Integrations + "/a")).Version());
    }

    [Fact]
    public async Task Strategic_merge_is_for_built_in_kinds_only()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));
        const string Strategic = "application/strategic-merge-patch+json";
        const string Accounts = "/api/v1/namespaces/default/serviceaccounts";
        await server.OkAsync(HttpMethod.Post, Accounts, JsonNode.Parse("""{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"s","finalizers":["a/b","c/d"]},"imagePullSecrets":[{"name":"x"},{"name":"y"}]}"""));

        var custom = await server.SendAsync(HttpMethod.Patch, Integrations + "/a", new JsonObject(), Strategic);
        var merged = await server.OkAsync(HttpMethod.Patch, Accounts + "/s", JsonNode.Parse("""{"metadata":{"$deleteFromPrimitiveList/finalizers":["a/b"]},"$setElementOrder/imagePullSecrets":[],"imagePullSecrets":[{"name":"x","$patch":"delete"},{"name":"z"}]}"""), Strategic);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, custom.Status);
        Assert.Equal("""[{"name":"y"},{"name":"z"}]""", merged["imagePullSecrets"]!.ToJsonString());
        Assert.Equal("""["c/d"]""", merged.At("metadata", "finalizers")!.ToJsonString());
    }
}
