using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.HardCases;

public sealed class HardCasesOnRealServer(RealWorld world) : HardCaseScenarios(world), IClassFixture<RealWorld>;

public sealed class HardCasesOnDouble(DoubleWorld world) : HardCaseScenarios(world), IClassFixture<DoubleWorld>;

/// <summary>The cases in which a controller that is almost right goes wrong.</summary>
public abstract class HardCaseScenarios(WorldFixture fixture)
{
    private const string OtherToken = "0b8f5a3e-3c1d-4f6a-9d8e-7a6b5c4d3e2f", NewToken = "1c9f6b4e-4d2e-4a7b-8e9f-8b7c6d5e4f30";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_acknowledged_poke_whose_silo_dies_is_done_by_the_next_one()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("poked", "poked-key"), Ct);
        await world.UntilAsync("poked", s => s.IsReady, Ct);
        world.Nango.Faults.Add(new FaultRule { Method = "PATCH", Kind = FaultKind.Delay, DelayMs = 60_000 });
        var before = world.Nango.Journal.LastSeq;
        await world.PatchAsync("poked", """{"spec":{"display_name":"Changed"}}""", Ct);
        // The grain has it: it has read Nango and is about to write.
        await world.Nango.Journal.WaitForAsync(e => e.Method == "GET" && e.Path.EndsWith("poked-key", StringComparison.Ordinal), Ct, before);

        await world.KillOperatorAsync();
        world.Nango.Faults.Clear();
        await world.StartOperatorAsync(Ct);
        await world.UntilAsync("poked", s => s.IsReady, Ct);

        Assert.Equal("Changed", world.Nango.State.Environment().Find("poked-key")!.DisplayName);
    }

    [Fact]
    public async Task A_frozen_silo_whose_POST_lands_after_the_object_is_gone_removes_it_again()
    {
        var world = await fixture.GetAsync(Ct);
        world.Nango.Faults.Add(new FaultRule { Method = "POST", Path = "/integrations$", Kind = FaultKind.DelayAfterResponseCommit, DelayMs = 8_000, Count = 1 });
        await world.ApplyAsync(Manifest.Slack("frozen", "frozen-key"), Ct);
        await world.UntilAsync(() => world.Nango.State.Environment().Find("frozen-key") is not null, Ct);

        await world.Silo.FreezeAsync(Ct);
        await world.DeleteAsync("frozen", Ct);
        await world.PatchAsync("frozen", """{"metadata":{"finalizers":null}}""", Ct);
        await world.UntilGoneAsync("frozen", Ct);
        await world.Silo.ThawAsync(Ct);

        await world.UntilAsync(() => world.Nango.State.Environment().Find("frozen-key") is null, Ct);
    }

    [Fact]
    public async Task The_DELETE_of_the_old_owner_and_the_work_of_its_successor_do_not_meet()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("leaving", "handed-over", "Old"), Ct);
        await world.UntilAsync("leaving", s => s.IsReady, Ct);
        await world.ApplyAsync(Manifest.Slack("coming", "handed-over", "New"), Ct);
        await world.UntilAsync("coming", s => s.Phase == "Conflict", Ct);
        world.Nango.Faults.Add(new FaultRule { Method = "DELETE", Kind = FaultKind.DelayAfterResponseCommit, DelayMs = 8_000, Count = 1 });
        var before = world.Nango.Journal.LastSeq;

        await world.DeleteAsync("leaving", Ct);
        await world.PatchAsync("coming", """{"spec":{"display_name":"Newer"}}""", Ct);
        await world.UntilGoneAsync("leaving", Ct);
        await world.UntilAsync("coming", s => s.IsReady, Ct);

        Assert.Equal("Newer", world.Nango.State.Environment().Find("handed-over")!.DisplayName);
        // In the order of the answers: the successor may only begin once the DELETE is answered, not merely carried out.
        var writes = world.Nango.Journal.Entries(before).Where(e => e.Method != "GET").Select(e => $"{e.Method} {e.Path} {e.Status}");
        Assert.Equal("DELETE /integrations/handed-over 200, POST /integrations 200", string.Join(", ", writes));
    }

    [Fact]
    public async Task An_environment_edit_that_meets_a_key_owned_by_somebody_else_is_refused_and_the_deletion_goes_back()
    {
        var world = await fixture.GetAsync(Ct);
        world.Nango.State.AddKey(ApiKey.For(OtherToken, "prod"));
        var at = TimeProvider.System.GetUtcNow().AddMinutes(-5);
        world.Nango.State.Environment("prod").TryAdd(new StoredIntegration { UniqueKey = "moved-key", Provider = "slack", DisplayName = "Theirs", CreatedAt = at, UpdatedAt = at });
        await world.ApplyAsync(Manifest.Slack("moved", "moved-key", more: "  adoption_policy: Refuse"), Ct);
        await world.UntilAsync("moved", s => s.IsReady, Ct);

        await world.PatchAsync("moved", $$$"""{"spec":{"nango_token":"{{{OtherToken}}}"}}""", Ct);
        await world.UntilAsync("moved", s => s.Reason == "AlreadyExists" && s.IsCurrent, Ct);
        await world.DeleteAsync("moved", Ct);
        await world.UntilGoneAsync("moved", Ct);

        Assert.Equal("Theirs", world.Nango.State.Environment("prod").Find("moved-key")!.DisplayName);
        Assert.Null(world.Nango.State.Environment().Find("moved-key"));
    }

    [Fact]
    public async Task A_foreign_edit_of_the_status_is_put_right_once()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("doctored", "doctored-key"), Ct);
        await world.UntilAsync("doctored", s => s.IsReady, Ct);

        await world.PatchAsync("doctored", """{"status":{"status":"Failed","environment":{"key":"0000000000000000"}}}""", Ct, "/status");
        var repaired = await world.UntilAsync("doctored", s => s.IsReady && s.Phase == "Created", Ct);

        Assert.NotEqual("0000000000000000", (string?)repaired["status"]!["environment"]!["key"]);
        var remote = world.Nango.State.Environment().Find("doctored-key")!;
        Assert.Equal(remote.CreatedAt, remote.UpdatedAt);
        var version = (string?)repaired["metadata"]!["resourceVersion"];
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Ct);
        Assert.Equal(version, (string?)(await world.GetAsync("doctored", Ct))!["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task A_foreign_edit_of_created_at_is_not_taken_for_a_re_creation()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("misdated", "misdated-key", more: "  custom: {a: b}"), Ct);
        var made = (string?)(await world.UntilAsync("misdated", s => s.IsReady, Ct))["status"]!["nango"]!["created_at"];
        var before = world.Nango.Journal.LastSeq;

        await world.PatchAsync("misdated", """{"status":{"nango":{"created_at":"2020-01-01T00:00:00.000Z"}}}""", Ct, "/status");
        await world.UntilAsync(async () => (string?)(await world.GetAsync("misdated", Ct))!["status"]!["nango"]!["created_at"] == made, Ct);

        Assert.Equal("Created", new Status((await world.GetAsync("misdated", Ct))!).Reason);
        Assert.DoesNotContain(world.Nango.Journal.Entries(before), e => e.Method != "GET");
        Assert.DoesNotContain(await world.EventsAsync(Ct), e => (string?)e["involvedObject"]!["name"] == "misdated" && (string?)e["reason"] == "Recreated");
    }

    [Fact]
    public async Task A_change_that_Nango_takes_but_does_not_show_is_told_and_not_repeated()
    {
        var world = await fixture.GetAsync(Ct);
        var at = TimeProvider.System.GetUtcNow().AddMinutes(-5);
        world.Nango.State.Environment().TryAdd(new StoredIntegration { UniqueKey = "quickstart", Provider = "slack", DisplayName = "Slack", UsesSharedApp = true, CreatedAt = at, UpdatedAt = at });
        await world.ApplyAsync(Manifest.Slack("quick", "quickstart"), Ct);
        await world.UntilAsync("quick", s => s.Reason == "NotApplied" && s.Condition("Stalled") is not null, Ct);
        var before = world.Nango.Journal.LastSeq;

        await world.PatchAsync("quick", """{"metadata":{"annotations":{"nango.nango.dev/reconcile-requested-at":"again"}}}""", Ct);
        await world.UntilAsync(async () => (string?)(await world.GetAsync("quick", Ct))!["status"]!["last_handled_reconcile_at"] == "again", Ct);

        Assert.DoesNotContain(world.Nango.Journal.Entries(before), e => e.Method == "PATCH");
    }

    [Fact]
    public async Task A_rotation_of_the_token_itself_changes_nothing_but_the_recorded_key()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Secret("rotating", ("token", OperatorWorld.Token)), Ct);
        await world.ApplyAsync(Manifest.Slack("rotating", "rotating-key", more: "  nango_token: {secretKeyRef: {name: rotating, key: token}}\n  custom: {a: b}"), Ct);
        var first = await world.UntilAsync("rotating", s => s.IsReady, Ct);
        world.Nango.State.AddKey(ApiKey.For(NewToken, "dev"));
        var before = world.Nango.Journal.LastSeq;

        await world.ApplyAsync(Manifest.Secret("rotating", ("token", NewToken)), Ct);
        var key = (string?)first["status"]!["environment"]!["key"];
        await world.UntilAsync(async () => (string?)(await world.GetAsync("rotating", Ct))!["status"]!["environment"]!["key"] != key, Ct);

        Assert.True(new Status((await world.GetAsync("rotating", Ct))!).IsReady);
        Assert.DoesNotContain(world.Nango.Journal.Entries(before), e => e.Method != "GET");
        Assert.DoesNotContain(await world.EventsAsync(Ct), e => (string?)e["involvedObject"]!["name"] == "rotating" && (string?)e["type"] == "Warning");
    }
}
