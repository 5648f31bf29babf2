using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Watching;

public sealed class CoalescingDispatcherTests : IAsyncDisposable
{
    private const int Workers = 64, Room = 4096;

    private static readonly IntegrationKey Slack = new("team", "slack");

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingGrains _grains = new();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CoalescingDispatcher _dispatcher;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public CoalescingDispatcherTests() => _dispatcher = new CoalescingDispatcher(_grains, _time, NullLogger<CoalescingDispatcher>.Instance);

    public async ValueTask DisposeAsync()
    {
        _open.TrySetResult();
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task A_poke_reaches_its_grain_and_leaves_nothing_behind()
    {
        await StartAsync();

        await OfferAsync(Slack, Poke("1"));

        await UntilAsync(() => _dispatcher.Depth == 0 && _grains.Told.Count == 1);
        Assert.Equal(("team/slack", "1"), (_grains.Told[0].Key, Version(0)));
    }

    [Fact]
    public async Task One_call_is_in_flight_for_a_key_and_the_newest_snapshot_follows_it()
    {
        _grains.During = _ => _open.Task;
        await StartAsync();
        await OfferAsync(Slack, Poke("1"));
        await UntilAsync(() => _grains.Told.Count == 1);

        for (var i = 2; i <= 50; i++) await OfferAsync(Slack, Poke($"{i}"));
        _open.SetResult();

        await UntilAsync(() => _dispatcher.Depth == 0);
        Assert.Equal((2, "50", 1), (_grains.Told.Count, Version(1), _grains.MostAtOnce));
    }

    [Fact]
    public async Task Pokes_that_wait_for_a_worker_become_one()
    {
        for (var i = 1; i <= 10; i++) await OfferAsync(Slack, Poke($"{i}"));

        await StartAsync();

        await UntilAsync(() => _dispatcher.Depth == 0);
        Assert.Equal("10", Assert.Single(_grains.Told).Poke.Resource!.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task What_a_later_poke_does_not_know_is_kept_from_the_earlier_one()
    {
        await OfferAsync(Slack, Poke("1") with { FromList = true, Recheck = true });
        await OfferAsync(Slack, new IntegrationPoke { Term = 7 });

        await StartAsync();

        await UntilAsync(() => _dispatcher.Depth == 0);
        var poke = Assert.Single(_grains.Told).Poke;
        Assert.Equal(("1", true, true, 7), (poke.Resource?.Metadata.ResourceVersion, poke.FromList, poke.Recheck, poke.Term));
    }

    [Fact]
    public async Task What_is_left_of_two_lives_is_told_with_the_third()
    {
        var first = new Leftover(new NangoIntegration { Metadata = new ObjectMetadata { Uid = "first" } }, "2026-01-01T00:00:00.000Z", _time.GetUtcNow());
        var second = new Leftover(new NangoIntegration { Metadata = new ObjectMetadata { Uid = "second" } }, null, _time.GetUtcNow());
        await OfferAsync(Slack, new IntegrationPoke { Gone = true, Leftovers = [first] });
        await OfferAsync(Slack, new IntegrationPoke { Gone = true, Leftovers = [second] });
        await OfferAsync(Slack, Poke("3"));

        await StartAsync();

        await UntilAsync(() => _dispatcher.Depth == 0);
        var poke = Assert.Single(_grains.Told).Poke;
        Assert.Equal(("3", false), (poke.Resource!.Metadata.ResourceVersion, poke.Gone));
        Assert.Equal([first, second], poke.Leftovers);
    }

    [Fact]
    public async Task A_deletion_is_not_undone_by_a_poke_that_knows_nothing_but_by_a_new_life()
    {
        await OfferAsync(Slack, Poke("1") with { FromList = true });
        await OfferAsync(Slack, new IntegrationPoke { Gone = true });
        await OfferAsync(Slack, new IntegrationPoke { Recheck = true });
        await OfferAsync(new IntegrationKey("team", "anew"), new IntegrationPoke { Gone = true });
        await OfferAsync(new IntegrationKey("team", "anew"), Poke("2"));

        await StartAsync();

        await UntilAsync(() => _dispatcher.Depth == 0);
        var gone = _grains.Told.Single(t => t.Key == "team/slack").Poke;
        var anew = _grains.Told.Single(t => t.Key == "team/anew").Poke;
        Assert.Equal((true, null, false), (gone.Gone, gone.Resource, gone.FromList));
        Assert.Equal((false, "2"), (anew.Gone, anew.Resource!.Metadata.ResourceVersion));
    }

    [Fact]
    public async Task A_failed_call_is_repeated_after_a_moment_with_what_is_newest_by_then()
    {
        var failures = 1;
        _grains.During = _ => Interlocked.Decrement(ref failures) >= 0 ? throw new TimeoutException() : Task.CompletedTask;
        await StartAsync();
        await OfferAsync(Slack, Poke("1") with { Recheck = true });
        await UntilAsync(() => _grains.Told.Count == 1);

        await OfferAsync(Slack, Poke("2"));
        Assert.Equal((1, 1), (_grains.Told.Count, _dispatcher.Depth));
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(400));
            return _grains.Told.Count == 2;
        });

        await UntilAsync(() => _dispatcher.Depth == 0);
        Assert.Equal(("2", true), (Version(1), _grains.Told[1].Poke.Recheck));
    }

    [Fact]
    public async Task One_key_that_fails_does_not_hold_up_the_others()
    {
        _grains.During = key => key == "team/slack" ? throw new TimeoutException() : Task.CompletedTask;
        await StartAsync();
        await OfferAsync(Slack, Poke("1"));

        for (var i = 0; i < 200; i++) await OfferAsync(new IntegrationKey("team", $"r{i}"), Poke("1"));

        await UntilAsync(() => _dispatcher.Depth == 1);
        Assert.Equal(200, _grains.Told.Count(t => t.Key != "team/slack"));
    }

    [Fact]
    public async Task Changes_go_before_checks()
    {
        for (var i = 0; i < 3 * Workers; i++) await OfferAsync(new IntegrationKey("team", $"check{i}"), Poke("1"), ReconcileLane.Resync);
        for (var i = 0; i < Workers; i++) await OfferAsync(new IntegrationKey("team", $"change{i}"), Poke("1"), ReconcileLane.Change);
        _grains.During = _ => _open.Task;

        await StartAsync();

        await UntilAsync(() => _grains.Told.Count == Workers);
        Assert.All(_grains.Told, t => Assert.StartsWith("team/change", t.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_does_not_wait_where_a_check_of_the_same_resource_was_queued()
    {
        for (var i = 0; i < 3 * Workers; i++) await OfferAsync(new IntegrationKey("team", $"check{i}"), Poke("1"), ReconcileLane.Resync);
        await OfferAsync(Slack, Poke("1"), ReconcileLane.Resync);
        await OfferAsync(Slack, Poke("2"), ReconcileLane.Change);
        _grains.During = _ => _open.Task;

        await StartAsync();
        await UntilAsync(() => _grains.Told.Count == Workers);
        Assert.Equal("2", Assert.Single(_grains.Told, t => t.Key == "team/slack").Poke.Resource!.Metadata.ResourceVersion);

        _open.SetResult();
        await UntilAsync(() => _dispatcher.Depth == 0);
        Assert.Equal((3 * Workers) + 1, _grains.Told.Count);
        Assert.Equal(1, _grains.MostAtOnce);
    }

    [Fact]
    public async Task Beyond_its_room_the_sender_waits_while_known_keys_still_merge()
    {
        _grains.During = _ => _open.Task;
        await StartAsync();
        for (var i = 0; i < Room; i++) await OfferAsync(new IntegrationKey("team", $"r{i}"), Poke("1"));

        var late = OfferAsync(Slack, Poke("1"));
        await OfferAsync(new IntegrationKey("team", "r4000"), Poke("2"));
        Assert.False(late.IsCompleted);
        Assert.Equal(Room, _dispatcher.Depth);

        _open.SetResult();
        await late;
        await UntilAsync(() => _dispatcher.Depth == 0);
        Assert.Equal(Room + 1, _grains.Told.Select(t => t.Key).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task One_that_gives_up_waiting_for_room_leaves_nothing_behind()
    {
        for (var i = 0; i < Room; i++) await OfferAsync(new IntegrationKey("team", $"r{i}"), Poke("1"));
        using var impatience = new CancellationTokenSource();
        var late = _dispatcher.OfferAsync(Slack, Poke("1"), ReconcileLane.Change, impatience.Token).AsTask();

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late);
        Assert.Equal(Room, _dispatcher.Depth);
    }

    [Fact]
    public async Task Under_a_storm_every_key_ends_with_its_newest_snapshot()
    {
        var calls = 0;
        _grains.During = async _ =>
        {
            await Task.Yield();
            if (Interlocked.Increment(ref calls) % 17 == 0) throw new TimeoutException();
        };
        await StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(k => Task.Run(async () =>
        {
            for (var i = 1; i <= 100; i++) await OfferAsync(new IntegrationKey("team", $"r{k}"), Poke($"{i}"), (ReconcileLane)(i % 2));
        })));

        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _dispatcher.Depth == 0;
        });
        Assert.Equal(1, _grains.MostAtOnce);
        Assert.All(_grains.Told.GroupBy(t => t.Key, StringComparer.Ordinal), told => Assert.Equal("100", told.Last().Poke.Resource!.Metadata.ResourceVersion));
    }

    [Fact]
    public async Task Draining_ends_when_the_last_call_has_returned()
    {
        _grains.During = _ => _open.Task;
        await StartAsync();
        for (var i = 0; i < 3; i++) await OfferAsync(new IntegrationKey("team", $"r{i}"), Poke("1"));
        await UntilAsync(() => _grains.Told.Count == 3);

        var drained = _dispatcher.DrainAsync(TestContext.Current.CancellationToken);
        Assert.False(drained.IsCompleted);
        _open.SetResult();

        await drained.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(0, _dispatcher.Depth);
    }

    [Fact]
    public async Task Draining_gives_up_on_a_grain_that_does_not_answer()
    {
        _grains.During = _ => _open.Task;
        await StartAsync();
        await OfferAsync(Slack, Poke("1"));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);

        var drained = _dispatcher.DrainAsync(limit.Token);
        _time.Advance(TimeSpan.FromSeconds(5));

        await drained.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(1, _dispatcher.Depth);
    }

    [Fact]
    public async Task A_poke_tells_the_term_of_its_watcher()
    {
        var dispatcher = new CoalescingDispatcher(_grains, _time, NullLogger<CoalescingDispatcher>.Instance, term: 7);
        var running = dispatcher.RunAsync(_stop.Token);

        await dispatcher.OfferAsync(Slack, Poke("1"), ReconcileLane.Change, TestContext.Current.CancellationToken);

        await UntilAsync(() => _grains.Told.Count == 1);
        Assert.Equal(7, _grains.Told[0].Poke.Term);
        await _stop.CancelAsync();
        await running;
    }

    private Task StartAsync()
    {
        _running = _dispatcher.RunAsync(_stop.Token);
        return Task.CompletedTask;
    }

    private Task OfferAsync(IntegrationKey key, IntegrationPoke poke, ReconcileLane lane = ReconcileLane.Change) =>
        _dispatcher.OfferAsync(key, poke, lane, TestContext.Current.CancellationToken).AsTask();

    private string? Version(int call) => _grains.Told[call].Poke.Resource?.Metadata.ResourceVersion;

    private static IntegrationPoke Poke(string version) => new() { Resource = new NangoIntegration { Metadata = new ObjectMetadata { ResourceVersion = version } } };

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition()) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
    }
}
