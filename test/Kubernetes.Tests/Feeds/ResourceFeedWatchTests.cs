using Microsoft.Extensions.Time.Testing;

namespace NangoOrleans.Kubernetes.Tests.Feeds;

public sealed class ResourceFeedWatchTests
{
    [Fact]
    public async Task Watch_starts_at_the_version_of_the_list_and_reports_every_kind_of_event()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.ListAsync("10", Objects.Integration("a", "5")));
        server.Watches.Enqueue(async a =>
        {
            await a.EventAsync("ADDED", Objects.Integration("b", "11"));
            await a.EventAsync("MODIFIED", Objects.Integration("a", "12"));
            await a.EventAsync("DELETED", Objects.Integration("b", "13"));
            await a.StayOpenAsync();
        });

        await using var feed = RunningFeed.Start(server);
        await feed.Sink.WaitForAsync("delete b uid-b 13");
        Assert.Equal("13", Assert.Single(feed.Sink.Lasts)?.Metadata.ResourceVersion);

        Assert.Equal(
            ["list", "listed a uid-a 5", "synced", "connected", "upsert b uid-b 11", "upsert a uid-a 12", "delete b uid-b 13"], feed.Sink.Lines);
        var watch = Assert.Single(server.SeenWatches);
        Assert.Equal("10", watch.Query("resourceVersion"));
        Assert.Equal("true", watch.Query("allowWatchBookmarks"));
        Assert.InRange(int.Parse(watch.Query("timeoutSeconds")!), 300, 600);
        Assert.True(feed.Feed.State is { IsSynced: true, IsConnected: true, Phase: FeedPhase.Watching, Failures: 0 });
    }

    [Fact]
    public async Task Clean_end_leads_to_a_new_watch_from_the_last_version_without_a_list()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.ListAsync("10"));
        server.Watches.Enqueue(a => a.EventAsync("ADDED", Objects.Integration("a", "11")));
        server.Watches.Enqueue(async a =>
        {
            await a.EventAsync("ADDED", Objects.Integration("b", "12"));
            await a.StayOpenAsync();
        });

        await using var feed = RunningFeed.Start(server);
        await feed.Sink.WaitForAsync("upsert b uid-b 12");

        Assert.Equal(["10", "11"], server.SeenWatches.Select(w => w.Query("resourceVersion")));
        Assert.Single(server.SeenLists);
        Assert.Equal(["list", "synced", "connected", "upsert a uid-a 11", "upsert b uid-b 12"], feed.Sink.Lines);
    }

    [Fact]
    public async Task Idle_watch_closed_by_the_server_is_no_failure()
    {
        var time = new FakeTimeProvider();
        await using var server = await ScriptedApiServer.StartAsync();
        using var close = new SemaphoreSlim(0);
        server.Watches.Enqueue(async a =>
        {
            await a.TextAsync("");
            await close.WaitAsync(a.Ended);
        });

        await using var feed = RunningFeed.Start(server, time: time);
        await feed.Sink.WaitForAsync("connected");
        time.Advance(TimeSpan.FromSeconds(2));
        close.Release();
        await Until.TrueAsync(() => server.SeenWatches.Count == 2);

        Assert.Equal(["list", "synced", "connected"], feed.Sink.Lines);
    }

    [Fact]
    public async Task Event_sent_just_before_a_reset_is_not_lost()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.ListAsync("10"));
        server.Watches.Enqueue(async a =>
        {
            await a.EventAsync("ADDED", Objects.Integration("a", "11"));
            a.Reset();
        });
        server.Watches.Enqueue(async a =>
        {
            // A server repeats what comes after the version it is asked for.
            await a.EventAsync("ADDED", Objects.Integration("a", "11"));
            await a.StayOpenAsync();
        });

        await using var feed = RunningFeed.Start(server);
        await feed.Sink.WaitForAsync("upsert a uid-a 11");
        await Until.TrueAsync(() => server.SeenWatches.Count == 2);

        // Either the event was taken (then the watch goes on after it) or it was not (then it is asked for again).
        var taken = feed.Sink.Lines.TakeWhile(l => !l.StartsWith("disconnected", StringComparison.Ordinal)).Contains("upsert a uid-a 11");
        Assert.Equal(taken ? "11" : "10", server.SeenWatches[1].Query("resourceVersion"));
        Assert.Single(server.SeenLists);
    }

    [Fact]
    public async Task Line_cut_off_by_the_end_of_the_stream_is_asked_for_again()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.ListAsync("10"));
        server.Watches.Enqueue(async a =>
        {
            await a.EventAsync("ADDED", Objects.Integration("a", "11"));
            await a.TextAsync("""{"type":"ADDED","object":{"metadata":{"name":"b","uid":"u","resourceVersion":"12"}""");
        });

        await using var feed = RunningFeed.Start(server);
        await Until.TrueAsync(() => server.SeenWatches.Count == 2);

        Assert.Equal("11", server.SeenWatches[1].Query("resourceVersion"));
        Assert.DoesNotContain(feed.Sink.Lines, l => l.Contains(" b ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Event_that_the_sink_refused_is_delivered_again()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.ListAsync("10"));
        for (var i = 0; i < 2; i++)
        {
            server.Watches.Enqueue(async a =>
            {
                await a.EventAsync("ADDED", Objects.Integration("a", "11"));
                await a.StayOpenAsync();
            });
        }

        var refusals = 1;
        var sink = new RecordingSink { BeforeUpsert = _ => { if (refusals-- > 0) throw new InvalidOperationException("full"); } };
        await using var feed = RunningFeed.Start(server, sink: sink);
        await sink.WaitForAsync("upsert a uid-a 11");

        Assert.Equal(["10", "10"], server.SeenWatches.Select(w => w.Query("resourceVersion")));
        Assert.Contains("disconnected: The receiver of the events failed (InvalidOperationException).", sink.Lines);
    }

    [Fact]
    public async Task Bookmarks_alone_keep_the_watch_alive_and_move_the_version_on()
    {
        var time = new FakeTimeProvider();
        await using var server = await ScriptedApiServer.StartAsync();
        using var next = new SemaphoreSlim(0);
        server.Watches.Enqueue(async a =>
        {
            for (var minute = 1; minute <= 60; minute++)
            {
                await a.EventAsync("BOOKMARK", Objects.Bookmark($"{100 + minute}"));
                await next.WaitAsync(a.Ended);
            }
        });
        var options = RunningFeed.Impatient with { WatchIdleLimit = TimeSpan.FromMinutes(2) };

        await using var feed = RunningFeed.Start(server, options, time: time);
        await feed.Sink.WaitForAsync("connected");
        for (var minute = 1; minute <= 60; minute++)
        {
            await Until.TrueAsync(() => feed.Feed.LastContact == time.GetUtcNow());
            time.Advance(TimeSpan.FromMinutes(1));
            next.Release();
        }

        await Until.TrueAsync(() => server.SeenWatches.Count == 2);
        Assert.Equal("160", server.SeenWatches[1].Query("resourceVersion"));
        Assert.Equal(["list", "synced", "connected"], feed.Sink.Lines);
    }

    [Fact]
    public async Task Silent_connection_is_given_up_after_the_idle_limit()
    {
        var time = new FakeTimeProvider();
        await using var server = await ScriptedApiServer.StartAsync();
        // The clock runs on while the next watch opens.
        var options = RunningFeed.Impatient with { WatchIdleLimit = TimeSpan.FromMinutes(3), WatchOpenTimeout = TimeSpan.FromHours(1) };

        await using var feed = RunningFeed.Start(server, options, time: time);
        await feed.Sink.WaitForAsync("connected");
        var waited = await RunningFeed.AdvanceUntilAsync(time, TimeSpan.FromSeconds(30), () => server.SeenWatches.Count == 2);

        Assert.True(waited >= TimeSpan.FromMinutes(3), $"gave up after {waited}");
        Assert.Contains("disconnected: The watch was silent for 180 s.", feed.Sink.Lines);
        Assert.Single(server.SeenLists);
        await feed.Sink.WaitForAsync("connected", times: 2);
    }

    [Fact]
    public async Task Watches_that_end_at_once_back_off()
    {
        var time = new TimerClock();
        await using var server = await ScriptedApiServer.StartAsync();
        for (var i = 0; i < 4; i++) server.Watches.Enqueue(a => a.TextAsync(""));
        var options = new FeedOptions { Resource = ResourceType.NangoIntegrations };

        await using var feed = RunningFeed.Start(server, options, time: time);
        await feed.Sink.WaitForAsync("disconnected: The watch ended at once, without an event.");
        Assert.Single(server.SeenWatches);
        var waits = await time.EndWaitsUntilAsync(TimeSpan.FromSeconds(20), () => server.SeenWatches.Count == 5);

        // Each with up to as much jitter.
        double[] steps = [0.8, 1.6, 3.2, 6.4];
        Assert.Equal(steps.Length, waits.Count);
        Assert.All(steps.Zip(waits), pair => Assert.InRange(pair.Second.TotalSeconds, pair.First, 2 * pair.First));
    }

    [Fact]
    public async Task Line_that_is_no_event_leads_to_a_new_watch_not_to_a_list()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Watches.Enqueue(a => a.TextAsync("<html>login</html>\n"));

        await using var feed = RunningFeed.Start(server);
        await feed.Sink.WaitForAsync("connected", times: 2);

        Assert.Equal(2, server.SeenWatches.Count);
        Assert.Single(server.SeenLists);
    }

    [Fact]
    public async Task Very_long_line_is_put_together()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var spec = $$"""{"unique_key":"k","provider":"slack","display_name":"{{new string('x', 500_000)}}"}""";
        server.Watches.Enqueue(async a =>
        {
            await a.EventAsync("ADDED", Objects.Integration("a", "11", spec: spec));
            await a.StayOpenAsync();
        });

        await using var feed = RunningFeed.Start(server);
        await feed.Sink.WaitForAsync("upsert a uid-a 11");

        Assert.Equal(500_000, feed.Sink.Items.Single().Spec!.DisplayName!.Length);
    }
}
