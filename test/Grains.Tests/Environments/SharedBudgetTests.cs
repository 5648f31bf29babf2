using System.Collections.Concurrent;
using System.Diagnostics;
using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Hosting;
using NangoOrleans.Scheduling;
using NangoOrleans.Testing;

namespace NangoOrleans.Grains.Tests.Environments;

/// <summary>Three silos, one limit: 100 requests in a window, of which 20 are left to others.</summary>
public sealed class SharedBudgetTests
{
    private const int Limit = 100, Reserve = 20;

    // A request that is under way for half a window counts in the next one as well, which nobody reckons with.
    private static readonly TimeSpan Stall = SharedBudgetHost.Window / 4;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public Task All_silos_together_use_the_budget_and_never_the_reserve() => SteadyMachine.RunAsync(Stall, UseTheBudgetAsync, Ct);

    private static async Task UseTheBudgetAsync()
    {
        await using var host = await SharedBudgetHost.StartAsync(Limit);
        var crowd = new Crowd(host);

        await crowd.WorkAsync(silos: 3, workersEach: 20, TimeSpan.FromSeconds(18));

        Assert.Equal(0, host.Nango.Journal.Count(status: 429));
        Assert.InRange(host.Readings.Min(reading => reading.Remaining), Reserve, Limit);
        // Nango rounds the end of its window; with the shortest rest there are three whole windows in this time.
        Assert.InRange(crowd.Made, 3 * (Limit - Reserve) * 9 / 10, int.MaxValue);
        Assert.InRange(crowd.LongestWait, TimeSpan.Zero, TimeSpan.FromSeconds(10.5));
    }

    [Fact]
    public Task A_grain_that_dies_again_and_again_costs_no_429_and_no_work() => SteadyMachine.RunAsync(Stall, DieAgainAndAgainAsync, Ct);

    private static async Task DieAgainAndAgainAsync()
    {
        await using var host = await SharedBudgetHost.StartAsync(Limit);
        var crowd = new Crowd(host);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Ct);

        var killing = Task.Run(
            async () =>
            {
                using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(700));
                while (!over.IsCancellationRequested && await timer.WaitForNextTickAsync(Ct)) await host.DeactivateAsync();
            },
            Ct);
        await crowd.WorkAsync(silos: 3, workersEach: 10, TimeSpan.FromSeconds(14));
        await over.CancelAsync();
        await killing;

        // What others were promised is forgotten with it: that the reserve is there for.
        Assert.Equal(0, host.Nango.Journal.Count(status: 429));
        Assert.InRange(crowd.Made, 2 * (Limit - Reserve) * 9 / 10, int.MaxValue);
    }

    [Fact]
    public Task A_namespace_with_much_to_do_on_one_silo_does_not_starve_another_on_another_silo() => SteadyMachine.RunAsync(Stall, StarveAsync, Ct);

    private static async Task StarveAsync()
    {
        await using var host = await SharedBudgetHost.StartAsync(Limit);
        var crowd = new Crowd(host);
        var storm = crowd.WorkAsync(silos: 1, workersEach: 64, TimeSpan.FromSeconds(24));
        await GrainHost.UntilAsync(() => crowd.Refused > 0);

        // The one whose window began without it waits for the next, and never for a second one.
        List<int> refusals = [];
        for (var i = 0; i < 3; i++) refusals.Add(await crowd.CallUntilDoneAsync(2, new RequestTurn(ReconcileLane.Change, "small")));
        await storm;

        Assert.All(refusals, count => Assert.InRange(count, 0, 2));
        Assert.Equal(0, host.Nango.Journal.Count(status: 429));
    }

    [Fact]
    public async Task A_429_that_one_silo_meets_is_obeyed_by_the_others()
    {
        await using var host = await SharedBudgetHost.StartAsync(Limit);
        host.Nango.Faults.Add(new FakeNango.FaultRule { Preset = "throttled", Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = "300" } });
        await Assert.ThrowsAsync<FailureException>(() => host.CallAsync(0, RequestTurn.Own, Ct));
        host.Nango.Faults.Clear();
        await GrainHost.UntilAsync(async () => (await host.Grain.GetState()).HeldUntil is not null);
        var before = host.Nango.Journal.LastSeq;

        foreach (var silo in (int[])[0, 1, 2])
        {
            var failure = (await Assert.ThrowsAsync<FailureException>(() => host.CallAsync(silo, RequestTurn.Own, Ct))).Failure;
            Assert.Equal(Reasons.RateLimited, failure.Reason);
            // Nango rounds down: one second more than it says.
            Assert.InRange(failure.RetryAfter!.Value, TimeSpan.FromSeconds(150), TimeSpan.FromSeconds(301));
        }

        Assert.Equal(before, host.Nango.Journal.LastSeq);
    }

    [Fact]
    public async Task An_outage_seen_by_all_silos_is_probed_by_one_and_its_end_reaches_all()
    {
        await using var host = await SharedBudgetHost.StartAsync(limit: null);
        var turn = new RequestTurn(ReconcileLane.Change, "team");
        host.Nango.Faults.Add("server-error");
        await GrainHost.UntilAsync(async () =>
        {
            foreach (var silo in (int[])[0, 1, 2]) await Assert.ThrowsAsync<FailureException>(() => host.CallAsync(silo, turn, Ct));
            return (await host.Grain.GetState()).Problem is not null;
        });
        Assert.Contains("server error", (await host.Grain.GetState()).Problem!.Message, StringComparison.Ordinal);

        // Free permits that are left are few: failures have made them void.
        foreach (var silo in (int[])[0, 1, 2]) await UntilRefusedAsync(silo);
        var before = host.Nango.Journal.LastSeq;
        for (var i = 0; i < 60; i++) await Assert.ThrowsAsync<FailureException>(() => host.CallAsync(i % 3, turn, Ct));
        Assert.InRange(host.Nango.Journal.LastSeq - before, 0, 2);
        host.Nango.Faults.Clear();

        await GrainHost.UntilAsync(async () => await Task.WhenAll(host.TryAsync(0, turn, Ct), host.TryAsync(1, turn, Ct), host.TryAsync(2, turn, Ct)) is [true, true, true]);
        Assert.Null((await host.Grain.GetState()).Problem);

        Task UntilRefusedAsync(int silo) => GrainHost.UntilAsync(async () =>
            (await Assert.ThrowsAsync<FailureException>(() => host.CallAsync(silo, turn, Ct))).Failure.Reason == Reasons.CircuitOpen);
    }

    [Fact]
    public async Task A_provider_is_looked_up_by_one_silo_for_all()
    {
        await using var host = await SharedBudgetHost.StartAsync(limit: null);

        foreach (var silo in (int[])[0, 1, 2])
        {
            Assert.Equal("OAUTH2", (await host.Silo(silo).GetProviderAsync(host.Endpoint, RequestTurn.Own, "slack", Ct)).AuthMode);
            var unknown = await Assert.ThrowsAsync<FailureException>(() => host.Silo(silo).GetProviderAsync(host.Endpoint, RequestTurn.Own, "slak", Ct));
            Assert.Contains("slack", unknown.Failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(3, host.Nango.Journal.Entries(pathPrefix: "/providers").Count);
        Assert.Equal(2, (await host.Grain.GetState()).Providers);
    }

    /// <summary>Resources that all want to call at once and come back when they were told to.</summary>
    private sealed class Crowd(SharedBudgetHost host)
    {
        private readonly ConcurrentQueue<TimeSpan> _waits = new();
        private int _made, _refused;

        public int Made => Volatile.Read(ref _made);

        public int Refused => Volatile.Read(ref _refused);

        public TimeSpan LongestWait => _waits.Max();

        public Task WorkAsync(int silos, int workersEach, TimeSpan length)
        {
            var start = Stopwatch.GetTimestamp();
            return Task.WhenAll(Enumerable.Range(0, silos * workersEach).Select(worker => Task.Run(
                async () =>
                {
                    var turn = new RequestTurn(worker % 2 == 0 ? ReconcileLane.Change : ReconcileLane.Resync, "big");
                    while (Stopwatch.GetElapsedTime(start) < length) await CallUntilDoneAsync(worker % silos, turn);
                },
                Ct)));
        }

        /// <summary>How often it was told to wait.</summary>
        public async Task<int> CallUntilDoneAsync(int silo, RequestTurn turn)
        {
            for (var refused = 0; ; refused++)
            {
                var start = Stopwatch.GetTimestamp();
                try
                {
                    await host.CallAsync(silo, turn, Ct);
                    Interlocked.Increment(ref _made);
                    return refused;
                }
                catch (FailureException e) when (e.Failure.RetryAfter is { } wait)
                {
                    _waits.Enqueue(Stopwatch.GetElapsedTime(start));
                    Interlocked.Increment(ref _refused);
                    await Task.Delay(wait + TimeSpan.FromSeconds(Random.Shared.NextDouble()), TimeProvider.System, Ct);
                }
            }
        }
    }
}
