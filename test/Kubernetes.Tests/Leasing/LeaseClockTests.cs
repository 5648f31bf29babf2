using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Kubernetes.Leasing;

namespace NangoOrleans.Kubernetes.Tests.Leasing;

public sealed class LeaseClockTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("1999-01-01T00:00:00.000000Z")]
    [InlineData("2999-01-01T00:00:00.000000Z")]
    public void Holder_is_judged_by_when_its_record_changed_and_not_by_what_is_written(string written)
    {
        var observer = Observer();

        Assert.False(observer.MayTake(Record("other", written)));
        _time.Advance(TimeSpan.FromSeconds(14.9));
        Assert.False(observer.MayTake(Record("other", written)));
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(observer.MayTake(Record("other", written)));
    }

    [Fact]
    public void Every_renewal_seen_starts_the_wait_anew()
    {
        var observer = Observer();
        for (var i = 0; i < 5; i++)
        {
            Assert.False(observer.MayTake(Record("other", $"renewal {i}")));
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(new LeaseHolder("other", _time.GetUtcNow() - TimeSpan.FromSeconds(10), 4), observer.Holder);
        Assert.Equal(TimeSpan.FromSeconds(5), observer.UntilExpiry());
    }

    [Fact]
    public void Own_identity_is_taken_from_a_predecessor_but_not_from_a_namesake_that_came_later()
    {
        var observer = Observer();
        Assert.True(observer.MayTake(Record("me", "1", acquired: "predecessor")));
        observer.OwnAcquireTime = "mine";

        Assert.True(observer.MayTake(Record("me", "1", acquired: "predecessor")), "the write may have failed");
        Assert.True(observer.MayTake(Record("me", "2", acquired: "mine")));
        Assert.False(observer.MayTake(Record("me", "3", acquired: "namesake")));
    }

    [Fact]
    public void Term_is_over_at_its_deadline_even_if_no_timer_fired()
    {
        var clock = new SuspendedTimers(_time);
        using var term = new HeldTerm(new(1, default), clock.GetTimestamp(), TimeSpan.FromSeconds(10), clock);

        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(term.IsOver);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(term.IsOver);
        term.Renew(clock.GetTimestamp());
        Assert.True(term.IsOver, "a term that is over was revived");
    }

    private LeaseObserver Observer() => new(new() { Namespace = "ns", Name = "lease", Identity = "me" }, _time);

    private static LeaseRecord Record(string holder, string renewed, string acquired = "once") => new(holder, 15, acquired, renewed, 3);

    /// <summary>A process that just woke: its clock went on, its timers have not fired yet.</summary>
    private sealed class SuspendedTimers(TimeProvider clock) : TimeProvider
    {
        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            clock.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
