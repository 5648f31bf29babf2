using Microsoft.Extensions.Time.Testing;

namespace NangoOrleans.Kubernetes.Tests.Feeds;

public sealed class ResourceFeedListTests
{
    public static TheoryData<string> ExpiredForms => ["http", "event", "gone", "bare"];

    [Fact]
    public async Task Pages_are_followed_to_the_end()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.ListPageAsync("10", "token/1", Objects.Integration("a", "5")));
        server.Lists.Enqueue(a => a.ListPageAsync("10", "", Objects.Integration("b", "6")));

        await using var feed = RunningFeed.Start(server, RunningFeed.Impatient with { Namespace = "ns", LabelSelector = "team=a,!old", PageSize = 1 });
        await feed.Sink.WaitForAsync("connected");

        Assert.Equal(["list", "listed a uid-a 5", "listed b uid-b 6", "synced", "connected"], feed.Sink.Lines);
        Assert.Equal([null, "token/1"], server.SeenLists.Select(l => l.Query("continue")));
        Assert.All(server.SeenLists, l => Assert.Equal("1", l.Query("limit")));
        Assert.All(server.Requests, r => Assert.Equal("team=a,!old", r.Query("labelSelector")));
        Assert.All(server.Requests, r => Assert.Equal("/apis/nango.nango.dev/v1alpha1/namespaces/ns/nangointegrations", r.Url.AbsolutePath));
    }

    [Fact]
    public async Task Expired_continue_token_starts_the_list_again_in_one_piece()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.ListPageAsync("10", "token", Objects.Integration("a", "5"), Objects.Integration("b", "6")));
        server.Lists.Enqueue(a => a.StatusAsync(410, "Expired"));
        server.Lists.Enqueue(a => a.ListAsync("20", Objects.Integration("b", "6"), Objects.Integration("c", "15")));

        await using var feed = RunningFeed.Start(server);
        await feed.Sink.WaitForAsync("connected");

        Assert.Equal(
            ["list", "listed a uid-a 5", "listed b uid-b 6", "listed b uid-b 6", "listed c uid-c 15", "delete a uid-a 5", "synced", "connected"],
            feed.Sink.Lines);
        Assert.Null(Assert.Single(feed.Sink.Lasts));
        Assert.Null(server.SeenLists[2].Query("limit"));
        Assert.Equal("20", server.SeenWatches.Single().Query("resourceVersion"));
    }

    [Fact]
    public async Task Stalled_list_body_times_out_and_is_asked_for_again()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(async a =>
        {
            await a.TextAsync("""{"kind":"List","metadata":{"resourceVersion":"10"},"items":[""");
            await a.StayOpenAsync();
        });
        // A good answer, too, may come too late.
        for (var i = 0; i < 20; i++) server.Lists.Enqueue(a => a.ListAsync("10", Objects.Integration("a", "5")));

        await using var feed = RunningFeed.Start(server, RunningFeed.Impatient with { PageTimeout = TimeSpan.FromMilliseconds(500) });
        await feed.Sink.WaitForAsync("synced");

        Assert.Contains("disconnected: The Kubernetes API did not answer GET nangointegrations in time.", feed.Sink.Lines);
        Assert.Contains("listed a uid-a 5", feed.Sink.Lines);
    }

    [Theory]
    [MemberData(nameof(ExpiredForms))]
    public async Task Expired_version_in_any_form_leads_to_a_list_that_reports_deletions_of_the_gap(string form)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.ListAsync("10", Objects.Integration("a", "5"), Objects.Integration("b", "6"), Objects.Integration("c", "7")));
        server.Watches.Enqueue(a => form switch
        {
            "http" => a.StatusAsync(410, "Expired"),
            "event" => a.EventAsync("ERROR", Objects.Status(410, "Expired")),
            "gone" => a.EventAsync("ERROR", """{"kind":"Status","reason":"Gone"}"""),
            _ => a.EventAsync("ERROR", """{"kind":"Status","code":410}"""),
        });
        server.Lists.Enqueue(a => a.ListAsync("30", Objects.Integration("a", "5"), Objects.Integration("c", "25", uid: "uid-c2")));

        await using var feed = RunningFeed.Start(server);
        await feed.Sink.WaitForAsync("synced", times: 2);

        var relist = feed.Sink.Lines.Skip(feed.Sink.Lines.ToList().LastIndexOf("list"));
        Assert.Equal(
            ["list", "listed a uid-a 5", "delete c uid-c 7", "listed c uid-c2 25", "delete b uid-b 6", "synced"], relist.TakeWhile(l => l != "connected"));
        await Until.TrueAsync(() => server.SeenWatches.Count == 2);
        Assert.Equal("30", server.SeenWatches[1].Query("resourceVersion"));
    }

    [Fact]
    public async Task Relist_is_compared_with_the_index_of_the_sink_where_it_has_one()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.ListAsync("10", Objects.Integration("a", "5")));
        var index = new FeedIndex();
        index.Set(new("ns", "a", "uid-a", "4"));
        index.Set(new("ns", "old", "uid-old", "3"));

        await using var feed = RunningFeed.Start(server, sink: new RecordingSink { Index = index });
        await feed.Sink.WaitForAsync("synced");

        Assert.Equal(["list", "listed a uid-a 5", "delete old uid-old 3", "synced"], feed.Sink.Lines.Take(4));
    }

    [Fact]
    public async Task Object_with_an_unreadable_spec_is_still_reported_and_the_next_ones_too()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.ListAsync("10", Objects.Integration("a", "5", spec: """{"suspend":"secret"}""")));
        server.Watches.Enqueue(async a =>
        {
            await a.EventAsync("MODIFIED", Objects.Integration("a", "11", spec: "7"));
            await a.EventAsync("ADDED", Objects.Integration("b", "12"));
            await a.StayOpenAsync();
        });

        await using var feed = RunningFeed.Start(server);
        await feed.Sink.WaitForAsync("upsert b uid-b 12");

        Assert.Equal(
            ["spec.suspend: must be true or false.", "spec: must be an object.", null], feed.Sink.Items.Select(i => i.SpecProblem));
    }

    [Fact]
    public async Task Object_that_the_parser_refuses_is_reported_as_broken_with_its_name()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.ListAsync("10", Objects.Integration("a", "5")));
        server.Watches.Enqueue(async a =>
        {
            await a.EventAsync("ADDED", Objects.Integration("b", "11"));
            await a.StayOpenAsync();
        });

        await using var feed = RunningFeed.Start(server, parser: _ => throw new FormatException("quotes a secret"));
        await feed.Sink.WaitForAsync("broken b 11 cannot be read (FormatException).");

        Assert.Contains("broken a 5 cannot be read (FormatException).", feed.Sink.Lines);
    }

    [Fact]
    public async Task Retry_after_of_a_429_is_waited_for()
    {
        var time = new FakeTimeProvider();
        await using var server = await ScriptedApiServer.StartAsync();
        server.Watches.Enqueue(a => a.StatusAsync(429, "TooManyRequests", retryAfter: "7"));

        await using var feed = RunningFeed.Start(server, time: time);
        await Until.TrueAsync(() => feed.Feed.State.Phase == FeedPhase.BackingOff);
        var waited = await RunningFeed.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => server.SeenWatches.Count == 2);

        Assert.True(waited >= TimeSpan.FromSeconds(7), $"came back after {waited}");
        Assert.Single(server.SeenLists);
    }

    [Fact]
    public async Task Forbidden_list_is_told_in_a_sentence_and_tried_again()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.StatusAsync(403, "Forbidden"));
        server.Lists.Enqueue(a => a.ListAsync("10"));

        await using var feed = RunningFeed.Start(server);
        await feed.Sink.WaitForAsync("synced");

        Assert.Contains("disconnected: The Kubernetes API answered GET nangointegrations with 403 Forbidden.", feed.Sink.Lines);
    }

    [Fact]
    public async Task Metadata_only_is_asked_for_in_the_accept_header()
    {
        await using var server = await ScriptedApiServer.StartAsync();

        await using var feed = RunningFeed.Start(server, new FeedOptions { Resource = ResourceType.Secrets, MetadataOnly = true });
        await Until.TrueAsync(() => server.SeenWatches.Count == 1);

        Assert.StartsWith("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", server.SeenLists.Single().Accept, StringComparison.Ordinal);
        Assert.StartsWith("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", server.SeenWatches.Single().Accept, StringComparison.Ordinal);
        Assert.Equal("/api/v1/secrets", server.SeenLists.Single().Url.AbsolutePath);
    }

    [Fact]
    public async Task Answer_that_is_no_list_is_a_failure_not_an_empty_list()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.TextAsync("{}"));
        server.Lists.Enqueue(a => a.ListAsync("10", Objects.Integration("a", "5")));

        await using var feed = RunningFeed.Start(server);
        await feed.Sink.WaitForAsync("synced");

        Assert.Contains("listed a uid-a 5", feed.Sink.Lines);
        Assert.Equal(2, server.SeenLists.Count);
    }
}
