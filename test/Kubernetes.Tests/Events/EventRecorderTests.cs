using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Failures;
using NangoOrleans.Resources;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Events;

public sealed class EventRecorderTests(SharedApiServer servers)
{
    private static NangoIntegration About { get; } = new()
    {
        Metadata = new() { Name = "a", Namespace = "ns", Uid = "uid-a", ResourceVersion = "5" },
    };

    [Fact]
    public async Task Event_is_written_with_all_that_kubectl_describe_shows()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var about = await cluster.ApplyAsync("a");

        await using (var recorder = new EventRecorder(cluster.Transport)) recorder.Record(about, warning: true, Reasons.InUse, "Kept: 3 connections.");

        var written = Assert.Single(await EventsAsync(cluster));
        Assert.Equal("Warning", written.GetProperty("type").GetString());
        Assert.Equal("InUse", written.GetProperty("reason").GetString());
        Assert.Equal("Kept: 3 connections.", written.GetProperty("message").GetString());
        Assert.Equal(about.Metadata.Uid, written.GetProperty("involvedObject").GetProperty("uid").GetString());
        Assert.Equal("NangoIntegration", written.GetProperty("involvedObject").GetProperty("kind").GetString());
        Assert.Equal("nango-integration-operator", written.GetProperty("source").GetProperty("component").GetString());
        Assert.Equal("nango-integration-operator", written.GetProperty("reportingComponent").GetString());
        Assert.Equal(1, written.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Repetition_raises_the_count_also_across_recorders()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var about = await cluster.ApplyAsync("a");

        await using (var first = new EventRecorder(cluster.Transport))
        {
            for (var i = 0; i < 3; i++) first.Record(about, warning: false, Reasons.Created, "Made.");
        }

        await using (var second = new EventRecorder(cluster.Transport))
        {
            second.Record(about, warning: false, Reasons.Created, "Made.");
            second.Record(about, warning: false, Reasons.Updated, "Changed.");
        }

        Assert.Equal([("Created", 4), ("Updated", 1)], (await EventsAsync(cluster))
            .Select(e => (e.GetProperty("reason").GetString()!, e.GetProperty("count").GetInt32())).Order());
    }

    [Fact]
    public void An_object_may_have_25_events_at_once_and_then_one_in_five_minutes()
    {
        var time = new FakeTimeProvider();
        var allowances = new EventAllowances(time);

        Assert.Equal(25, Enumerable.Range(0, 100).Count(_ => allowances.TryTake("a")));
        Assert.True(allowances.TryTake("b"));
        time.Advance(TimeSpan.FromMinutes(4.9));
        Assert.False(allowances.TryTake("a"));
        time.Advance(TimeSpan.FromMinutes(0.2));
        Assert.True(allowances.TryTake("a"));
        Assert.False(allowances.TryTake("a"));

    }

    [Fact]
    public async Task Refused_event_is_dropped_and_the_next_one_written()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.StatusAsync(403, "Forbidden"));
        using var transport = server.Connect();

        await using (var recorder = new EventRecorder(transport))
        {
            recorder.Record(About, warning: false, Reasons.Created, "one");
            recorder.Record(About, warning: false, Reasons.Updated, "two");
        }

        Assert.Equal(["POST", "POST"], server.Requests.Select(r => r.Method));
    }

    [Fact]
    public async Task Unavailable_server_is_asked_three_times()
    {
        var time = new FakeTimeProvider();
        await using var server = await ScriptedApiServer.StartAsync();
        for (var i = 0; i < 3; i++) server.Lists.Enqueue(a => a.StatusAsync(503, "ServiceUnavailable"));
        using var transport = server.Connect(time);

        await using var recorder = new EventRecorder(transport, time);
        recorder.Record(About, warning: false, Reasons.Created, "one");
        recorder.Record(About, warning: false, Reasons.Updated, "two");
        await RunningFeed.AdvanceUntilAsync(time, TimeSpan.FromSeconds(0.5), () => server.Requests.Count == 4);

        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task End_of_the_process_waits_five_seconds_for_a_silent_server_and_no_longer()
    {
        var time = new TimerClock();
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.StayOpenAsync());
        using var transport = server.Connect(time);
        var recorder = new EventRecorder(transport, time);
        recorder.Record(About, warning: false, Reasons.Created, "one");
        await Until.TrueAsync(() => server.Requests.Count == 1);

        var before = time.Timers.Count;
        var ended = recorder.DisposeAsync().AsTask();
        Assert.Equal([TimeSpan.FromSeconds(5)], time.Timers.Skip(before));
        time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.False(ended.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));

        await ended.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Name_is_valid_for_the_longest_object_name_and_differs_by_message()
    {
        var about = new ObjectIdentity("ns", new string('x', 235) + "." + new string('y', 17), "uid", "1");
        var one = new EventNotice(NangoApi.IntegrationKind, about, "Normal", "Created", "one", default);

        Assert.InRange(one.Name.Length, 1, 253);
        Assert.Matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", one.Name);
        Assert.NotEqual(one.Name, (one with { Message = "two" }).Name);
        Assert.Equal(one.Name, (one with { Time = DateTimeOffset.MaxValue }).Name);
    }

    private static async Task<IReadOnlyList<JsonElement>> EventsAsync(RealCluster cluster) =>
        [.. (await cluster.ReadAsync($"/api/v1/namespaces/{cluster.Namespace}/events")).GetProperty("items").EnumerateArray()];
}
