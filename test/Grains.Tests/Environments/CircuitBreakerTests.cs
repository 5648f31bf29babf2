using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Environments;
using NangoOrleans.Environments.Budget;
using NangoOrleans.Failures;

namespace NangoOrleans.Grains.Tests.Environments;

public sealed class CircuitBreakerTests
{
    private static readonly Failure Away = new(FailureKind.Transient, Reasons.NangoUnavailable, "Its database is away.");

    private readonly FakeTimeProvider _time = new();
    private readonly CircuitBreaker _breaker = new();

    private DateTimeOffset Now => _time.GetUtcNow();

    [Fact]
    public void Failures_of_several_silos_together_open_it_and_it_says_why()
    {
        Tell("one", answered: 1, failed: 5);
        Assert.False(_breaker.IsOpen);
        Tell("two", answered: 0, failed: 5);

        var problem = _breaker.Problem(Now)!;
        Assert.Equal((FailureKind.Throttled, Reasons.CircuitOpen, TimeSpan.FromSeconds(5)), (problem.Kind, problem.Reason, problem.RetryAfter));
        Assert.Contains(Away.Message, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 9)]
    [InlineData(3, 9)]
    [InlineData(30, 100)]
    public void Few_failures_or_many_among_successes_do_not_open_it(int answered, int failed)
    {
        Tell("one", answered, failed);

        Assert.False(_breaker.IsOpen);
        Assert.Null(_breaker.Problem(Now));
    }

    [Fact]
    public void What_is_long_past_does_not_count()
    {
        Tell("one", 0, 5);
        _time.Advance(TimeSpan.FromSeconds(31));
        Tell("one", 0, 5);

        Assert.False(_breaker.IsOpen);
    }

    [Fact]
    public void One_silo_probes_and_its_success_closes_it()
    {
        Open();
        Assert.False(_breaker.MayProbe("one", Now));
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.True(_breaker.MayProbe("one", Now));
        _breaker.BeginProbe("one", Now);
        Assert.False(_breaker.MayProbe("two", Now));
        // Begun before it opened.
        Tell("two", 1, 0);
        Assert.True(_breaker.IsOpen);
        Tell("one", 1, 0);

        Assert.False(_breaker.IsOpen);
    }

    [Fact]
    public void A_probe_that_fails_makes_the_next_pause_longer_up_to_half_a_minute()
    {
        Open();
        TimeSpan[] pauses = [.. Enumerable.Range(0, 4).Select(_ =>
        {
            _time.Advance(_breaker.Problem(Now)!.RetryAfter!.Value);
            _breaker.BeginProbe("one", Now);
            Tell("one", 0, 1);
            return _breaker.Problem(Now)!.RetryAfter!.Value;
        })];

        Assert.Equal([10, 20, 30, 30], pauses.Select(pause => pause.TotalSeconds));
    }

    [Fact]
    public void A_silo_that_died_while_it_probed_is_followed_by_another()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));
        _breaker.BeginProbe("one", Now);

        _time.Advance(TimeSpan.FromSeconds(64));
        Assert.False(_breaker.MayProbe("two", Now));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(_breaker.MayProbe("two", Now));
    }

    private void Open() => Tell("one", 0, 10);

    private void Tell(string holder, int answered, int failed) => _breaker.Report(holder, new CallReport(answered, failed, failed > 0 ? Away : null, false), Now);
}
