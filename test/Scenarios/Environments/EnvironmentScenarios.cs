using System.Text.Json.Nodes;
using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Environments;

public sealed class EnvironmentsOnRealServer(RealWorld world) : EnvironmentScenarios(world), IClassFixture<RealWorld>;

public sealed class EnvironmentsOnDouble(DoubleWorld world) : EnvironmentScenarios(world), IClassFixture<DoubleWorld>;

/// <summary>Environment objects, and the integrations that refer to them.</summary>
public abstract class EnvironmentScenarios(WorldFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_integration_uses_the_server_and_token_of_its_environment()
    {
        var world = await fixture.GetAsync(Ct);
        await GivenEnvironmentAsync(world, "production");

        await world.ApplyAsync(Referring("by-reference", "by-reference-key", "production"), Ct);
        var resource = await world.UntilAsync("by-reference", s => s.IsReady, Ct);

        var environment = await world.UntilEnvironmentAsync("production", s => s.IsReady, Ct);
        Assert.NotNull(world.Nango.State.Environment().Find("by-reference-key"));
        Assert.Equal((string?)environment["metadata"]!["uid"], (string?)resource["status"]!["environment"]!["key"]);
        Assert.Equal("TokenAccepted", new Status(environment).Reason);
        Assert.Null(resource["status"]!["observed_secrets"]);
    }

    [Fact]
    public async Task An_integration_that_comes_before_its_environment_recovers_by_itself()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Referring("early", "early-key", "late"), Ct);
        var missing = new Status(await world.UntilAsync("early", s => s.Reason == "EnvironmentNotFound", Ct));
        Assert.Contains("NangoEnvironment late", missing.Message);

        await GivenEnvironmentAsync(world, "late");
        await world.UntilAsync("early", s => s.IsReady, Ct);
    }

    [Fact]
    public async Task A_broken_environment_tells_its_trouble_once_and_its_integrations_point_to_it()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Environment("broken"), Ct);
        await world.ApplyAsync(Manifest.Secret("broken", ("token", "00000000-0000-4000-8000-00000000dead")), Ct);
        var before = world.Nango.Journal.LastSeq;
        await world.ApplyAsync(Referring("pointer-1", "pointer-key-1", "broken") + "\n---\n" + Referring("pointer-2", "pointer-key-2", "broken"), Ct);

        var one = new Status(await world.UntilAsync("pointer-1", s => s.Reason == "EnvironmentNotReady", Ct));
        await world.UntilAsync("pointer-2", s => s.Reason == "EnvironmentNotReady", Ct);

        Assert.Equal("NangoEnvironment broken is not ready: see its status.", one.Message);
        Assert.Equal("TokenRefused", new Status(await world.UntilEnvironmentAsync("broken", s => s.Condition("Stalled") is not null, Ct)).Reason);
        Assert.Empty(world.Nango.Journal.Entries(before, "POST", "/integrations"));
        await world.ApplyAsync(Manifest.Secret("broken", ("token", OperatorWorld.Token)), Ct);
        await world.UntilAsync("pointer-1", s => s.IsReady, Ct);
        await world.UntilAsync("pointer-2", s => s.IsReady, Ct);
    }

    [Fact]
    public async Task A_rotated_token_reaches_every_integration_and_none_of_them_fails()
    {
        var world = await fixture.GetAsync(Ct);
        const string Second = "7d2b1f60-93a4-4c1e-8b52-1f0e6d9c3a41";
        world.Nango.State.AddKey(ApiKey.For(Second, world.Nango.State.DefaultEnvironment));
        await GivenEnvironmentAsync(world, "rotated");
        var names = Enumerable.Range(0, 5).Select(i => $"rotated-{i}").ToArray();
        foreach (var name in names) await world.ApplyAsync(Referring(name, name, "rotated"), Ct);
        foreach (var name in names) await world.UntilAsync(name, s => s.IsReady, Ct);
        var version = (string?)(await world.GetEnvironmentAsync("rotated", Ct))!["status"]!["token_secret"]!["resource_version"];

        await world.ApplyAsync(Manifest.Secret("rotated", ("token", Second)), Ct);
        await world.UntilEnvironmentAsync("rotated", s => s.IsReady && s.TokenVersion != version, Ct);
        foreach (var name in names) await world.PatchAsync(name, """{"spec":{"display_name":"After the rotation"}}""", Ct);
        foreach (var name in names) await world.UntilAsync(name, s => s.IsReady && s.Reason == "Updated", Ct);

        Assert.All(names, name => Assert.Equal("After the rotation", world.Nango.State.Environment().Find(name)!.DisplayName));
        Assert.DoesNotContain(await world.EventsAsync(Ct), e => (string?)e["type"] == "Warning" && names.Contains((string?)e["involvedObject"]!["name"]));
        Assert.All(await world.ListAsync(Ct), one => Assert.NotEqual("Recreated", new Status(one).Reason));
    }

    [Fact]
    public async Task Only_allowed_namespaces_may_use_a_cluster_environment()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Secret("shared", ("token", OperatorWorld.Token)), Ct);
        await world.ApplyAsync(ClusterEnvironment(world, "shared-one", "{names: [elsewhere]}"), Ct);
        await world.ApplyAsync(Referring("guest", "guest-key", "shared-one", "ClusterNangoEnvironment"), Ct);
        var refused = new Status(await world.UntilAsync("guest", s => s.Reason == "EnvironmentNotAllowed", Ct));
        Assert.Contains(world.Namespace, refused.Message);
        Assert.Null(world.Nango.State.Environment().Find("guest-key"));

        await world.ApplyAsync(ClusterEnvironment(world, "shared-one", $"{{names: [elsewhere, {world.Namespace}]}}"), Ct);
        await world.UntilAsync("guest", s => s.IsReady, Ct);
        await world.ApplyAsync(ClusterEnvironment(world, "shared-one", "{selector: {matchLabels: {nango: allowed}}}"), Ct);
        await world.UntilAsync("guest", s => s.Reason == "EnvironmentNotAllowed", Ct);
        await world.ApplyAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {world.Namespace}, labels: {{nango: allowed}}}}}}", Ct);
        await world.UntilAsync("guest", s => s.IsReady, Ct);
    }

    [Fact]
    public async Task Keys_must_begin_as_the_environment_asks()
    {
        var world = await fixture.GetAsync(Ct);
        await GivenEnvironmentAsync(world, "prefixed", "  key_prefix_policy: \"{namespace}.\"");

        await world.ApplyAsync(Referring("wrong-prefix", "slack", "prefixed"), Ct);
        await world.ApplyAsync(Referring("right-prefix", $"{world.Namespace}.slack", "prefixed"), Ct);
        var wrong = new Status(await world.UntilAsync("wrong-prefix", s => s.Reason == "KeyPrefixRequired", Ct));
        await world.UntilAsync("right-prefix", s => s.IsReady, Ct);

        Assert.Contains($"\"{world.Namespace}.\"", wrong.Message);
        Assert.Null(world.Nango.State.Environment().Find("slack"));
    }

    [Fact]
    public async Task A_protected_environment_keeps_what_is_in_it()
    {
        var world = await fixture.GetAsync(Ct);
        await GivenEnvironmentAsync(world, "protected", "  deletion_protection: true");
        await world.ApplyAsync(Referring("kept", "kept-key", "protected", more: "  deletion_policy: Delete"), Ct);
        await world.UntilAsync("kept", s => s.IsReady, Ct);

        await world.DeleteAsync("kept", Ct);
        await world.UntilGoneAsync("kept", Ct);

        Assert.NotNull(world.Nango.State.Environment().Find("kept-key"));
        await world.UntilEventAsync("kept", e => (string?)e["reason"] == "Retained" && ((string?)e["message"])!.Contains("deletion_protection", StringComparison.Ordinal), Ct);
    }

    [Fact]
    public async Task A_suspended_environment_leaves_its_integrations_alone_until_it_is_resumed()
    {
        var world = await fixture.GetAsync(Ct);
        await GivenEnvironmentAsync(world, "paused", "  suspend: true");
        await world.ApplyAsync(Referring("resting", "resting-key", "paused"), Ct);
        await world.UntilAsync("resting", s => s.Phase == "Suspended" && s.Reason == "EnvironmentSuspended", Ct);
        Assert.Null(world.Nango.State.Environment().Find("resting-key"));

        await world.ApplyAsync(Environment("paused", "  suspend: false"), Ct);
        await world.UntilAsync("resting", s => s.IsReady, Ct);
    }

    [Fact]
    public async Task A_resource_that_never_reached_Nango_goes_although_its_environment_went_first()
    {
        var world = await fixture.GetAsync(Ct);
        await GivenEnvironmentAsync(world, "gone-first", "  suspend: true");
        await world.ApplyAsync(Referring("orphan", "orphan-key", "gone-first"), Ct);
        await world.UntilAsync("orphan", s => s.Phase == "Suspended", Ct);

        await world.DeleteEnvironmentAsync("gone-first", Ct);
        await world.UntilAsync("orphan", s => s.Reason == "EnvironmentNotFound", Ct);
        await world.DeleteAsync("orphan", Ct);
        await world.UntilGoneAsync("orphan", Ct);
    }

    [Fact]
    public async Task An_environment_tells_by_events_when_it_is_lost_and_regained_and_says_so_once()
    {
        var world = await fixture.GetAsync(Ct);
        await GivenEnvironmentAsync(world, "eventful");
        await world.UntilEnvironmentAsync("eventful", s => s.IsReady, Ct);
        await world.ApplyAsync(Referring("eventful", "eventful-key", "eventful"), Ct);
        await world.UntilAsync("eventful", s => s.IsReady, Ct);

        await world.ApplyAsync(Manifest.Secret("eventful", ("token", "00000000-0000-4000-8000-00000000dead")), Ct);
        await world.UntilEnvironmentAsync("eventful", s => s.Reason == "TokenRefused", Ct);
        // More reasons to look, and nothing new to be said.
        await world.ApplyAsync(Environment("eventful", "  deletion_protection: true"), Ct);
        await world.UntilEnvironmentAsync("eventful", s => s.IsCurrent && s.Reason == "TokenRefused", Ct);
        await world.ApplyAsync(Manifest.Secret("eventful", ("token", OperatorWorld.Token)), Ct);
        await world.UntilEnvironmentAsync("eventful", s => s.IsReady, Ct);
        await world.UntilAsync(async () => (await EventsAsync(world)).Count == 2 && (await EventsAsync(world)).Any(e => (string?)e["reason"] == "TokenAccepted" && (int?)e["count"] == 2), Ct);

        var events = (await EventsAsync(world)).OrderBy(e => (string?)e["reason"], StringComparer.Ordinal).ToList();
        Assert.Equal([("TokenAccepted", "Normal", 2), ("TokenRefused", "Warning", 1)], events.Select(e => ((string?)e["reason"], (string?)e["type"], (int?)e["count"])));
        Assert.All(events, e => Assert.Equal("nango-integration-operator", (string?)e["source"]!["component"]));
        var uid = (string?)(await world.GetEnvironmentAsync("eventful", Ct))!["metadata"]!["uid"];
        Assert.All(events, e => Assert.Equal(uid, (string?)e["involvedObject"]!["uid"]));

        async Task<List<JsonObject>> EventsAsync(OperatorWorld world) =>
            [.. (await world.EventsAsync(Ct)).Where(e => (string?)e["involvedObject"]!["kind"] == "NangoEnvironment" && (string?)e["involvedObject"]!["name"] == "eventful")];
    }

    [Fact]
    public async Task Events_about_a_cluster_environment_are_kept_in_default()
    {
        var world = await fixture.GetAsync(Ct);

        await world.ApplyAsync(ClusterEnvironment(world, "told-in-default", "{}").Replace("name: shared,", "name: nowhere,", StringComparison.Ordinal), Ct);

        await world.UntilAsync(async () => (await world.ClusterEventsAsync(Ct)).Any(e => (string?)e["involvedObject"]!["name"] == "told-in-default"), Ct);
        var told = Assert.Single(await world.ClusterEventsAsync(Ct), e => (string?)e["involvedObject"]!["name"] == "told-in-default");
        Assert.Equal(("ClusterNangoEnvironment", "Warning", "SecretNotFound"), ((string?)told["involvedObject"]!["kind"], (string?)told["type"], (string?)told["reason"]));
        Assert.Null(told["involvedObject"]!["namespace"]);
    }

    [Fact]
    public async Task The_environment_counts_its_integrations()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Referring("counted", "counted-key", "counting"), Ct);
        await world.UntilAsync("counted", s => s.Reason == "EnvironmentNotFound", Ct);

        await GivenEnvironmentAsync(world, "counting");
        await world.UntilAsync("counted", s => s.IsReady, Ct);

        Assert.Equal(1, (int?)(await world.GetEnvironmentAsync("counting", Ct))!["status"]!["integrations"]!["declared"]);
    }

    [Fact]
    public async Task An_outage_is_told_by_the_environment_and_its_end_wakes_those_who_waited_and_nobody_else()
    {
        var world = await fixture.GetAsync(Ct);
        await GivenEnvironmentAsync(world, "outage");
        await world.ApplyAsync(Referring("outage-settled", "outage-settled-key", "outage"), Ct);
        await world.UntilAsync("outage-settled", s => s.IsReady, Ct);
        // Until the first comparison is over, some seconds after the start: one that fails looks at every resource singly.
        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System, Ct);
        world.Nango.Faults.Add("server-error");

        var names = Enumerable.Range(0, 20).Select(i => $"outage-{i}").ToArray();
        foreach (var name in names) await world.ApplyAsync(Referring(name, $"{name}-key", "outage"), Ct);
        var told = new Status(await world.UntilEnvironmentAsync("outage", s => s.Reason == "CircuitOpen", Ct));
        Assert.NotNull(told.Condition("Reconciling"));
        Assert.Contains("server error", (string?)told.Condition("Ready")!["message"]);
        var before = world.Nango.Journal.LastSeq;
        world.Nango.Faults.Clear();

        foreach (var name in names) await world.UntilAsync(name, s => s.IsReady, Ct);
        await world.UntilEnvironmentAsync("outage", s => s.IsReady && s.Reason == "TokenAccepted", Ct);
        Assert.DoesNotContain(world.Nango.Journal.Entries(before), entry => entry.Path.Contains("outage-settled-key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_limit_that_Nango_tells_is_shown_and_the_objects_own_is_kept()
    {
        await using var world = await OperatorWorld.StartAsync(fixture.Kind, Ct);
        world.Nango.RateLimitPerMinute = 1000;
        await GivenEnvironmentAsync(world, "limited", "  rate_limit: {requests_per_minute: 15, reserve_percent: 50}");

        var environment = await world.UntilEnvironmentAsync("limited", s => s.IsReady, Ct);
        Assert.Equal(1000, (int?)environment["status"]!["observed_limit"]);
        for (var i = 0; i < 20; i++) await world.ApplyAsync(Referring($"limited-{i}", $"limited-{i}", "limited"), Ct);
        await world.UntilAsync(() => world.Nango.Journal.Count("POST", "/integrations") >= 10, Ct);
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Ct);

        var calls = world.Nango.Journal.Entries();
        Assert.InRange(calls.Count, 10, int.MaxValue);
        // What a slow machine does in the next window does not count.
        Assert.InRange(calls.Count(call => call.Time < calls[0].Time.AddSeconds(55)), 1, 15);
    }

    private static async Task GivenEnvironmentAsync(OperatorWorld world, string name, string more = "")
    {
        await world.ApplyAsync(Manifest.Secret(name, ("token", OperatorWorld.Token)), Ct);
        await world.ApplyAsync(Environment(name, more), Ct);
    }

    private static string Environment(string name, string more = "") => $$"""
        apiVersion: nango.nango.dev/v1alpha1
        kind: NangoEnvironment
        metadata:
          name: {{name}}
        spec:
          token: {secretKeyRef: {name: {{name}}, key: token} }
        {{more}}
        """;

    private static string ClusterEnvironment(OperatorWorld world, string name, string allowed) => $$"""
        apiVersion: nango.nango.dev/v1alpha1
        kind: ClusterNangoEnvironment
        metadata:
          name: {{name}}
        spec:
          base_url: {{world.Nango.BaseUrl}}
          token: {secretKeyRef: {namespace: {{world.Namespace}}, name: shared, key: token} }
          allowed_namespaces: {{allowed}}
        """;

    private static string Referring(string name, string key, string environment, string kind = "NangoEnvironment", string more = "") =>
        Manifest.Slack(name, key, more: $"  environment_ref: {{kind: {kind}, name: {environment} }}\n{more}");
}
