using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Nango;

namespace NangoOrleans.Grains.Tests.Environments;

public sealed class EnvironmentPermitsTests
{
    private static readonly NangoEndpoint Endpoint = new(A.BaseUrl, A.Token);

    private readonly FakeTimeProvider _time = new();
    private readonly LocalPermits _source;
    private readonly EnvironmentPermits _permits;

    public EnvironmentPermitsTests()
    {
        _source = new LocalPermits(_time);
        _permits = new EnvironmentPermits(_source, new EnvironmentHold(_time), _time);
    }

    [Fact]
    public async Task Without_a_limit_a_thousand_requests_cost_one_lease()
    {
        for (var i = 0; i < 1000; i++) (await _permits.TakeAsync(Endpoint.EnvironmentKey)).Dispose();

        Assert.Single(_source.Requests);
    }

    [Fact]
    public async Task The_permits_of_one_run_are_had_together_or_not_at_all()
    {
        var begun = new List<IReadOnlyList<IDisposable>>();
        (await _permits.TakeAsync(Endpoint.EnvironmentKey)).Dispose();
        _permits.Observe(Endpoint, new RateLimitReading(10, 10, 1, TimeSpan.FromMinutes(1)));

        var held = await Assert.ThrowsAsync<FailureException>(async () =>
        {
            while (true) begun.Add(await _permits.TakeAsync(Endpoint.EnvironmentKey, 3));
        });

        // Of ten requests two are left to others, and the last two are of no use to a third run.
        Assert.Equal(FailureKind.Throttled, held.Failure.Kind);
        Assert.All(begun, run => Assert.Equal(3, run.Count));
        Assert.Equal(2, begun.Count);
    }

    [Fact]
    public async Task A_limit_smaller_than_a_run_is_worked_with_one_by_one()
    {
        (await _permits.TakeAsync(Endpoint.EnvironmentKey)).Dispose();
        _permits.Observe(Endpoint, new RateLimitReading(2, 2, 1, TimeSpan.FromMinutes(1)));

        Assert.Single(await _permits.TakeAsync(Endpoint.EnvironmentKey, 3));
    }

    [Fact]
    public async Task Under_a_limit_one_lease_serves_a_batch_and_the_reserve_is_kept()
    {
        var made = 0;
        var held = await Assert.ThrowsAsync<FailureException>(async () =>
        {
            while (true)
            {
                using var permit = await _permits.TakeAsync(Endpoint.EnvironmentKey);
                made++;
                _permits.Observe(Endpoint, new RateLimitReading(200, 200 - made, 1, TimeSpan.FromSeconds(40)));
            }
        });

        Assert.Equal(160, made);
        Assert.Equal((FailureKind.Throttled, Reasons.RateLimited), (held.Failure.Kind, held.Failure.Reason));
        Assert.InRange(held.Failure.RetryAfter!.Value, TimeSpan.FromSeconds(39), TimeSpan.FromSeconds(40));
        Assert.InRange(_source.Requests.Count, 2, 1 + (160 / EnvironmentPermits.Batch) + 2);
    }

    [Fact]
    public async Task Work_goes_on_in_the_next_window()
    {
        (await _permits.TakeAsync(Endpoint.EnvironmentKey)).Dispose();
        _permits.Observe(Endpoint, new RateLimitReading(200, 0, 1, TimeSpan.FromSeconds(40)));
        await Assert.ThrowsAsync<FailureException>(async () => await _permits.TakeAsync(Endpoint.EnvironmentKey));

        _time.Advance(TimeSpan.FromSeconds(41));

        (await _permits.TakeAsync(Endpoint.EnvironmentKey)).Dispose();
    }

    [Fact]
    public async Task Requests_under_way_are_told_since_Nango_may_not_have_counted_them()
    {
        using var one = await _permits.TakeAsync(Endpoint.EnvironmentKey);
        using var two = await _permits.TakeAsync(Endpoint.EnvironmentKey);
        _permits.Observe(Endpoint, new RateLimitReading(200, 42, 1, TimeSpan.FromSeconds(40)));

        await Assert.ThrowsAsync<FailureException>(async () => await _permits.TakeAsync(Endpoint.EnvironmentKey));

        Assert.Equal(2, _source.Requests.Last().UnderWay);
    }

    [Fact]
    public async Task While_the_grain_cannot_be_reached_a_few_requests_are_allowed()
    {
        _source.IsDown = true;

        (await _permits.TakeAsync(Endpoint.EnvironmentKey)).Dispose();

        Assert.Single(_source.Requests);
    }
}
