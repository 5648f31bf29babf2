using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Scale;

/// <summary>More to do than Nango's limiter allows in one window.</summary>
public sealed class RateLimitScenarios
{
    private const int Limit = 100, Reserved = 20, Resources = 150;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task A_crowd_is_worked_through_window_by_window_without_meeting_the_limit_or_using_the_reserve(ServerKind kind)
    {
        await using var world = await OperatorWorld.StartAsync(kind, Ct);
        world.Nango.RateLimitPerMinute = Limit;

        await Parallel.ForAsync(
            0, Resources, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct },
            async (i, ct) => await world.ApplyAsync(Manifest.Slack($"crowd-{i}", $"crowd-{i}"), ct));
        await world.UntilAllAsync(Resources, s => s.IsReady, Ct);

        Assert.Equal(0, world.Nango.Journal.Count(status: 429));
        Assert.Equal(Resources, world.Nango.Journal.Count("POST", "/integrations"));
        var begun = world.Nango.Journal.Entries()[0].Time;
        Assert.InRange(world.Nango.Journal.Entries().Count(e => e.Time < begun.AddSeconds(60)), 1, Limit - Reserved);
    }
}
