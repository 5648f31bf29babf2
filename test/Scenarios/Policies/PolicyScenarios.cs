using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Policies;

public sealed class PoliciesOnRealServer(RealWorld world) : PolicyScenarios(world), IClassFixture<RealWorld>;

public sealed class PoliciesOnDouble(DoubleWorld world) : PolicyScenarios(world), IClassFixture<DoubleWorld>;

/// <summary>What the user may ask for besides "make it so": refuse what exists, only observe.</summary>
public abstract class PolicyScenarios(WorldFixture fixture)
{
    private const string Refuse = "  adoption_policy: Refuse", Observe = "  mode: Observe";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refuse_leaves_an_existing_integration_and_the_resource_alone()
    {
        var world = await fixture.GetAsync(Ct);
        MakeByHand(world, "theirs", TimeSpan.FromMinutes(-5));
        var before = world.Nango.Journal.LastSeq;

        await world.ApplyAsync(Manifest.Slack("refused", "theirs", more: Refuse), Ct);
        var refused = await world.UntilAsync("refused", s => s.Reason == "AlreadyExists", Ct);

        Assert.Equal("Failed", new Status(refused).Phase);
        Assert.NotNull(new Status(refused).Condition("Stalled"));
        Assert.Null(refused["metadata"]!["finalizers"]);
        Assert.DoesNotContain(world.Nango.Journal.Entries(before), e => e.Method != "GET");
        await world.DeleteAsync("refused", Ct);
        await world.UntilGoneAsync("refused", Ct);
        Assert.NotNull(world.Nango.State.Environment().Find("theirs"));
    }

    [Fact]
    public async Task Refuse_creates_what_is_absent_and_deletes_it_again()
    {
        var world = await fixture.GetAsync(Ct);

        await world.ApplyAsync(Manifest.Slack("fresh", "fresh-key", more: Refuse), Ct);
        var created = await world.UntilAsync("fresh", s => s.IsReady, Ct);

        Assert.NotNull((string?)created["metadata"]!["annotations"]!["nango.nango.dev/absent-at"]);
        await world.DeleteAsync("fresh", Ct);
        await world.UntilGoneAsync("fresh", Ct);
        Assert.Null(world.Nango.State.Environment().Find("fresh-key"));
    }

    [Fact]
    public async Task Refuse_knows_its_own_after_a_crash_between_the_POST_and_the_report()
    {
        var world = await fixture.GetAsync(Ct);
        world.Nango.Faults.Add(new FaultRule { Method = "POST", Path = "/integrations$", Kind = FaultKind.DelayAfterResponseCommit, DelayMs = 60_000, Count = 1 });
        await world.ApplyAsync(Manifest.Slack("cut-off", "cut-off-key", more: Refuse), Ct);
        await world.UntilAsync(() => world.Nango.State.Environment().Find("cut-off-key") is not null, Ct);

        await world.KillOperatorAsync();
        world.Nango.Faults.Clear();
        await world.StartOperatorAsync(Ct);
        await world.UntilAsync("cut-off", s => s.IsReady, Ct);

        var own = world.Nango.State.Environment().Find("cut-off-key")!;
        Assert.Equal(own.CreatedAt, own.UpdatedAt);
        Assert.DoesNotContain(await world.EventsAsync(Ct), e => (string?)e["involvedObject"]!["name"] == "cut-off" && (string?)e["type"] == "Warning");
    }

    [Fact]
    public async Task Refuse_knows_its_own_after_a_lost_answer()
    {
        var world = await fixture.GetAsync(Ct);
        world.Nango.Faults.Add("lost-answer", count: 1, method: "POST", path: "/integrations$");

        await world.ApplyAsync(Manifest.Slack("unheard", "unheard-key", more: Refuse), Ct);
        await world.UntilAsync("unheard", s => s.IsReady, Ct);

        Assert.Single(world.Nango.Journal.Entries(method: "POST"), e => e.Body!.Contains("\"unheard-key\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Observe_never_writes()
    {
        var world = await fixture.GetAsync(Ct);
        var before = world.Nango.Journal.LastSeq;

        await world.ApplyAsync(Manifest.Slack("observer", "observed", more: Observe), Ct);
        var absent = await world.UntilAsync("observer", s => s.Reason == "Absent", Ct);
        Assert.Null(absent["metadata"]!["finalizers"]);
        MakeByHand(world, "observed", TimeSpan.FromMinutes(-5));
        await world.PatchAsync("observer", Request("one"), Ct);
        var differs = await world.UntilAsync("observer", s => s.Reason == "Differs", Ct);
        Assert.Contains("display_name, credentials", new Status(differs).Message, StringComparison.Ordinal);
        world.Nango.State.Environment().Edit("observed", remote => remote with
        {
            DisplayName = "Slack",
            ClientId = "the-client-id",
            ClientSecret = "the-client-secret",
            Scopes = "chat:write,users:read",
        });
        await world.PatchAsync("observer", Request("two"), Ct);
        await world.UntilAsync("observer", s => s.IsReady, Ct);
        await world.DeleteAsync("observer", Ct);
        await world.UntilGoneAsync("observer", Ct);

        Assert.DoesNotContain(world.Nango.Journal.Entries(before), e => e.Method != "GET");
        Assert.NotNull(world.Nango.State.Environment().Find("observed"));
    }

    [Fact]
    public async Task Observed_from_now_on_it_loses_the_finalizer_and_Nango_is_not_touched()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("released", "released-key"), Ct);
        await world.UntilAsync("released", s => s.IsReady, Ct);
        var before = world.Nango.Journal.LastSeq;

        await world.PatchAsync("released", """{"spec":{"mode":"Observe"}}""", Ct);
        var observed = await world.UntilAsync("released", s => s.IsReady, Ct);
        Assert.Null(observed["metadata"]!["finalizers"]);
        await world.DeleteAsync("released", Ct);
        await world.UntilGoneAsync("released", Ct);

        Assert.DoesNotContain(world.Nango.Journal.Entries(before), e => e.Method != "GET");
        Assert.NotNull(world.Nango.State.Environment().Find("released-key"));
    }

    [Fact]
    public async Task One_that_only_observes_does_not_stand_in_anybodys_way()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("onlooker", "watched-key", more: Observe), Ct);
        await world.UntilAsync("onlooker", s => s.Reason == "Absent", Ct);

        await world.ApplyAsync(Manifest.Slack("manager", "watched-key"), Ct);
        await world.UntilAsync("manager", s => s.IsReady, Ct);
    }

    private static string Request(string at) => $$$$"""{"metadata":{"annotations":{"nango.nango.dev/reconcile-requested-at":"{{{{at}}}}"}}}""";

    private static void MakeByHand(OperatorWorld world, string key, TimeSpan ago)
    {
        var at = TimeProvider.System.GetUtcNow() + ago;
        Assert.True(world.Nango.State.Environment().TryAdd(new StoredIntegration
        {
            UniqueKey = key,
            Provider = "slack",
            DisplayName = "By hand",
            CreatedAt = at,
            UpdatedAt = at,
            ClientId = "their-id",
            ClientSecret = "their-secret",
        }));
    }
}
