using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Environments;
using NangoOrleans.Environments.Budget;
using NangoOrleans.Nango;

namespace NangoOrleans.Grains.Tests.Environments;

/// <summary>Limit 200, reserve 20 %: the operator may use 160 of each window.</summary>
public sealed class RequestWindowTests
{
    private const int Batch = 32;

    private readonly FakeTimeProvider _time = new();
    private readonly RequestWindow _window = new(reservePercent: 20);

    [Fact]
    public void Until_an_answer_has_told_whether_there_is_a_limit_a_few_requests_are_allowed()
    {
        Assert.Equal((RequestWindow.FirstBatch, false), (Ask("a", reading: null).Granted, Ask("a", reading: null).IsLimited));
        Assert.Equal(RequestWindow.FirstBatch, Ask("b", reading: null).Granted);

        var none = Ask("c", reading: null);
        Assert.Equal(0, none.Granted);
        Assert.InRange(none.NotBefore, TimeSpan.FromMilliseconds(1), RequestWindow.ShortWait);
    }

    [Fact]
    public void Without_a_limit_permits_are_plenty_and_not_counted()
    {
        var answered = new CallReport(1, 0, null, ShowsNoLimit: true);

        Assert.Equal((RequestWindow.FreeBatch, false), (Ask("a", null, calls: answered).Granted, Ask("a", null).IsLimited));
        Assert.Equal(RequestWindow.FreeBatch, Ask("b", reading: null).Granted);
        Assert.Equal(32, Ask("c", Reading(199)).Granted);
    }

    [Theory]
    [InlineData(199, 0, 32)]
    [InlineData(72, 0, 32)]
    [InlineData(60, 0, 20)]
    [InlineData(60, 15, 5)]
    [InlineData(41, 0, 1)]
    [InlineData(40, 0, 0)]
    [InlineData(0, 0, 0)]
    public void What_is_left_less_the_reserve_and_less_what_is_under_way_is_granted(int remaining, int underWay, int granted) =>
        Assert.Equal(granted, Ask("a", Reading(remaining), underWay).Granted);

    [Fact]
    public void With_nothing_left_the_wait_is_the_rest_of_the_window()
    {
        var lease = Ask("a", Reading(40, resetsIn: 34));

        Assert.Equal((0, TimeSpan.FromSeconds(34)), (lease.Granted, lease.NotBefore));
    }

    [Fact]
    public void What_one_silo_holds_another_does_not_get_until_it_comes_back()
    {
        Assert.Equal(32, Ask("a", Reading(80)).Granted);

        Assert.Equal(8, Ask("b", Reading(80)).Granted);
        Assert.Equal((0, RequestWindow.ShortWait), (Ask("c", Reading(80)).Granted, Ask("c", Reading(80)).NotBefore));
        Tell("a", returned: 30, Reading(78));
        Assert.InRange(Ask("c", Reading(78)).Granted, 1, 30);
    }

    [Fact]
    public void A_silo_that_died_keeps_its_batch_from_the_others_until_the_window_ends_and_no_longer()
    {
        Ask("dead", Reading(72, resetsIn: 30));
        Assert.Equal(0, Ask("a", Reading(72, resetsIn: 30)).Granted);

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, Ask("a", Reading(72, resetsIn: 1)).Granted);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(160, Ask("a", null, wanted: 1000).Granted);
    }

    [Fact]
    public void What_an_object_says_of_its_limit_counts_besides_what_Nango_allows()
    {
        var limits = new RequestLimits(2, RequestsPerMinute: 50, ReservePercent: 0);

        Assert.Equal(50, Ask("a", Reading(199), limits: limits, wanted: 1000).Granted);
        Assert.Equal(0, Ask("b", Reading(199), limits: limits with { Generation = 1, RequestsPerMinute = 90 }).Granted);
        Tell("a", returned: 10, Reading(159));
        Assert.Equal(10, Ask("b", Reading(159)).Granted);

        _time.Advance(TimeSpan.FromSeconds(64));
        Assert.Equal(50, Ask("a", Reading(199, window: 2), wanted: 1000).Granted);
    }

    [Fact]
    public void A_limit_that_was_taken_out_of_the_object_is_forgotten()
    {
        Ask("a", Reading(199), limits: new RequestLimits(2, RequestsPerMinute: 50, ReservePercent: 0));

        Assert.Equal(159, Ask("a", Reading(199), limits: new RequestLimits(3, null, null), wanted: 1000).Granted);
    }

    [Fact]
    public void Where_Nango_has_no_limit_the_objects_own_is_counted_in_minutes()
    {
        var (limits, answered) = (new RequestLimits(1, RequestsPerMinute: 50, ReservePercent: null), new CallReport(1, 0, null, ShowsNoLimit: true));

        Assert.Equal(50, Ask("a", null, limits: limits, calls: answered, wanted: 1000).Granted);
        Assert.Equal((0, TimeSpan.FromMinutes(1)), (Ask("a", null).Granted, Ask("a", null).NotBefore));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(32, Ask("a", null).Granted);
    }

    [Fact]
    public void The_count_of_a_window_only_falls_since_answers_overtake_each_other()
    {
        Ask("a", Reading(50));

        Assert.Equal(10, Ask("a", Reading(120)).Granted);
    }

    [Fact]
    public void A_new_window_begins_whole_and_late_answers_of_the_old_one_say_nothing_about_it()
    {
        Assert.Equal(0, Ask("a", Reading(40, resetsIn: 10)).Granted);

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(32, Ask("a", Reading(40, resetsIn: 0)).Granted);
        Assert.Equal(32, Ask("a", Reading(199, window: 2)).Granted);
        Assert.Equal(32, Ask("a", Reading(40, window: 1)).Granted);
    }

    [Fact]
    public void Permits_do_not_outlive_the_window()
    {
        Assert.Equal(TimeSpan.FromSeconds(3), Ask("a", Reading(199, resetsIn: 3)).ValidFor);
        Assert.Equal(TimeSpan.FromMinutes(1), Ask("a", Reading(199, window: 2)).ValidFor);
    }

    [Theory]
    [InlineData(0, 200, 0)]
    [InlineData(1, 199, 2)]
    [InlineData(90, 20, 180)]
    public void The_reserve_is_a_share_of_the_limit(int percent, int usable, int reserve)
    {
        var window = new RequestWindow(percent);

        var request = new PermitRequest { Holder = "a", Wanted = 1000, Reading = Reading(200) };
        window.Observe(request, _time.GetUtcNow());
        var granted = window.Lease(request, _time.GetUtcNow()).Granted;

        Assert.Equal(200 - reserve, granted);
        Assert.InRange(granted, usable - 1, usable);
    }

    [Fact]
    public void One_request_is_possible_however_small_the_limit()
    {
        var window = new RequestWindow(90);

        var request = new PermitRequest { Holder = "a", Wanted = Batch, Reading = new(1, 1, 1, TimeSpan.FromMinutes(1)) };
        window.Observe(request, _time.GetUtcNow());
        Assert.Equal(1, window.Lease(request, _time.GetUtcNow()).Granted);
    }

    private PermitLease Ask(string holder, RateLimitReading? reading, int underWay = 0, CallReport? calls = null, RequestLimits? limits = null, int wanted = Batch)
    {
        var request = new PermitRequest { Holder = holder, Wanted = wanted, UnderWay = underWay, Reading = reading, Calls = calls, Limits = limits };
        _window.Observe(request, _time.GetUtcNow());
        return _window.Lease(request, _time.GetUtcNow());
    }

    private void Tell(string holder, int returned, RateLimitReading reading) =>
        _window.Observe(new PermitRequest { Holder = holder, Returned = returned, Reading = reading }, _time.GetUtcNow());

    private static RateLimitReading Reading(int remaining, long window = 1, int resetsIn = 60) => new(200, remaining, window, TimeSpan.FromSeconds(resetsIn));
}
