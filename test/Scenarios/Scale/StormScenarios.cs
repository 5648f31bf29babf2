using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing;

namespace NangoOrleans.Scenarios.Scale;

/// <summary>A thousand resources at once, and then nothing: what they cost, counted and not timed.</summary>
public sealed class StormScenarios
{
    private const int Resources = 1000;

    // Longer than two sweeps of the watcher, so that anything it would do at rest is seen.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(65);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public Task A_thousand_resources_cost_two_writes_one_event_and_one_POST_each_and_nothing_at_rest(ServerKind kind) =>
        // A request that is not answered within ten seconds is made again.
        SteadyMachine.RunAsync(TimeSpan.FromSeconds(5), () => StormAsync(kind), Ct);

    private static async Task StormAsync(ServerKind kind)
    {
        await using var world = await OperatorWorld.StartAsync(kind, Ct);

        await Parallel.ForAsync(
            0, Resources, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct },
            async (i, ct) => await world.ApplyAsync(Manifest.Slack($"storm-{i}", $"storm-{i}"), ct));
        await world.UntilAllAsync(Resources, s => s.IsReady, Ct);
        // Events go out behind the work.
        await world.UntilAsync(() => world.Proxy.Count("create", "events") >= Resources, Ct);

        Assert.InRange(world.Proxy.CountWrites() - world.Proxy.Count("create", "events"), Resources, 2 * Resources);
        Assert.Equal(Resources, world.Proxy.Count("create", "events"));
        Assert.Equal(Resources, world.Nango.Journal.Count("POST", "/integrations"));
        Assert.Equal(Resources, world.Nango.Journal.Count("POST", "/integrations", 200));
        // One look-up of the provider for all, and one list if the first resources were there when the watcher's first comparison was due.
        Assert.InRange(world.Nango.Journal.Count() - world.Nango.Journal.Count("POST", "/integrations"), 1, 2);

        var (writes, calls) = (world.Proxy.CountWrites(), world.Nango.Journal.LastSeq);
        await Task.Delay(Rest, TimeProvider.System, Ct);
        Assert.Equal(writes, world.Proxy.CountWrites());
        Assert.Equal(calls, world.Nango.Journal.LastSeq);

        await world.KillOperatorAsync();
        await world.StartOperatorAsync(Ct);
        // What happened while nobody watched is found out by one list.
        await world.UntilAsync(() => world.Nango.Journal.LastSeq > calls, Ct);
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Ct);
        Assert.Equal(writes, world.Proxy.CountWrites());
        Assert.Equal("/integrations", Assert.Single(world.Nango.Journal.Entries(calls, "GET")).Route);
        Assert.Equal(calls + 1, world.Nango.Journal.LastSeq);
    }
}
