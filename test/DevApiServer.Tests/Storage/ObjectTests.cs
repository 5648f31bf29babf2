using System.Net;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Tests.Support;
using static NangoOrleans.Testing.ApiServer.Tests.Support.TestServer;

namespace NangoOrleans.Testing.ApiServer.Tests.Storage;

public sealed class ObjectTests
{
    [Fact]
    public async Task A_created_object_has_server_metadata_and_defaults()
    {
        await using var server = await StartAsync();

        var item = Sample.Integration("a");
        item["status"] = new JsonObject { ["status"] = "Created" };
        var created = await server.CreateAsync(item);

        Assert.Equal(1, created.Generation());
        Assert.NotEmpty(created.Text("metadata", "uid")!);
        Assert.NotEmpty(created.Text("metadata", "creationTimestamp")!);
        Assert.Equal("https://api.nango.dev", created.Text("spec", "base_url"));
        Assert.Equal("""{"observedGeneration":-1}""", created["status"]!.ToJsonString());
        Assert.True(JsonNode.DeepEquals(created, await server.GetAsync(Integrations + "/a")));
    }

    [Fact]
    public async Task Generation_counts_changes_of_spec_only()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));

        var labelled = await server.MergeAsync(Integrations + "/a", """{"metadata":{"labels":{"x":"y"}}}""");
        var reported = await server.MergeAsync(Integrations + "/a/status", """{"status":{"status":"Created"}}""");
        var changed = await server.MergeAsync(Integrations + "/a", """{"spec":{"display_name":"New"}}""");

        Assert.Equal([1, 1, 2], [labelled.Generation(), reported.Generation(), changed.Generation()]);
    }

    [Fact]
    public async Task Spec_is_ignored_on_status_and_status_is_ignored_on_the_object()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));

        var viaStatus = await server.MergeAsync(Integrations + "/a/status", """{"spec":{"display_name":"x"},"metadata":{"labels":{"l":"m"}},"status":{"status":"Created"}}""");
        var viaObject = await server.MergeAsync(Integrations + "/a", """{"status":{"status":"Failed"}}""");

        Assert.Null(viaStatus.At("spec", "display_name"));
        Assert.Null(viaStatus.At("metadata", "labels"));
        Assert.Equal("Created", viaObject.Text("status", "status"));
    }

    [Fact]
    public async Task A_write_that_changes_nothing_keeps_the_resource_version()
    {
        await using var server = await StartAsync();
        var created = await server.CreateAsync(Sample.Integration("a"));

        var patched = await server.MergeAsync(Integrations + "/a", """{"spec":{"provider":"slack"}}""");
        var put = await server.OkAsync(HttpMethod.Put, Integrations + "/a", created);

        Assert.Equal(created.Version(), patched.Version());
        Assert.Equal(created.Version(), put.Version());
    }

    [Fact]
    public async Task A_stale_resource_version_is_a_conflict()
    {
        await using var server = await StartAsync();
        var created = await server.CreateAsync(Sample.Integration("a"));
        await server.MergeAsync(Integrations + "/a", """{"spec":{"display_name":"first"}}""");

        created["spec"]!["display_name"] = "second";
        var put = await server.SendAsync(HttpMethod.Put, Integrations + "/a", created);
        var patch = await server.SendAsync(HttpMethod.Patch, Integrations + "/a", JsonNode.Parse($$$"""{"metadata":{"resourceVersion":"{{{created.Version()}}}"}}"""), MergePatch);

        Assert.Equal([HttpStatusCode.Conflict, HttpStatusCode.Conflict], [put.Status, patch.Status]);
        Assert.Equal("Conflict", put.Answer.Text("reason"));
        Assert.Equal("Operation cannot be fulfilled on nangointegrations.nango.nango.dev \"a\": the object has been modified; please apply your changes to the latest version and try again", put.Answer.Text("message"));
    }

    [Fact]
    public async Task Creating_twice_or_in_a_missing_namespace_is_refused()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));

        var twice = await server.SendAsync(HttpMethod.Post, Integrations, Sample.Integration("a"));
        var nowhere = await server.SendAsync(HttpMethod.Post, Integrations.Replace("default", "nope", StringComparison.Ordinal), Sample.Integration("a"));

        Assert.Equal((HttpStatusCode.Conflict, "AlreadyExists"), (twice.Status, twice.Answer.Text("reason")));
        Assert.Equal((HttpStatusCode.NotFound, "namespaces \"nope\" not found"), (nowhere.Status, nowhere.Answer.Text("message")));
    }

    [Fact]
    public async Task Generate_name_makes_different_names()
    {
        await using var server = await StartAsync();
        var item = Sample.Integration("x", metadata: """{"generateName":"job-"}""");
        ((JsonObject)item["metadata"]!).Remove("name");

        var first = await server.CreateAsync((JsonObject)item.DeepClone());
        var second = await server.CreateAsync(item);

        Assert.StartsWith("job-", first.Text("metadata", "name"), StringComparison.Ordinal);
        Assert.NotEqual(first.Text("metadata", "name"), second.Text("metadata", "name"));
    }

    [Fact]
    public async Task Dry_run_answers_but_stores_nothing()
    {
        await using var server = await StartAsync();

        await server.OkAsync(HttpMethod.Post, Integrations + "?dryRun=All", Sample.Integration("a"), code: HttpStatusCode.Created);

        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, Integrations + "/a")).Status);
    }

    [Fact]
    public async Task Secrets_take_string_data_and_are_overwritten_without_a_version()
    {
        await using var server = await StartAsync();
        const string Secrets = "/api/v1/namespaces/default/secrets";

        var created = await server.OkAsync(HttpMethod.Post, Secrets, JsonNode.Parse("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"a":"b"}}"""));
        var replaced = await server.OkAsync(HttpMethod.Put, Secrets + "/s", JsonNode.Parse("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":"Yw=="}}"""));

        Assert.Equal(("Yg==", "Opaque"), (created.Text("data", "a"), created.Text("type")));
        Assert.Equal("Yw==", replaced.Text("data", "a"));
    }
}
