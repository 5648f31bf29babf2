using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Environments;
using NangoOrleans.Failures;

namespace NangoOrleans.Grains.Tests.Environments;

public sealed class EnvironmentHoldTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly EnvironmentHold _hold;

    public EnvironmentHoldTests() => _hold = new EnvironmentHold(_time);

    [Fact]
    public void A_hold_ends_by_itself()
    {
        _hold.Hold("one", TimeSpan.FromSeconds(30));

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(TimeSpan.FromSeconds(1), _hold.Find("one")?.RetryAfter);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_hold.Find("one")?.RetryAfter);
        _hold.ThrowIfHeld("one");
    }

    [Fact]
    public void A_held_environment_throws_with_the_rest_of_the_wait()
    {
        _hold.Hold("one", TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(10));

        var failure = Assert.Throws<FailureException>(() => _hold.ThrowIfHeld("one")).Failure;

        Assert.Equal((FailureKind.Throttled, TimeSpan.FromSeconds(20)), (failure.Kind, failure.RetryAfter));
    }

    [Fact]
    public void Other_environments_and_none_are_not_held()
    {
        _hold.Hold("one", TimeSpan.FromSeconds(30));

        Assert.Null(_hold.Find("two")?.RetryAfter);
        Assert.Null(_hold.Find(null));
    }

    [Fact]
    public void The_longest_wait_counts_whichever_comes_last()
    {
        _hold.Hold("one", TimeSpan.FromSeconds(30));
        _hold.Hold("one", TimeSpan.FromSeconds(5));
        _hold.Hold("two", TimeSpan.FromSeconds(5));
        _hold.Hold("two", TimeSpan.FromSeconds(30));

        Assert.Equal(TimeSpan.FromSeconds(30), _hold.Find("one")?.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(30), _hold.Find("two")?.RetryAfter);
    }

    [Fact]
    public void The_grain_may_be_asked_again_before_resources_are_told_to_come_back()
    {
        _hold.Hold("one", new Failure(FailureKind.Throttled, Reasons.CircuitOpen, "It is away.", TimeSpan.FromSeconds(20)), TimeSpan.FromSeconds(1));

        Assert.Equal((Reasons.CircuitOpen, TimeSpan.FromSeconds(20)), (_hold.Find("one")!.Reason, _hold.Find("one")!.RetryAfter));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_hold.Find("one"));
    }
}
