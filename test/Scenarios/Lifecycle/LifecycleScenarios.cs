using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Lifecycle;

public sealed class LifecycleOnRealServer(RealWorld world) : LifecycleScenarios(world), IClassFixture<RealWorld>;

public sealed class LifecycleOnDouble(DoubleWorld world) : LifecycleScenarios(world), IClassFixture<DoubleWorld>;

/// <summary>What a user does with one resource, and what must come of it.</summary>
public abstract class LifecycleScenarios(WorldFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_applied_resource_is_created_in_Nango_with_one_POST()
    {
        var world = await fixture.GetAsync(Ct);

        await world.ApplyAsync(Manifest.Slack("created", "created-key"), Ct);
        var resource = await world.UntilAsync("created", s => s.IsReady, Ct);

        var remote = world.Nango.State.Environment().Find("created-key");
        Assert.NotNull(remote);
        Assert.Equal("Created", new Status(resource).Phase);
        Assert.Equal("", new Status(resource).Message);
        Assert.Equal("created-key", (string?)resource["status"]!["integration_id"]);
        Assert.NotNull((string?)resource["status"]!["nango"]!["created_at"]);
        Assert.Null(new Status(resource).Condition("Stalled"));
        Assert.Null(new Status(resource).Condition("Reconciling"));
        Assert.Single(world.Nango.Journal.Entries(method: "POST", pathPrefix: "/integrations"), e => Posted(e.Body, "created-key"));
        await world.UntilEventAsync("created", e => (string?)e["reason"] == "Created", Ct);
    }

    [Fact]
    public async Task An_edited_display_name_reaches_Nango_as_a_PATCH_of_that_field_alone()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("edited", "edited-key"), Ct);
        await world.UntilAsync("edited", s => s.IsReady, Ct);
        var before = world.Nango.Journal.LastSeq;

        await world.PatchAsync("edited", """{"spec":{"display_name":"Another name"}}""", Ct);
        await world.UntilAsync("edited", s => s.IsReady && s.Reason == "Updated", Ct);

        var patch = Assert.Single(world.Nango.Journal.Entries(before, "PATCH", "/integrations/edited-key"));
        Assert.Equal(["display_name"], patch.BodyFields);
        Assert.Equal("Another name", world.Nango.State.Environment().Find("edited-key")!.DisplayName);
    }

    [Fact]
    public async Task Deleting_the_resource_deletes_the_integration()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("deleted", "deleted-key"), Ct);
        await world.UntilAsync("deleted", s => s.IsReady, Ct);

        await world.DeleteAsync("deleted", Ct);
        await world.UntilGoneAsync("deleted", Ct);

        Assert.Null(world.Nango.State.Environment().Find("deleted-key"));
    }

    [Fact]
    public async Task An_integration_with_connections_outlives_its_resource()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("used", "used-key"), Ct);
        await world.UntilAsync("used", s => s.IsReady, Ct);
        world.Nango.State.Environment().SetConnections("used-key", 3);

        await world.DeleteAsync("used", Ct);
        await world.UntilGoneAsync("used", Ct);

        Assert.NotNull(world.Nango.State.Environment().Find("used-key"));
        await world.UntilEventAsync("used", e => (string?)e["type"] == "Warning" && (string?)e["reason"] == "InUse" && ((string?)e["message"])!.Contains("3 connections", StringComparison.Ordinal), Ct);
    }

    [Theory]
    [InlineData("Delete", false)]
    [InlineData("Retain", true)]
    public async Task The_other_deletion_policies_do_as_they_say(string policy, bool stays)
    {
        var world = await fixture.GetAsync(Ct);
        var (name, key) = ($"policy-{policy.ToLowerInvariant()}", $"policy-{policy}");
        await world.ApplyAsync(Manifest.Slack(name, key, more: $"  deletion_policy: {policy}"), Ct);
        await world.UntilAsync(name, s => s.IsReady, Ct);
        world.Nango.State.Environment().SetConnections(key, 3);

        await world.DeleteAsync(name, Ct);
        await world.UntilGoneAsync(name, Ct);

        Assert.Equal(stays, world.Nango.State.Environment().Find(key) is not null);
    }

    [Fact]
    public async Task An_existing_integration_is_taken_over_and_made_to_agree()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("first", "taken-over", more: "  deletion_policy: Retain"), Ct);
        await world.UntilAsync("first", s => s.IsReady, Ct);
        await world.DeleteAsync("first", Ct);
        await world.UntilGoneAsync("first", Ct);
        // Resources are dated in whole seconds: only a later second tells the integration from one made for this resource.
        await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System, Ct);

        await world.ApplyAsync(Manifest.Slack("second", "taken-over", "Better name"), Ct);
        var resource = await world.UntilAsync("second", s => s.IsReady, Ct);

        Assert.Equal("Adopted", new Status(resource).Reason);
        Assert.Equal("Better name", world.Nango.State.Environment().Find("taken-over")!.DisplayName);
    }

    [Fact]
    public async Task Of_two_resources_with_one_key_the_second_is_told_of_the_first_and_takes_over_when_it_goes()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("owner", "contested", "Owner"), Ct);
        await world.UntilAsync("owner", s => s.IsReady, Ct);

        await world.ApplyAsync(Manifest.Slack("rival", "contested", "Rival"), Ct);
        var rival = new Status(await world.UntilAsync("rival", s => s.Phase == "Conflict", Ct));
        Assert.Contains($"{world.Namespace}/owner", rival.Message);
        Assert.Equal("Owner", world.Nango.State.Environment().Find("contested")!.DisplayName);
        await world.DeleteAsync("owner", Ct);
        await world.UntilGoneAsync("owner", Ct);
        await world.UntilAsync("rival", s => s.IsReady, Ct);

        Assert.Equal("Rival", world.Nango.State.Environment().Find("contested")!.DisplayName);
    }

    [Fact]
    public async Task The_same_key_may_be_used_in_two_environments_of_one_server_and_once_in_each()
    {
        const string Prod = "0b8f8a3e-51f7-4a55-8d0e-6d1d0c9a7b11";
        var world = await fixture.GetAsync(Ct);
        world.Nango.State.AddKey(ApiKey.For(Prod, "prod"));
        await world.ApplyAsync(Manifest.Slack("in-dev", "both"), Ct);
        await world.UntilAsync("in-dev", s => s.IsReady, Ct);

        await world.ApplyAsync(Manifest.Slack("in-prod", "both", more: $"  nango_token: {Prod}"), Ct);
        await world.UntilAsync("in-prod", s => s.IsReady, Ct);
        await world.ApplyAsync(Manifest.Slack("again-in-prod", "both", "Rewritten", more: $"  nango_token: {Prod}"), Ct);
        var rival = new Status(await world.UntilAsync("again-in-prod", s => s.Phase == "Conflict", Ct));

        Assert.Contains($"{world.Namespace}/in-prod", rival.Message);
        Assert.NotNull(world.Nango.State.Environment().Find("both"));
        Assert.Equal("Slack", world.Nango.State.Environment("prod").Find("both")!.DisplayName);
        Assert.True(new Status((await world.GetAsync("in-dev", Ct))!).IsReady);
    }

    [Fact]
    public async Task Values_from_Secrets_are_used_and_their_rotation_is_followed()
    {
        var world = await fixture.GetAsync(Ct);
        var manifest = Manifest.Slack("secrets", "secrets-key").Replace(
            "client_secret: the-client-secret", "client_secret: {secretKeyRef: {name: oauth, key: secret}}", StringComparison.Ordinal);
        await world.ApplyAsync(manifest, Ct);
        var missing = new Status(await world.UntilAsync("secrets", s => s.Reason == "SecretNotFound", Ct));
        Assert.Contains("\"oauth\"", missing.Message);

        await world.ApplyAsync(Manifest.Secret("oauth", ("secret", "one\\n")), Ct);
        await world.UntilAsync("secrets", s => s.IsReady, Ct);
        Assert.Equal("one", world.Nango.State.Environment().Find("secrets-key")!.ClientSecret);
        await world.ApplyAsync(Manifest.Secret("oauth", ("secret", "two")), Ct);
        await world.UntilAsync(() => world.Nango.State.Environment().Find("secrets-key")!.ClientSecret == "two", Ct);
        await world.UntilAsync("secrets", s => s.IsReady && s.Reason == "Updated", Ct);
    }

    [Fact]
    public async Task A_Secret_rotated_while_the_operator_was_down_is_noticed_at_start_with_one_PATCH()
    {
        var world = await fixture.GetAsync(Ct);
        var manifest = Manifest.Slack("downtime", "downtime-key").Replace(
            "client_secret: the-client-secret", "client_secret: {secretKeyRef: {name: downtime, key: secret}}", StringComparison.Ordinal);
        await world.ApplyAsync(Manifest.Secret("downtime", ("secret", "old")), Ct);
        await world.ApplyAsync(manifest, Ct);
        await world.UntilAsync("downtime", s => s.IsReady, Ct);

        await world.KillOperatorAsync();
        await world.ApplyAsync(Manifest.Secret("downtime", ("secret", "new")), Ct);
        var before = world.Nango.Journal.LastSeq;
        await world.StartOperatorAsync(Ct);
        await world.UntilAsync("downtime", s => s.IsReady && s.Reason == "Updated", Ct);

        Assert.Single(world.Nango.Journal.Entries(before, "PATCH"));
        Assert.Equal("new", world.Nango.State.Environment().Find("downtime-key")!.ClientSecret);
    }

    [Fact]
    public async Task A_suspended_resource_is_left_alone_until_it_is_resumed()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("suspended", "suspended-key", more: "  suspend: true"), Ct);
        await world.UntilAsync("suspended", s => s.Phase == "Suspended", Ct);
        Assert.Null(world.Nango.State.Environment().Find("suspended-key"));

        await world.PatchAsync("suspended", """{"spec":{"suspend":false}}""", Ct);
        await world.UntilAsync("suspended", s => s.IsReady, Ct);

        Assert.NotNull(world.Nango.State.Environment().Find("suspended-key"));
    }

    [Fact]
    public async Task A_requested_reconcile_puts_right_what_was_edited_by_hand_and_is_echoed()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("requested", "requested-key", "Wanted"), Ct);
        await world.UntilAsync("requested", s => s.IsReady, Ct);
        world.Nango.State.Environment().Edit("requested-key", remote => remote with { DisplayName = "Edited by hand" });

        await world.PatchAsync("requested", """{"metadata":{"annotations":{"nango.nango.dev/reconcile-requested-at":"now"}}}""", Ct);
        var handled = await world.UntilAsync("requested", s => s.IsReady && s.Reason == "Updated", Ct);

        Assert.Equal("now", (string?)handled["status"]!["last_handled_reconcile_at"]);
        Assert.Equal("Wanted", world.Nango.State.Environment().Find("requested-key")!.DisplayName);
    }

    private static bool Posted(string? body, string key) => body?.Contains($"\"{key}\"", StringComparison.Ordinal) == true;
}
