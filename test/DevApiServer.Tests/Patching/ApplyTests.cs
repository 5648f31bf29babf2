using System.Net;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Tests.Support;
using static NangoOrleans.Testing.ApiServer.Tests.Support.TestServer;

namespace NangoOrleans.Testing.ApiServer.Tests.Patching;

public sealed class ApplyTests
{
    private const string Minimal = """{"spec":{"unique_key":"slack","provider":"slack"}}""";

    [Fact]
    public async Task A_field_left_out_is_released_and_removed()
    {
        await using var server = await StartAsync();
        await server.ApplyAsync("a", "m", """{"metadata":{"labels":{"x":"y"}},"spec":{"unique_key":"slack","provider":"slack","display_name":"d","config":{"a":"b"}}}""");

        var applied = await server.ApplyAsync("a", "m", Minimal);

        Assert.Null(applied.At("spec", "display_name"));
        Assert.Null(applied.At("spec", "config"));
        Assert.Null(applied.At("metadata", "labels"));
        Assert.Equal("https://api.nango.dev", applied.Text("spec", "base_url"));
    }

    [Fact]
    public async Task A_field_that_another_manager_also_applied_stays()
    {
        await using var server = await StartAsync();
        await server.ApplyAsync("a", "one", """{"spec":{"unique_key":"slack","provider":"slack","display_name":"d"}}""");
        await server.ApplyAsync("a", "two", """{"spec":{"display_name":"d"}}""");

        var applied = await server.ApplyAsync("a", "one", Minimal);

        Assert.Equal("d", applied.Text("spec", "display_name"));
    }

    [Fact]
    public async Task Changing_another_managers_field_conflicts_unless_forced()
    {
        await using var server = await StartAsync();
        await server.ApplyAsync("a", "one", """{"spec":{"unique_key":"slack","provider":"slack","display_name":"d"}}""");

        var (status, answer) = await server.SendAsync(HttpMethod.Patch, ApplyPath("a", "two"), Sample.Applied("a", """{"spec":{"display_name":"e"}}"""), ApplyPatch);
        var forced = await server.ApplyAsync("a", "two", """{"spec":{"display_name":"e"}}""", force: true);
        var back = await server.SendAsync(HttpMethod.Patch, ApplyPath("a", "one"), Sample.Applied("a", """{"spec":{"unique_key":"slack","provider":"slack","display_name":"d"}}"""), ApplyPatch);

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .spec.display_name", answer.Text("message"));
        Assert.Equal("e", forced.Text("spec", "display_name"));
        Assert.Equal(HttpStatusCode.Conflict, back.Status);
    }

    [Fact]
    public async Task Conditions_of_two_managers_live_side_by_side()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));

        await server.ApplyAsync("a", "one", """{"status":{"conditions":[{"type":"Ready","status":"True"},{"type":"Stalled","status":"False"}]}}""", "/status");
        await server.ApplyAsync("a", "two", """{"status":{"conditions":[{"type":"Other","status":"True"}]}}""", "/status");
        var applied = await server.ApplyAsync("a", "one", """{"status":{"conditions":[{"type":"Ready","status":"False"}]}}""", "/status");

        var conditions = ((JsonArray)applied.At("status", "conditions")!).Select(c => $"{c!["type"]}={c["status"]}").Order(StringComparer.Ordinal);
        Assert.Equal(["Other=True", "Ready=False"], conditions);
        Assert.Equal("-1", applied.Text("status", "observedGeneration"));
    }

    [Fact]
    public async Task Finalizers_are_a_set_and_atomic_lists_are_replaced()
    {
        await using var server = await StartAsync();
        await server.ApplyAsync("a", "one", """{"metadata":{"finalizers":["a/b"]},"spec":{"unique_key":"slack","provider":"slack","steps":["x","y"]}}""");

        var both = await server.ApplyAsync("a", "two", """{"metadata":{"finalizers":["c/d"]}}""");
        var replaced = await server.ApplyAsync("a", "one", """{"spec":{"unique_key":"slack","provider":"slack","steps":["z"]}}""");

        Assert.Equal("""["a/b","c/d"]""", both.At("metadata", "finalizers")!.ToJsonString());
        Assert.Equal("""["c/d"]""", replaced.At("metadata", "finalizers")!.ToJsonString());
        Assert.Equal("""["z"]""", replaced.At("spec", "steps")!.ToJsonString());
    }

    [Fact]
    public async Task Applying_the_same_again_writes_nothing()
    {
        await using var server = await StartAsync();
        var first = await server.ApplyAsync("a", "m", Minimal);

        var second = await server.ApplyAsync("a", "m", Minimal);

        Assert.Equal(first.Version(), second.Version());
    }

    [Fact]
    public async Task Version_and_uid_are_preconditions()
    {
        await using var server = await StartAsync();
        var created = await server.CreateAsync(Sample.Integration("a"));
        var stale = $$$"""{"metadata":{"resourceVersion":"1"},"status":{"status":"x"}}""";
        var other = """{"metadata":{"uid":"someone-else"},"status":{"status":"x"}}""";
        var right = $$$"""{"metadata":{"resourceVersion":"{{{created.Version()}}}","uid":"{{{created.Text("metadata", "uid")}}}"},"status":{"status":"x"}}""";

        var byVersion = await server.SendAsync(HttpMethod.Patch, ApplyPath("a", "m", "/status"), Sample.Applied("a", stale), ApplyPatch);
        var byUid = await server.SendAsync(HttpMethod.Patch, ApplyPath("a", "m", "/status"), Sample.Applied("a", other), ApplyPatch);
        var fitting = await server.ApplyAsync("a", "m", right, "/status");
        var gone = await server.SendAsync(HttpMethod.Patch, ApplyPath("b", "m"), Sample.Applied("b", """{"metadata":{"uid":"someone-else"},"spec":{"unique_key":"b","provider":"b"}}"""), ApplyPatch);

        Assert.Equal(HttpStatusCode.Conflict, byVersion.Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, byUid.Status);
        Assert.Equal("x", fitting.Text("status", "status"));
        Assert.Equal(HttpStatusCode.Conflict, gone.Status);
    }

    [Fact]
    public async Task An_update_takes_ownership_from_an_applier()
    {
        await using var server = await StartAsync();
        await server.ApplyAsync("a", "m", """{"spec":{"unique_key":"slack","provider":"slack","display_name":"d"}}""");
        await server.MergeAsync(Integrations + "/a?fieldManager=person", """{"spec":{"display_name":"by hand"}}""");

        var applied = await server.ApplyAsync("a", "m", Minimal);

        Assert.Equal("by hand", applied.Text("spec", "display_name"));
    }

    [Fact]
    public async Task A_field_manager_is_required()
    {
        await using var server = await StartAsync();

        var (status, answer) = await server.SendAsync(HttpMethod.Patch, Integrations + "/a", Sample.Applied("a", Minimal), ApplyPatch);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "fieldManager: Required value: is required for apply patch"), (status, Assert.Single(answer.Causes())));
    }
}
