using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Scale;

/// <summary>
/// Ten thousand deletions under a limit of 200 a minute take long, but every window brings some of them to their end. Shown with a
/// limit that is far below the number of runs at a time, in short windows.
/// </summary>
public sealed class DeletionLimitScenarios
{
    private const int Limit = 20, Resources = 30;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task Many_more_deletions_than_a_window_has_requests_all_come_to_their_end_and_none_is_given_up(ServerKind kind)
    {
        await using var world = await OperatorWorld.StartAsync(kind, Ct, ("NangoOrleans__Deletion__GiveUpAfter", "1s"));
        for (var i = 0; i < Resources; i++) await world.ApplyAsync(Manifest.Slack($"many-{i}", $"many-{i}"), Ct);
        await world.UntilAllAsync(Resources, s => s.IsReady, Ct);
        (world.Nango.RateLimitPerMinute, world.Nango.RateLimitWindow) = (Limit, TimeSpan.FromSeconds(6));
        // Slow answers let all that may begin do so before the first of them goes on: the worst order there is.
        world.Nango.Faults.Add(new FaultRule { Method = "GET", Path = "/integrations", Kind = FaultKind.Delay, DelayMs = 1_000 });

        for (var i = 0; i < Resources; i++) await world.DeleteAsync($"many-{i}", Ct);
        await world.UntilAllAsync(0, _ => true, Ct);

        Assert.Equal(0, world.Nango.State.Environment().Count);
        Assert.DoesNotContain(await world.EventsAsync(Ct), e => (string?)e["reason"] == "DeletionAbandoned");
    }
}
