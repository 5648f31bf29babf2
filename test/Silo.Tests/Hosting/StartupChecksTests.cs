using Microsoft.Extensions.Logging.Abstractions;

namespace NangoOrleans.Hosting;

public sealed class StartupChecksTests
{
    private readonly SkippingTime _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_problem_of_an_API_server_that_is_not_ready_yet_does_not_end_the_start()
    {
        var check = new Check("The CRD is not installed.", times: 8);

        var problem = await AskAsync(check, isReady: _ => false);

        Assert.Null(problem);
        Assert.Equal(9, check.Asked);
    }

    [Fact]
    public async Task A_problem_that_passes_moments_after_the_API_server_says_it_is_ready_does_not_end_the_start()
    {
        var check = new Check("The CRD is not installed.", times: 3);

        Assert.Null(await AskAsync(check, isReady: _ => true));
    }

    [Fact]
    public async Task A_problem_that_lasts_on_a_ready_API_server_is_told_in_seconds()
    {
        var problem = await AskAsync(new Check("The CRD is not installed."), isReady: _ => true);

        Assert.Equal("The CRD is not installed.", problem);
        Assert.InRange(_time.Elapsed, StartupChecks.Certainty, 2 * StartupChecks.Certainty);
    }

    [Fact]
    public async Task Nothing_said_before_the_API_server_was_ready_counts()
    {
        // Away for 10 s, ready, and the CRD is served 2 s after that.
        var check = new Check("The CRD is not installed.", until: () => _time.Elapsed > TimeSpan.FromSeconds(12));

        Assert.Null(await AskAsync(check, isReady: elapsed => elapsed > TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task An_API_server_that_stays_away_is_told_in_the_end()
    {
        var problem = await AskAsync(new Check("It cannot be reached."), isReady: _ => false);

        Assert.Equal("It cannot be reached.", problem);
        Assert.InRange(_time.Elapsed, StartupChecks.Patience, StartupChecks.Patience + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_check_that_passes_does_not_hide_the_next()
    {
        var (first, second) = (new Check("First."), new Check("Second.", times: 2));

        Assert.Equal("First.", await AskAsync([second, first], isReady: _ => true));
    }

    private Task<string?> AskAsync(Check check, Func<TimeSpan, bool> isReady) => AskAsync([check], isReady);

    private Task<string?> AskAsync(IReadOnlyList<Check> checks, Func<TimeSpan, bool> isReady) =>
        new StartupChecks(checks, _ => Task.FromResult(isReady(_time.Elapsed)), _time, NullLogger<StartupChecks>.Instance).FindProblemAsync(Ct);

    private sealed class Check(string problem, int times = int.MaxValue, Func<bool>? until = null) : IStartupCheck
    {
        public int Asked { get; private set; }

        public Task<string?> FindProblemAsync(CancellationToken cancellationToken) =>
            Task.FromResult(Asked++ < times && until?.Invoke() != true ? problem : null);
    }

    /// <summary>A clock on which every wait is over at once, and has taken as long as it should.</summary>
    private sealed class SkippingTime : TimeProvider
    {
        private long _ticks;

        public TimeSpan Elapsed => TimeSpan.FromTicks(_ticks);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _ticks += dueTime.Ticks;
            return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
