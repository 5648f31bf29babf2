using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Environments;
using NangoOrleans.Environments.Budget;
using NangoOrleans.Nango;

namespace NangoOrleans.Grains.Tests.Environments;

/// <summary>Limit 50, reserve 20 %: 40 requests in each window, for namespaces that wait on different silos.</summary>
public sealed class PermitSharesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RequestWindow _window = new(reservePercent: 20);
    private readonly Dictionary<string, int> _granted = new(StringComparer.Ordinal);
    private DateTimeOffset _endsAt;
    private long _number = 1;
    private int _used;

    public PermitSharesTests() => _endsAt = _time.GetUtcNow().AddSeconds(60);

    [Fact]
    public void A_namespace_with_thousands_on_one_silo_does_not_starve_another_on_another_silo()
    {
        Ask("one", Waiting("big", 40));
        Assert.Equal(0, Ask("two", Waiting("small", 5)).Granted);

        NextWindow();

        Assert.Equal(35, Ask("one", Waiting("big", 64)).Granted);
        Assert.Equal(5, Ask("two", Waiting("small", 5)).Granted);
    }

    [Fact]
    public void Those_who_were_sent_away_find_their_share_when_they_come_back()
    {
        Ask("one", Waiting("big", 40));
        Ask("two", new PermitDemand("small", false, 0, Expected: 5));

        NextWindow();

        Assert.Equal(35, Ask("one", Waiting("big", 64)).Granted);
        Assert.Equal(5, Ask("two", Waiting("small", 5)).Granted);
    }

    [Fact]
    public void What_is_kept_for_those_who_do_not_come_back_is_given_to_others()
    {
        Ask("one", Waiting("big", 40));
        Ask("gone", Waiting("small", 5));
        NextWindow();
        Assert.Equal(35, Ask("one", Waiting("big", 64)).Granted);

        _time.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(5, Ask("one", Waiting("big", 64)).Granted);
    }

    [Fact]
    public void A_tenth_is_kept_for_checks_and_the_rest_is_for_changes()
    {
        Ask("one", Waiting("team", 40));
        NextWindow();

        var lease = Ask("one", Waiting("team", 64), Waiting("team", 64, isCheck: true));

        Assert.Equal((40, 4), (lease.Granted, lease.ForChecks));
    }

    [Fact]
    public void Silos_on_which_one_namespace_waits_share_its_part()
    {
        Ask("one", Waiting("big", 40));
        Ask("two", Waiting("big", 40));
        NextWindow();

        Assert.Equal(20, Ask("one", Waiting("big", 40)).Granted);
        Assert.InRange(Ask("two", Waiting("big", 40)).Granted, 10, 20);
    }

    private static PermitDemand Waiting(string @namespace, int count, bool isCheck = false) => new(@namespace, isCheck, count, 0);

    private PermitLease Ask(string holder, params PermitDemand[] demand)
    {
        var request = new PermitRequest
        {
            Holder = holder,
            Wanted = demand.Sum(one => one.Waiting),
            Demand = demand,
            // What it was granted before, it has used.
            Reading = new RateLimitReading(50, 50 - (_used += _granted.GetValueOrDefault(holder)), _number, _endsAt - _time.GetUtcNow()),
        };
        _window.Observe(request, _time.GetUtcNow());
        var lease = _window.Lease(request, _time.GetUtcNow());
        _granted[holder] = lease.Granted;
        return lease;
    }

    // Promises of the window before have lapsed by then, claims have not.
    private void NextWindow()
    {
        (_number, _used) = (_number + 1, 0);
        _granted.Clear();
        _time.Advance(TimeSpan.FromSeconds(62));
        _endsAt = _time.GetUtcNow().AddSeconds(60);
    }
}
