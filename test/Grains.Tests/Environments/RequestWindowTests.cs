using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Environments;
using NangoOrleans.Nango;

namespace NangoOrleans.Grains.Tests.Environments;

/// <summary>Limit 200, reserve 20 %: the operator may use 160 of each window.</summary>
public sealed class RequestWindowTests
{
    private const int Batch = 32;

    private readonly FakeTimeProvider _time = new();
    private readonly RequestWindow _window = new(reservePercent: 20);

    [Fact]
    public void While_no_limit_is_known_permits_are_plenty_and_not_counted()
    {
        var lease = Ask("a", reading: null);

        Assert.False(lease.IsLimited);
        Assert.Equal(RequestWindow.FreeBatch, lease.Granted);
        Assert.Equal(RequestWindow.FreeBatch, Ask("b", reading: null).Granted);
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
    public void What_one_silo_holds_another_does_not_get_until_it_lapses()
    {
        Assert.Equal(32, Ask("a", Reading(80)).Granted);

        Assert.Equal(8, Ask("b", Reading(80)).Granted);
        Assert.Equal((0, TimeSpan.FromSeconds(1)), (Ask("c", Reading(80)).Granted, Ask("c", Reading(80)).NotBefore));
        _time.Advance(RequestWindow.Validity);
        Assert.Equal(32, Ask("c", Reading(80, resetsIn: 49)).Granted);
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
        Assert.Equal(RequestWindow.Validity, Ask("a", Reading(199, window: 2)).ValidFor);
    }

    [Theory]
    [InlineData(0, 200, 0)]
    [InlineData(1, 199, 2)]
    [InlineData(90, 20, 180)]
    public void The_reserve_is_a_share_of_the_limit(int percent, int usable, int reserve)
    {
        var window = new RequestWindow(percent);

        var granted = window.Lease(new PermitRequest { Holder = "a", Wanted = 1000, Reading = Reading(200) }, _time.GetUtcNow()).Granted;

        Assert.Equal(200 - reserve, granted);
        Assert.InRange(granted, usable - 1, usable);
    }

    [Fact]
    public void One_request_is_possible_however_small_the_limit()
    {
        var window = new RequestWindow(90);

        Assert.Equal(1, window.Lease(new PermitRequest { Holder = "a", Wanted = Batch, Reading = new(1, 1, 1, TimeSpan.FromMinutes(1)) }, _time.GetUtcNow()).Granted);
    }

    private PermitLease Ask(string holder, RateLimitReading? reading, int underWay = 0) =>
        _window.Lease(new PermitRequest { Holder = holder, Wanted = Batch, UnderWay = underWay, Reading = reading }, _time.GetUtcNow());

    private static RateLimitReading Reading(int remaining, long window = 1, int resetsIn = 60) => new(200, remaining, window, TimeSpan.FromSeconds(resetsIn));
}
