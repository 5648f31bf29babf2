using System.Text.Json.Nodes;
using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.HardCases;

public sealed class ForeignEditsOnRealServer(RealWorld world) : ForeignEditScenarios(world), IClassFixture<RealWorld>;

public sealed class ForeignEditsOnDouble(DoubleWorld world) : ForeignEditScenarios(world), IClassFixture<DoubleWorld>;

/// <summary>What others write into a status, by whichever way, goes with one write of the operator's, and is not fought over.</summary>
public abstract class ForeignEditScenarios(WorldFixture fixture)
{
    private const string Integrations = "nangointegrations", Environments = "nangoenvironments";

    // Longer than two sweeps of the watcher, so that anything it would do again is seen.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(65);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_others_put_into_a_status_goes_with_one_write_for_each_edit_and_then_nothing_is_written()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("edited", "edited-key"), Ct);
        await world.UntilEventAsync("edited", e => (string?)e["reason"] == "Created", Ct);
        // A check sees more than the answer to a POST tells.
        await world.PatchAsync("edited", """{"metadata":{"annotations":{"nango.nango.dev/reconcile-requested-at":"first"}}}""", Ct);
        await world.UntilAsync(async () => (string?)(await world.GetAsync("edited", Ct))!["status"]!["last_handled_reconcile_at"] == "first", Ct);
        var own = (await world.GetAsync("edited", Ct))!["status"]!.AsObject();
        var (calls, before) = (world.Nango.Journal.LastSeq, world.Proxy.CountWrites());

        var edit = new JsonObject
        {
            ["next_retry_time"] = "2099-01-01T00:00:00Z",
            ["attempts"] = 7,
            ["integration_id"] = "theirs",
            ["error_message"] = "forged",
            ["deletion_failing_since"] = "2020-01-01T00:00:00Z",
            ["nango"] = new JsonObject { ["connections"] = 3 },
            ["conditions"] = new JsonArray([.. own["conditions"]!.AsArray().Select(one => one!.DeepClone()), Approved()]),
        };
        await world.PatchAsync("edited", new JsonObject { ["status"] = edit }.ToJsonString(), Ct, "/status");
        await UntilAsBeforeAsync(world, Integrations, "edited", own, before + 1);

        await world.ApplyStatusAsync(Integrations, "edited", new() { ["next_retry_time"] = "2099-01-01T00:00:00Z", ["integration_id"] = "theirs", ["conditions"] = new JsonArray(Approved()) }, Ct);
        await UntilAsBeforeAsync(world, Integrations, "edited", own, before + 2);

        await world.ApplyStatusAsync(Integrations, "edited", new() { ["conditions"] = new JsonArray(Approved()) }, Ct);
        await UntilAsBeforeAsync(world, Integrations, "edited", own, before + 3);

        await Task.Delay(Rest, TimeProvider.System, Ct);
        Assert.Equal(before + 3, world.Proxy.CountWrites());
        Assert.DoesNotContain(world.Nango.Journal.Entries(calls), call => call.Method != "GET");
    }

    [Fact]
    public async Task What_others_put_into_the_status_of_an_environment_goes_the_same_way()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Secret("edited", ("token", OperatorWorld.Token)), Ct);
        await world.ApplyAsync("""
            apiVersion: nango.nango.dev/v1alpha1
            kind: NangoEnvironment
            metadata: {name: edited}
            spec: {token: {secretKeyRef: {name: edited, key: token}}}
            """, Ct);
        var own = (await world.UntilEnvironmentAsync("edited", s => s.IsReady, Ct))["status"]!.AsObject();
        await world.UntilEventAsync("edited", e => (string?)e["involvedObject"]!["kind"] == "NangoEnvironment", Ct);
        var before = world.Proxy.CountWrites();

        await world.ApplyStatusAsync(
            Environments, "edited", new() { ["token_secret"] = new JsonObject { ["name"] = "theirs" }, ["observedGeneration"] = 7, ["conditions"] = new JsonArray(Approved()) }, Ct);
        await UntilAsBeforeAsync(world, Environments, "edited", own, before + 1);

        await world.ApplyStatusAsync(Environments, "edited", new() { ["conditions"] = new JsonArray(Approved()) }, Ct);
        await UntilAsBeforeAsync(world, Environments, "edited", own, before + 2);

        await Task.Delay(Rest, TimeProvider.System, Ct);
        Assert.Equal(before + 2, world.Proxy.CountWrites());
    }

    private static JsonObject Approved() =>
        new() { ["type"] = "Approved", ["status"] = "True", ["reason"] = "Theirs", ["message"] = "", ["lastTransitionTime"] = "2026-01-01T00:00:00Z" };

    private static async Task UntilAsBeforeAsync(OperatorWorld world, string plural, string name, JsonObject own, int writes)
    {
        JsonNode now = own;
        await world.UntilAsync(
            async () =>
            {
                now = (await world.GetAsync(plural, name, Ct))!["status"]!;
                return !now["conditions"]!.AsArray().Any(condition => (string?)condition!["type"] == "Approved");
            },
            Ct);

        // When a report was made is the one thing that it cannot have kept.
        Assert.True(JsonNode.DeepEquals(Timeless(now), Timeless(own)), $"{now.ToJsonString()} is not {own.ToJsonString()}");
        Assert.Equal(writes, world.Proxy.CountWrites());
    }

    private static JsonObject Timeless(JsonNode status)
    {
        var copy = status.DeepClone().AsObject();
        copy.Remove("last_updated");
        copy.Remove("last_list_time");
        return copy;
    }
}
