using System.Diagnostics;
using System.Globalization;
using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Scale;

/// <summary>
/// Ten thousand deletions under a limit of 200 a minute take long, but every window brings some of them to their end. Shown with a
/// limit that is far below the number of runs at a time, in short windows.
/// </summary>
public sealed class DeletionLimitScenarios
{
    private const int Few = 30, RequestsForEach = 3;

    private static readonly TimeSpan Standstill = TimeSpan.FromMinutes(2), LookEvery = TimeSpan.FromMilliseconds(500);

    // Many are deleted with Nango's own limit, in windows that are as short as its answers can tell.
    private static readonly int Resources = int.Parse(System.Environment.GetEnvironmentVariable("DELETION_RESOURCES") ?? "30", CultureInfo.InvariantCulture);
    private static readonly int Limit = Resources > Few ? 200 : 20;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(Resources > Few ? 2 : 6);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task Many_more_deletions_than_a_window_has_requests_all_come_to_their_end_and_none_is_given_up(ServerKind kind)
    {
        await using var world = await OperatorWorld.StartAsync(kind, Ct, ("NangoOrleans__Deletion__GiveUpAfter", "1s"));
        await CreateAsync(world);
        (world.Nango.RateLimitPerMinute, world.Nango.RateLimitWindow) = (Limit, Window);
        // Slow answers let all that may begin do so before the first of them goes on: the worst order there is.
        world.Nango.Faults.Add(new FaultRule { Method = "GET", Path = "/integrations", Kind = FaultKind.Delay, DelayMs = (int)Window.TotalMilliseconds / 6 });
        world.Proxy.ResetCounts();
        var (calls, refused) = (world.Nango.Journal.Count(), world.Nango.Journal.Count(status: 429));
        var started = TimeProvider.System.GetTimestamp();

        await world.DeleteAllAsync(Ct);
        var asked = TimeProvider.System.GetElapsedTime(started);
        await ShrinkAsync(() => world.Nango.State.Environment().Count, 0);
        await world.UntilAllAsync(0, _ => true, Ct);

        Tell(world, asked, TimeProvider.System.GetElapsedTime(started), calls, refused);
        Assert.DoesNotContain(await world.EventsAsync(Ct), e => (string?)e["reason"] == "DeletionAbandoned");
        // The limit shows with the first answers, when as many runs as may are under way: they are refused, or begin again in a later window.
        var (storm, all) = (world.Nango.Journal.Count(status: 429) - refused, world.Nango.Journal.Count() - calls);
        Assert.InRange(storm, 0, Limit + (Resources / 10));
        Assert.InRange(all - storm, RequestsForEach * Resources, (RequestsForEach * Resources * 11 / 10) + (2 * Limit));
    }

    private static async Task CreateAsync(OperatorWorld world)
    {
        await Parallel.ForAsync(
            0, Resources, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct },
            async (i, ct) => await world.ApplyAsync(Manifest.Slack($"many-{i}", $"many-{i}"), ct));
        await ShrinkAsync(() => Resources - world.Nango.State.Environment().Count, 0);
        await world.UntilAllAsync(Resources, s => s.IsReady, Ct);
        // Events go out behind the work.
        await ShrinkAsync(() => Resources - world.Proxy.Count("create", "events"), 0);
    }

    private static async Task ShrinkAsync(Func<int> left, int end)
    {
        var (least, since) = (left(), TimeProvider.System.GetTimestamp());
        while (left() is var now && now > end)
        {
            if (now < least) (least, since) = (now, TimeProvider.System.GetTimestamp());
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Standstill, $"{now} are left, and nothing moves.");
            await Task.Delay(LookEvery, TimeProvider.System, Ct);
        }
    }

    private static void Tell(OperatorWorld world, TimeSpan asked, TimeSpan took, long calls, long refused)
    {
        var nango = world.Nango.Journal.Count() - calls;
        var writes = string.Join(", ", world.Proxy.Passed.Where(r => r.IsWrite).GroupBy(r => $"{r.Verb} {r.Resource}").Select(g => $"{g.Key} {world.Proxy.Count(g.First().Verb, g.First().Resource)}"));
        using var silo = Process.GetProcessById(world.Silo.Id);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Resources} deletions, limit {Limit} in {Window.TotalSeconds:0} s: asked for in {asked.TotalSeconds:0} s, done after {took.TotalSeconds:0} s; {nango / (double)Resources:0.00} requests to Nango for each, {world.Nango.Journal.Count(status: 429) - refused} refused with 429; "
            + $"{world.Proxy.Count() / (double)Resources:0.00} requests to the API server for each ({writes}); the silo's peak of memory {silo.PeakWorkingSet64 / (1024 * 1024)} MiB."));
    }
}
