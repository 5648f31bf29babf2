using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Scenarios.Faults;

public sealed class WatchFaultsOnRealServer(RealWorld real) : WatchFaultScenarios(real), IClassFixture<RealWorld>
{
    [Fact]
    public async Task The_API_server_may_be_restarted()
    {
        var world = await Fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("before-restart", "before-restart"), Ct);

        await ((RealApiServer)world.Server).RestartAsync(Ct);
        await ApplyUntilServedAsync(world, Manifest.Slack("after-restart", "after-restart"));

        await world.UntilAsync("before-restart", s => s.IsReady, Ct);
        await world.UntilAsync("after-restart", s => s.IsReady, Ct);
    }

    // A server says that it is ready some moments before it serves custom resources.
    private static Task ApplyUntilServedAsync(OperatorWorld world, string yaml) => world.UntilAsync(
        async () =>
        {
            try
            {
                await world.ApplyAsync(yaml, Ct);
                return true;
            }
            catch (Exception e) when (e is InvalidOperationException or HttpRequestException)
            {
                return false;
            }
        },
        Ct);
}

public sealed class WatchFaultsOnDouble(DoubleWorld world) : WatchFaultScenarios(world), IClassFixture<DoubleWorld>;

/// <summary>The way to the API server breaks in each way it has been seen to: nothing is lost.</summary>
public abstract class WatchFaultScenarios(WorldFixture fixture)
{
    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected WorldFixture Fixture => fixture;

    [Fact]
    public async Task A_cut_watch_is_taken_up_again()
    {
        var world = await fixture.GetAsync(Ct);
        await world.UntilAsync(() => world.Proxy.CutWatches() > 0, Ct);

        await world.ApplyAsync(Manifest.Slack("cut", "cut"), Ct);

        await world.UntilAsync("cut", s => s.IsReady, Ct);
    }

    [Theory]
    [InlineData(ExpiredForm.Event)]
    [InlineData(ExpiredForm.Status)]
    public async Task After_a_410_everything_is_listed_again_deletions_included(ExpiredForm form)
    {
        var world = await fixture.GetAsync(Ct);
        var name = $"expired-{form}".ToLowerInvariant();
        await world.ApplyAsync(Manifest.Slack(name, name), Ct);
        await world.UntilAsync(name, s => s.IsReady, Ct);
        var happened = world.Proxy.ExpireNextWatch(form, "nangointegrations");
        await world.UntilAsync(() => world.Proxy.CutWatches() >= 0 && happened.IsCompleted, Ct);

        await world.ApplyAsync(Manifest.Slack($"{name}-later", $"{name}-later"), Ct);
        await world.DeleteAsync(name, Ct);

        await world.UntilAsync($"{name}-later", s => s.IsReady, Ct);
        await world.UntilGoneAsync(name, Ct);
        Assert.Null(world.Nango.State.Environment().Find(name));
    }

    [Fact]
    public async Task An_outage_of_the_API_server_loses_nothing()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("outage-deleted", "outage-deleted"), Ct);
        await world.UntilAsync("outage-deleted", s => s.IsReady, Ct);

        world.Proxy.TakeDown();
        await world.ApplyAsync(Manifest.Slack("outage-created", "outage-created"), Ct);
        await world.DeleteAsync("outage-deleted", Ct);
        world.Proxy.BringUp();

        await world.UntilAsync("outage-created", s => s.IsReady, Ct);
        await world.UntilGoneAsync("outage-deleted", Ct);
        Assert.Null(world.Nango.State.Environment().Find("outage-deleted"));
    }

    [Fact]
    public async Task A_lost_answer_to_a_write_is_found_out_and_the_work_is_finished()
    {
        var world = await fixture.GetAsync(Ct);
        var finalizer = world.Proxy.DropAnswerOfNextWrite(r => r.Name == "lost-write");

        await world.ApplyAsync(Manifest.Slack("lost-write", "lost-write"), Ct);
        await finalizer.WaitAsync(TimeSpan.FromMinutes(3), TimeProvider.System, Ct);
        await world.UntilAsync("lost-write", s => s.IsReady, Ct);

        Assert.Single(world.Nango.Journal.Entries(method: "POST", pathPrefix: "/integrations"), e => e.Status == 200 && e.Body!.Contains("\"lost-write\"", StringComparison.Ordinal));
    }
}
