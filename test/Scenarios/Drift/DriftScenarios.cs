using System.Globalization;
using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Drift;

/// <summary>A world whose operator compares as often as it may.</summary>
public sealed class RealDriftWorld() : WorldFixture(ServerKind.Real, DriftScenarios.OftenCompared);

/// <summary>The same on the development double.</summary>
public sealed class DoubleDriftWorld() : WorldFixture(ServerKind.Development, DriftScenarios.OftenCompared);

public sealed class DriftOnRealServer(RealDriftWorld world) : DriftScenarios(world), IClassFixture<RealDriftWorld>;

public sealed class DriftOnDouble(DoubleDriftWorld world) : DriftScenarios(world), IClassFixture<DoubleDriftWorld>;

/// <summary>
/// Somebody changes Nango by hand. Found out by one list for each interval, and by one at start; most tests restart the operator, since
/// that is the shorter wait.
/// </summary>
public abstract class DriftScenarios(WorldFixture fixture)
{
    internal static readonly (string Name, string Value) OftenCompared = ("NangoOrleans__Resync__Interval", "1m");

    // The figure promised is 2,000, which takes minutes on a small machine: NANGO_SCENARIO_UNCHANGED=2000.
    private static readonly int Unchanged = int.Parse(Environment.GetEnvironmentVariable("NANGO_SCENARIO_UNCHANGED") ?? "300", CultureInfo.InvariantCulture);

    // Longer than anything that a comparison sets off takes here.
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(3);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_done_by_hand_is_put_right_at_the_next_comparison()
    {
        var world = await fixture.GetAsync(Ct);
        foreach (var name in (string[])["hand-deleted", "hand-edited", "hand-recreated", "hand-touched", "hand-spared"])
            await CreateAsync(world, name);
        var nango = world.Nango.State.Environment();
        var untouched = new Status((await world.GetAsync("hand-touched", Ct))!).RemoteUpdatedAt;
        var (before, later) = (world.Nango.Journal.LastSeq, TimeProvider.System.GetUtcNow().AddSeconds(1));
        var made = nango.Find("hand-recreated")!;

        nango.Remove("hand-deleted");
        nango.Edit("hand-edited", remote => remote with { DisplayName = "By hand", UpdatedAt = later });
        nango.Remove("hand-recreated");
        nango.TryAdd(made with { CreatedAt = later, UpdatedAt = later, DisplayName = "Made anew" });
        nango.Edit("hand-touched", remote => remote with { UpdatedAt = later });

        await world.UntilAsync("hand-deleted", s => s.IsReady && s.Reason == "Recreated", Ct);
        await world.UntilAsync("hand-recreated", s => s.IsReady && s.Reason == "Recreated", Ct);
        await world.UntilAsync("hand-edited", s => s.IsReady && s.Reason == "Updated", Ct);
        await world.UntilAsync(() => Changes(world, before).Count >= 3, Ct);
        Assert.NotNull(nango.Find("hand-deleted"));
        Assert.Equal(["PATCH /integrations/hand-edited", "PATCH /integrations/hand-recreated", "POST /integrations"], Changes(world, before));
        Assert.Equal("Slack", nango.Find("hand-edited")!.DisplayName);
        Assert.Equal("Slack", nango.Find("hand-recreated")!.DisplayName);
        // What was seen of it is recorded.
        var touched = await world.UntilAsync("hand-touched", s => s.RemoteUpdatedAt != untouched, Ct);
        Assert.Equal("Created", new Status(touched).Reason);
        Assert.Empty(world.Nango.Journal.Entries(before, pathPrefix: "/integrations/hand-spared"));

        // What was found is recorded, so that the next comparison is silent.
        var settled = await CompareAtStartAsync(world);
        Assert.Single(world.Nango.Journal.Entries(settled.Calls));
        Assert.Equal(settled.Writes, world.Proxy.CountWrites());
    }

    [Fact]
    public async Task A_list_that_began_before_our_own_write_shows_no_drift()
    {
        var world = await fixture.GetAsync(Ct);
        var (before, written) = (0L, 0L);
        // A silo that has just come up may be slower than a list can be held.
        for (var attempt = 1; ; attempt++)
        {
            await CreateAsync(world, $"listed-{attempt}");
            await world.KillOperatorAsync();
            before = world.Nango.Journal.LastSeq;
            world.Nango.Faults.Add(new FaultRule { Method = "GET", Path = "/integrations$", Kind = FaultKind.DelayAfterResponseCommit, DelayMs = 12_000, Count = 1 });
            await world.StartOperatorAsync(Ct);
            await world.UntilAsync(() => world.Nango.Journal.Entries(before, "GET").Any(e => e.Route == "/integrations"), Ct);

            await world.PatchAsync($"listed-{attempt}", """{"spec":{"display_name":"After the list"}}""", Ct);
            await CreateAsync(world, $"unlisted-yet-{attempt}");
            await world.UntilAsync($"listed-{attempt}", s => s.IsReady && s.Reason == "Updated", Ct);
            written = world.Nango.Journal.LastSeq;
            var wasHeld = TheList().Outcome == CallOutcome.Pending;
            await world.UntilAsync(() => TheList().Outcome != CallOutcome.Pending, Ct);
            // Given up by the operator, it was not compared with anything.
            if (wasHeld && TheList().Outcome == CallOutcome.Answered) break;
            Assert.InRange(attempt, 1, 4);
        }

        await Task.Delay(Aftermath, TimeProvider.System, Ct);

        Assert.Empty(world.Nango.Journal.Entries(written, pathPrefix: "/integrations/"));
        Assert.Empty(Changes(world, written));

        JournalEntry TheList() => world.Nango.Journal.Entries(before, "GET").First(e => e.Route == "/integrations");
    }

    [Fact]
    public async Task Unchanged_integrations_cost_one_request_for_each_comparison_and_no_write_however_many_they_are()
    {
        var world = await fixture.GetAsync(Ct);
        await Parallel.ForAsync(
            0, Unchanged, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (i, ct) => await world.ApplyAsync(Manifest.Slack($"calm-{i}", $"calm-{i}"), ct));
        foreach (var i in Enumerable.Range(0, Unchanged)) await world.UntilAsync($"calm-{i}", s => s.IsReady, Ct);

        var (calls, writes) = await CompareAtStartAsync(world);
        await world.UntilAsync(() => Lists(world, calls) == 2, Ct);
        await Task.Delay(Aftermath, TimeProvider.System, Ct);

        Assert.Equal(2, world.Nango.Journal.Entries(calls).Count);
        Assert.Equal(writes, world.Proxy.CountWrites());
    }

    [Fact]
    public async Task An_environment_that_cannot_be_listed_is_compared_one_by_one()
    {
        var world = await fixture.GetAsync(Ct);
        await CreateAsync(world, "unlisted");
        world.Nango.Faults.Add("server-error", method: "GET", path: "/integrations$");
        world.Nango.State.Environment().Edit("unlisted", remote => remote with { DisplayName = "By hand", UpdatedAt = remote.UpdatedAt.AddSeconds(1) });
        var before = world.Nango.Journal.LastSeq;

        await world.KillOperatorAsync();
        await world.StartOperatorAsync(Ct);
        await world.UntilAsync("unlisted", s => s.IsReady && s.Reason == "Updated", Ct);

        Assert.Equal("Slack", world.Nango.State.Environment().Find("unlisted")!.DisplayName);
        Assert.Equal(2, Lists(world, before));
        Assert.Equal(["PATCH /integrations/unlisted"], Changes(world, before));
    }

    [Fact]
    public async Task A_key_that_may_not_read_credentials_shows_no_false_drift()
    {
        const string Token = "0b7f6a34-51d2-4c89-8f3e-6a1d2c3b4e5f";
        var world = await fixture.GetAsync(Ct);
        string[] scopes = ["list", "read", "create", "update", "delete"];
        world.Nango.State.AddKey(ApiKey.For(Token, "scoped", [.. scopes.Select(scope => $"environment:integrations:{scope}")]));
        await world.ApplyAsync(Manifest.Slack("scoped", "scoped-key", more: $"  nango_token: {Token}"), Ct);
        await world.UntilAsync("scoped", s => s.IsReady, Ct);
        var nango = world.Nango.State.Environment("scoped");

        var (calls, _) = await CompareAtStartAsync(world, "scoped");
        Assert.Single(world.Nango.Journal.Entries(calls), e => e.Environment == "scoped");

        // Somebody wrote: what cannot be seen is sent once more, and then there is peace again.
        nango.Edit("scoped-key", remote => remote with { ClientSecret = "by hand", UpdatedAt = remote.UpdatedAt.AddSeconds(1) });
        (calls, _) = await CompareAtStartAsync(world, "scoped");
        await world.UntilAsync("scoped", s => s.IsReady && s.Reason == "Updated", Ct);
        Assert.Equal("the-client-secret", nango.Find("scoped-key")!.ClientSecret);
        Assert.DoesNotContain("display_name", Assert.Single(world.Nango.Journal.Entries(calls, "PATCH", "/integrations/scoped-key")).BodyFields);
        (calls, _) = await CompareAtStartAsync(world, "scoped");
        Assert.Single(world.Nango.Journal.Entries(calls), e => e.Environment == "scoped");

        // The other tests count the requests of all environments.
        await world.DeleteAsync("scoped", Ct);
        await world.UntilGoneAsync("scoped", Ct);
    }

    private static async Task CreateAsync(OperatorWorld world, string name)
    {
        await world.ApplyAsync(Manifest.Slack(name, name), Ct);
        await world.UntilAsync(name, s => s.IsReady, Ct);
    }

    /// <summary>Restarts the operator and waits until it has compared.</summary>
    private static async Task<(long Calls, int Writes)> CompareAtStartAsync(OperatorWorld world, string? environment = null)
    {
        await world.KillOperatorAsync();
        var (calls, writes) = (world.Nango.Journal.LastSeq, world.Proxy.CountWrites());
        await world.StartOperatorAsync(Ct);
        await world.UntilAsync(() => Lists(world, calls, environment) > 0, Ct);
        await Task.Delay(Aftermath, TimeProvider.System, Ct);
        return (calls, writes);
    }

    private static int Lists(OperatorWorld world, long since, string? environment = null) =>
        world.Nango.Journal.Entries(since, "GET").Count(e => e.Route == "/integrations" && (environment is null || e.Environment == environment));

    private static List<string> Changes(OperatorWorld world, long since) =>
        [.. world.Nango.Journal.Entries(since).Where(e => e.Method != "GET").Select(e => $"{e.Method} {e.Path}").Order(StringComparer.Ordinal)];
}
