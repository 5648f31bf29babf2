using System.Net;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Tests.Support;
using static NangoOrleans.Testing.ApiServer.Tests.Support.TestServer;

namespace NangoOrleans.Testing.ApiServer.Tests.Storage;

public sealed class DeletionTests
{
    private const string Held = """{"finalizers":["nango.nango.dev/integration"]}""";

    [Fact]
    public async Task A_finalizer_holds_a_deleted_object_until_it_is_taken_off()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a", metadata: Held));

        var deleted = await server.OkAsync(HttpMethod.Delete, Integrations + "/a");
        var added = await server.SendAsync(HttpMethod.Patch, Integrations + "/a", JsonNode.Parse("""{"metadata":{"finalizers":["nango.nango.dev/integration","b/c"]}}"""), MergePatch);
        await server.MergeAsync(Integrations + "/a", """{"metadata":{"finalizers":null}}""");

        Assert.NotNull(deleted.At("metadata", "deletionTimestamp"));
        Assert.Equal(2, deleted.Generation());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, added.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, Integrations + "/a")).Status);
    }

    [Fact]
    public async Task Preconditions_protect_a_successor_of_the_same_name()
    {
        await using var server = await StartAsync();
        var first = await server.CreateAsync(Sample.Integration("a"));
        await server.OkAsync(HttpMethod.Delete, Integrations + "/a");
        await server.CreateAsync(Sample.Integration("a"));

        var byUid = await server.SendAsync(HttpMethod.Delete, Integrations + "/a", new JsonObject { ["preconditions"] = new JsonObject { ["uid"] = first.Text("metadata", "uid") } });
        var byVersion = await server.SendAsync(HttpMethod.Delete, Integrations + "/a", new JsonObject { ["preconditions"] = new JsonObject { ["resourceVersion"] = first.Version() } });

        Assert.Equal([HttpStatusCode.Conflict, HttpStatusCode.Conflict], [byUid.Status, byVersion.Status]);
        await server.GetAsync(Integrations + "/a");
    }

    [Fact]
    public async Task Delete_collection_heeds_its_selector()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a", metadata: """{"labels":{"x":"1"}}"""));
        await server.CreateAsync(Sample.Integration("b", metadata: """{"labels":{"x":"2"}}"""));

        await server.OkAsync(HttpMethod.Delete, Integrations + "?labelSelector=x%3D1");

        Assert.Equal(["b"], (await server.GetAsync(Integrations)).Names());
    }

    [Fact]
    public async Task A_namespace_terminates_until_its_last_object_is_gone()
    {
        await using var server = await StartAsync();
        const string Mine = "/apis/nango.nango.dev/v1alpha1/namespaces/mine/nangointegrations";
        await server.OkAsync(HttpMethod.Post, "/api/v1/namespaces", JsonNode.Parse("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"mine"}}"""));
        await server.OkAsync(HttpMethod.Post, "/api/v1/namespaces/mine/secrets", JsonNode.Parse("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"}}"""));
        await server.OkAsync(HttpMethod.Post, Mine, Sample.Integration("a", metadata: Held));

        await server.OkAsync(HttpMethod.Delete, "/api/v1/namespaces/mine");

        Assert.Equal("Terminating", (await server.GetAsync("/api/v1/namespaces/mine")).Text("status", "phase"));
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, "/api/v1/namespaces/mine/secrets/s")).Status);
        Assert.NotNull((await server.GetAsync(Mine + "/a")).At("metadata", "deletionTimestamp"));
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(HttpMethod.Post, Mine, Sample.Integration("b"))).Status);

        await server.MergeAsync(Mine + "/a", """{"metadata":{"finalizers":null}}""");

        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, "/api/v1/namespaces/mine")).Status);
    }

    [Fact]
    public async Task Deleting_a_definition_deletes_its_resources_and_waits_for_their_finalizers()
    {
        await using var server = await StartAsync();
        const string Definition = Definitions + "/nangointegrations.nango.nango.dev";
        await server.CreateAsync(Sample.Integration("free"));
        await server.CreateAsync(Sample.Integration("held", metadata: Held));

        await server.OkAsync(HttpMethod.Delete, Definition);

        Assert.Equal(["held"], (await server.GetAsync(Integrations)).Names());
        Assert.NotNull((await server.GetAsync(Definition)).At("metadata", "deletionTimestamp"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.SendAsync(HttpMethod.Post, Integrations, Sample.Integration("late"))).Status);

        await server.MergeAsync(Integrations + "/held", """{"metadata":{"finalizers":null}}""");

        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, Definition)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, Integrations)).Status);
    }
}
