using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Testing.ApiServer.Tests.Support;
using static NangoOrleans.Testing.ApiServer.Tests.Support.TestServer;

namespace NangoOrleans.Testing.ApiServer.Tests.Watching;

public sealed class WatchTests
{
    [Fact]
    public async Task A_watch_resumes_after_a_resource_version()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("before"));
        var list = await server.GetAsync(Integrations);
        await server.CreateAsync(Sample.Integration("between"));

        using var watch = await server.WatchAsync("resourceVersion=" + list.Version());
        var between = await watch.RequireAsync("ADDED");
        await server.MergeAsync(Integrations + "/between", """{"spec":{"display_name":"x"}}""");
        var modified = await watch.RequireAsync("MODIFIED");
        await server.OkAsync(HttpMethod.Delete, Integrations + "/before");
        var deleted = await watch.RequireAsync("DELETED");

        Assert.Equal(("between", "between", "before"), (between.Name, modified.Name, deleted.Name));
        Assert.Equal(server.Api.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture), deleted.ResourceVersion);
    }

    [Fact]
    public async Task Initial_events_end_with_a_marked_bookmark()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));
        await server.CreateAsync(Sample.Integration("b"));

        using var watch = await server.WatchAsync("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        var names = new[] { (await watch.RequireAsync("ADDED")).Name, (await watch.RequireAsync("ADDED")).Name };
        var end = await watch.RequireAsync("BOOKMARK");
        await server.CreateAsync(Sample.Integration("c"));

        Assert.Equal(["a", "b"], names);
        Assert.Equal("true", end.Object.Text("metadata", "annotations", "k8s.io/initial-events-end"));
        Assert.Equal("c", (await watch.RequireAsync("ADDED")).Name);
    }

    [Fact]
    public async Task Bookmarks_tell_the_newest_version_of_the_whole_server()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(new DevApiServerOptions { TimeProvider = clock, BookmarkInterval = TimeSpan.FromMinutes(1) });
        await server.CreateAsync(Sample.Integration("a"));
        using var watch = await server.WatchAsync("allowWatchBookmarks=true&timeoutSeconds=100000");
        await watch.RequireAsync("ADDED");
        await server.OkAsync(HttpMethod.Post, "/api/v1/namespaces", Json("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"other"}}"""));

        var bookmark = await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(61), watch.NextAsync());

        Assert.Equal("BOOKMARK", bookmark?.Type);
        Assert.Equal(server.Api.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture), bookmark?.ResourceVersion);
    }

    [Fact]
    public async Task A_watch_ends_in_order_at_its_timeout()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(new DevApiServerOptions { TimeProvider = clock });
        using var watch = await server.WatchAsync("timeoutSeconds=90");

        var end = await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(91), watch.NextAsync());

        Assert.Null(end);
    }

    [Fact]
    public async Task An_object_that_leaves_the_selection_is_deleted_for_that_watch()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a", metadata: """{"labels":{"x":"1"}}"""));
        using var watch = await server.WatchAsync("labelSelector=x%3D1");
        await watch.RequireAsync("ADDED");

        await server.MergeAsync(Integrations + "/a", """{"metadata":{"labels":{"x":"2"}}}""");
        var left = await watch.RequireAsync("DELETED");
        await server.MergeAsync(Integrations + "/a", """{"metadata":{"labels":{"x":"1"}}}""");
        var back = await watch.RequireAsync("ADDED");

        Assert.Equal(("a", "a"), (left.Name, back.Name));
    }

    [Fact]
    public async Task A_version_older_than_the_log_is_expired()
    {
        await using var server = await StartAsync(new DevApiServerOptions { EventLogCapacity = 3 });
        var old = (await server.CreateAsync(Sample.Integration("a"))).Version();
        foreach (var value in (string[])["b", "c", "d", "e"])
        {
            await server.MergeAsync(Integrations + "/a", $$$"""{"spec":{"display_name":"{{{value}}}"}}""");
        }

        using var watch = await server.WatchAsync("resourceVersion=" + old);
        var error = await watch.RequireAsync("ERROR");

        Assert.Equal(("Expired", "410"), (error.Object.Text("reason"), error.Object.Text("code")));
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task Metadata_only_watches_carry_no_spec()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));

        using var watch = await server.WatchAsync(accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io");
        var added = await watch.RequireAsync("ADDED");

        Assert.Equal("PartialObjectMetadata", added.Object.Text("kind"));
        Assert.Null(added.Object["spec"]);
    }

    [Fact]
    public async Task Many_watches_see_every_change_in_order()
    {
        await using var server = await StartAsync();
        var watches = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => server.WatchAsync("resourceVersion=" + server.Api.ResourceVersion)));

        for (var i = 0; i < 50; i++)
        {
            await server.CreateAsync(Sample.Integration($"n{i:d2}"));
        }

        foreach (var watch in watches)
        {
            for (var i = 0; i < 50; i++)
            {
                Assert.Equal($"n{i:d2}", (await watch.RequireAsync("ADDED")).Name);
            }

            watch.Dispose();
        }
    }

    private static System.Text.Json.Nodes.JsonNode Json(string text) => System.Text.Json.Nodes.JsonNode.Parse(text)!;

    /// <summary>The server may not have armed its timer yet when the clock is advanced: steps on until the answer is there.</summary>
    private static async Task<WatchEvent?> AdvanceUntilAsync(FakeTimeProvider clock, TimeSpan span, Task<WatchEvent?> answer)
    {
        clock.Advance(span);
        while (!answer.IsCompleted)
        {
            await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken));
            if (!answer.IsCompleted)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
            }
        }

        return await answer;
    }
}
