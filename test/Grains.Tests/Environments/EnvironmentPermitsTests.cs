using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Hosting;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Nango;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Grains.Tests.Environments;

public sealed class EnvironmentPermitsTests
{
    private static readonly NangoEndpoint Endpoint = new(A.BaseUrl, A.Token);

    private readonly FakeTimeProvider _time = new();
    private readonly LocalEnvironmentGrains _grains;
    private readonly EnvironmentPermits _permits;

    public EnvironmentPermitsTests()
    {
        _grains = new LocalEnvironmentGrains(_time);
        _permits = new EnvironmentPermits(_grains, new EnvironmentHold(_time), _time);
    }

    [Fact]
    public async Task Without_a_limit_a_thousand_requests_cost_a_few_leases()
    {
        for (var i = 0; i < 1000; i++) await CallAsync();

        Assert.InRange(_grains.Requests.Count, 2, 3);
    }

    [Fact]
    public async Task The_permits_of_one_run_are_taken_together_while_there_are_enough()
    {
        var begun = new List<IReadOnlyList<RequestPermit>>();
        (await TakeAsync()).Dispose();
        _permits.Observe(Endpoint, new RateLimitReading(10, 10, 1, TimeSpan.FromMinutes(1)));

        var held = await Assert.ThrowsAsync<FailureException>(async () =>
        {
            while (true) begun.Add(await _permits.TakeAsync(Endpoint, new RequestTurn(ReconcileLane.Change, "team"), 3));
        });

        // Of ten requests two are left to others.
        Assert.Equal(FailureKind.Throttled, held.Failure.Kind);
        Assert.Equal([3, 3, 2], begun.Select(run => run.Count));
    }

    [Fact]
    public async Task Under_a_limit_leases_serve_batches_and_the_reserve_is_kept()
    {
        var made = 0;
        var held = await Assert.ThrowsAsync<FailureException>(async () =>
        {
            while (true) await CallAsync(() => Show(200, 200 - ++made));
        });

        Assert.Equal(160, made);
        Assert.Equal((FailureKind.Throttled, Reasons.RateLimited), (held.Failure.Kind, held.Failure.Reason));
        Assert.InRange(held.Failure.RetryAfter!.Value, TimeSpan.FromSeconds(39), TimeSpan.FromSeconds(40));
        Assert.InRange(_grains.Requests.Count, 2, 160 / 3);
    }

    [Fact]
    public async Task Work_goes_on_in_the_next_window()
    {
        await CallAsync(() => Show(200, 0));
        await Assert.ThrowsAsync<FailureException>(() => CallAsync());

        _time.Advance(TimeSpan.FromSeconds(41));

        await CallAsync();
    }

    [Fact]
    public async Task Requests_under_way_are_told_since_Nango_may_not_have_counted_them()
    {
        using var one = await TakeAsync();
        using var two = await TakeAsync();
        Show(200, 42);

        await Assert.ThrowsAsync<FailureException>(() => CallAsync());

        Assert.Equal(2, _grains.Requests.Last(request => request.Wanted > 0).UnderWay);
    }

    [Fact]
    public async Task While_the_grain_cannot_be_reached_a_few_requests_are_allowed()
    {
        _grains.IsDown = true;

        await CallAsync();

        Assert.Single(_grains.Requests);
    }

    [Fact]
    public async Task Nobody_waits_for_longer_than_ten_seconds()
    {
        _grains.Answer = _ => Task.FromResult(new PermitLease { NotBefore = TimeSpan.FromSeconds(1), IsLimited = true });
        var start = _time.GetTimestamp();
        var waiting = TakeAsync();

        await GrainHost.UntilAsync(() =>
        {
            if (!waiting.IsCompleted) _time.Advance(TimeSpan.FromMilliseconds(250));
            return waiting.IsCompleted;
        });

        var failure = (await Assert.ThrowsAsync<FailureException>(() => waiting)).Failure;
        Assert.Equal((FailureKind.Throttled, TimeSpan.FromSeconds(1)), (failure.Kind, failure.RetryAfter));
        Assert.True(_time.GetElapsedTime(start) >= TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Namespaces_take_turns_and_changes_come_before_checks()
    {
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource<PermitLease>());
        _grains.Answer = _ =>
        {
            asked.TrySetResult();
            return answer.Task;
        };
        var first = TakeAsync("big");
        await asked.Task;
        var big = Enumerable.Range(0, 10).Select(_ => TakeAsync("big")).ToList();
        var check = TakeAsync("small", ReconcileLane.Resync);
        var small = TakeAsync("small");
        _grains.Answer = _ => Task.FromResult(new PermitLease { NotBefore = TimeSpan.FromMinutes(1), IsLimited = true });

        answer.SetResult(new PermitLease { Granted = 3, ValidFor = TimeSpan.FromMinutes(1), IsLimited = true });

        (await first).Dispose();
        (await small).Dispose();
        await GrainHost.UntilAsync(() => big.Count(task => task.IsFaulted) == 9 && check.IsFaulted);
        Assert.Equal(1, big.Count(task => task.IsCompletedSuccessfully));
        var demand = _grains.Requests.Last().Demand!;
        Assert.Contains(new PermitDemand("big", IsCheck: false, Waiting: 9, Expected: 0), demand);
        Assert.Contains(new PermitDemand("small", IsCheck: true, Waiting: 1, Expected: 0), demand);
    }

    [Fact]
    public async Task A_namespace_that_was_sent_away_is_told_so_that_it_is_not_too_late_in_the_next_window()
    {
        await CallAsync(() => Show(200, 0));
        await Assert.ThrowsAsync<FailureException>(() => CallAsync());

        await Assert.ThrowsAsync<FailureException>(() => TakeAsync("late"));

        await GrainHost.UntilAsync(() => _grains.Requests.Any(request => request.Wanted == 0 && request.Demand!.Contains(new PermitDemand("late", false, 0, 1))));
    }

    [Fact]
    public async Task Failures_are_told_with_the_leases_and_not_one_by_one()
    {
        await CallAsync();
        await CallAsync();
        for (var i = 0; i < 5; i++) await CallAsync();
        var before = _grains.Requests.Count;

        for (var i = 0; i < 25; i++)
        {
            using var permit = await TakeAsync();
            permit.Failed(new Failure(FailureKind.Transient, Reasons.ServerError, "It failed."));
            _time.Advance(TimeSpan.FromSeconds(40));
        }

        await GrainHost.UntilAsync(() => _grains.Requests.Sum(request => request.Calls?.Failed ?? 0) >= 20);
        Assert.InRange(_grains.Requests.Count - before, 4, 25);
    }

    [Fact]
    public async Task What_a_429_asks_for_is_told_at_once_and_obeyed_here()
    {
        using (var permit = await TakeAsync()) permit.Failed(new Failure(FailureKind.Throttled, Reasons.RateLimited, "Wait.", TimeSpan.FromSeconds(30)));

        await Assert.ThrowsAsync<FailureException>(() => CallAsync());
        await GrainHost.UntilAsync(() => _grains.Requests.Any(request => request.AskedToWait == TimeSpan.FromSeconds(30) && request.Wanted == 0));
    }

    [Fact]
    public async Task Unused_permits_go_back_after_a_moment()
    {
        for (var i = 1; i < 20; i++) await CallAsync(() => Show(200, 200 - i));

        await GrainHost.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            return _grains.Requests.Any(request => request is { Wanted: 0, Returned: > 0, UnderWay: 0 });
        });
        await GrainHost.UntilAsync(async () => (await _grains.GetStateAsync(Endpoint.EnvironmentKey))!.Promised == 0);
    }

    private async Task CallAsync(Action? answered = null)
    {
        using var permit = await TakeAsync();
        answered?.Invoke();
        permit.Answered();
    }

    private Task<RequestPermit> TakeAsync(string @namespace = "team", ReconcileLane lane = ReconcileLane.Change) =>
        _permits.TakeAsync(Endpoint, new RequestTurn(lane, @namespace)).AsTask();

    private void Show(int limit, int remaining) => _permits.Observe(Endpoint, new RateLimitReading(limit, remaining, 1, TimeSpan.FromSeconds(40)));
}
