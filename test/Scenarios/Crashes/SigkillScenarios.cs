using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Crashes;

/// <summary>The operator is killed without warning, again and again, in the middle of the work.</summary>
public sealed class SigkillScenarios
{
    private const int Resources = 200, Kills = 10;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task Ten_kills_during_a_storm_lose_nothing_and_create_nothing_twice(ServerKind kind)
    {
        await using var world = await OperatorWorld.StartAsync(kind, Ct);
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage("Seed {0}", seed);
        var random = new Random(seed);
        // Slow enough that each start finds work left.
        world.Proxy.Delay(TimeSpan.FromMilliseconds(20));
        var applied = Task.Run(() => ApplyAsync(world), Ct);

        for (var i = 0; i < Kills; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 1500)), TimeProvider.System, Ct);
            await world.KillOperatorAsync();
            await world.StartOperatorUnreadyAsync(Ct);
        }

        await applied;
        await world.UntilAllAsync(Resources, s => s.IsReady, Ct);

        var succeeded = world.Nango.Journal.Entries(method: "POST", pathPrefix: "/integrations").Count(e => e.Status == 200);
        Assert.Equal(Resources, world.Nango.State.Environment().Count);
        Assert.Equal(Resources, succeeded);
        Assert.All(world.Nango.State.Environment().All(), one => Assert.Equal(one.CreatedAt, one.UpdatedAt));
    }

    [Fact]
    public async Task Kills_during_a_mass_deletion_leave_nothing_behind()
    {
        await using var world = await OperatorWorld.StartAsync(ServerKind.Development, Ct);
        await ApplyAsync(world);
        await world.UntilAllAsync(Resources, s => s.IsReady, Ct);
        world.Proxy.Delay(TimeSpan.FromMilliseconds(20));

        var deleted = Task.Run(() => Parallel.ForAsync(0, Resources, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (i, ct) => await world.DeleteAsync($"storm-{i}", ct)), Ct);
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System, Ct);
            await world.KillOperatorAsync();
            await world.StartOperatorUnreadyAsync(Ct);
        }

        await deleted;
        await world.UntilAllAsync(0, _ => true, Ct);

        Assert.Equal(0, world.Nango.State.Environment().Count);
    }

    private static Task ApplyAsync(OperatorWorld world) => Parallel.ForAsync(
        0, Resources, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Ct },
        async (i, ct) => await world.ApplyAsync(Manifest.Slack($"storm-{i}", $"storm-{i}"), ct));
}
