using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Deletion;

/// <summary>A world whose operator gives deletions up as early as it can: after the first minute's five attempts.</summary>
public sealed class RealImpatientWorld() : WorldFixture(ServerKind.Real, StubbornDeletionScenarios.Impatient);

/// <summary>The same on the development double.</summary>
public sealed class DoubleImpatientWorld() : WorldFixture(ServerKind.Development, StubbornDeletionScenarios.Impatient);

public sealed class StubbornDeletionsOnRealServer(RealImpatientWorld world) : StubbornDeletionScenarios(world), IClassFixture<RealImpatientWorld>;

public sealed class StubbornDeletionsOnDouble(DoubleImpatientWorld world) : StubbornDeletionScenarios(world), IClassFixture<DoubleImpatientWorld>;

/// <summary>Deletions that cannot be carried out: none hangs for ever, and what is left behind is told.</summary>
public abstract class StubbornDeletionScenarios(WorldFixture fixture)
{
    internal static readonly (string Name, string Value) Impatient = ("NangoOrleans__Deletion__GiveUpAfter", "1s");

    private const string Prod = "9b1f6a52-0c7d-4e3a-8f21-5d4c3b2a1908";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("token-revoked")]
    [InlineData("drop")]
    public async Task A_deletion_that_Nango_never_carries_out_is_given_up_with_a_warning(string preset)
    {
        var world = await fixture.GetAsync(Ct);
        var name = $"stuck-{preset}";
        await CreateAsync(world, name);
        world.Nango.Faults.Add(preset);

        await world.DeleteAsync(name, Ct);
        await world.UntilGoneAsync(name, Ct);
        world.Nango.Faults.Clear();

        Assert.NotNull(world.Nango.State.Environment().Find(name));
        await UntilToldAsync(world, name, "DeletionAbandoned", name);
    }

    [Fact]
    public async Task A_crowd_that_is_deleted_while_Nango_is_down_goes_although_the_circuit_is_open()
    {
        const int Crowd = 30;
        var world = await fixture.GetAsync(Ct);
        var names = Enumerable.Range(0, Crowd).Select(i => $"down-{i}").ToArray();
        foreach (var name in names) await world.ApplyAsync(Manifest.Slack(name, name), Ct);
        foreach (var name in names) await world.UntilAsync(name, s => s.IsReady, Ct);
        world.Nango.Faults.Add("drop");

        foreach (var name in names) await world.DeleteAsync(name, Ct);
        foreach (var name in names) await world.UntilGoneAsync(name, Ct);
        world.Nango.Faults.Clear();

        Assert.All(names, name => Assert.NotNull(world.Nango.State.Environment().Find(name)));
    }

    [Fact]
    public async Task An_environment_that_is_deleted_first_holds_up_nobody_for_ever_and_what_is_left_is_told()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Secret("first", ("token", OperatorWorld.Token)), Ct);
        await world.ApplyAsync("""
            apiVersion: nango.nango.dev/v1alpha1
            kind: NangoEnvironment
            metadata: {name: first}
            spec: {token: {secretKeyRef: {name: first, key: token} } }
            """, Ct);
        await CreateAsync(world, "survivor", "  environment_ref: {kind: NangoEnvironment, name: first}");

        await world.DeleteEnvironmentAsync("first", Ct);
        // The operator, too, knows that it is gone.
        await world.UntilAsync("survivor", s => s.Reason == "EnvironmentNotFound", Ct);
        await world.DeleteAsync("survivor", Ct);
        await world.UntilGoneAsync("survivor", Ct);

        Assert.NotNull(world.Nango.State.Environment().Find("survivor"));
        await UntilToldAsync(world, "survivor", "DeletionAbandoned", "NangoEnvironment first");
    }

    [Fact]
    public async Task A_token_that_may_not_count_connections_keeps_the_integration_and_names_the_missing_scope()
    {
        const string Token = "3e2d1c0b-9a8f-4e7d-8c6b-5a4938271605";
        var world = await fixture.GetAsync(Ct);
        string[] scopes = ["list", "read", "create", "update", "delete"];
        world.Nango.State.AddKey(ApiKey.For(Token, "uncounted", [.. scopes.Select(scope => $"environment:integrations:{scope}")]));
        await CreateAsync(world, "uncounted", $"  nango_token: {Token}");

        await world.DeleteAsync("uncounted", Ct);
        await world.UntilGoneAsync("uncounted", Ct);

        Assert.NotNull(world.Nango.State.Environment("uncounted").Find("uncounted"));
        await UntilToldAsync(world, "uncounted", "InUse", "environment:connections:list");
    }

    [Fact]
    public async Task A_deletion_after_an_edit_that_never_worked_acts_where_it_was_last_applied()
    {
        var world = await GetWithProdAsync();
        await world.ApplyAsync(Manifest.Secret("before", ("token", Prod)), Ct);
        await CreateAsync(world, "returning", "  nango_token: {secretKeyRef: {name: before, key: token}}");
        Assert.NotNull(world.Nango.State.Environment("prod").Find("returning"));

        await EditTokenAsync(world, "returning", """{"secretKeyRef":{"name":"not-there","key":"token"}}""", "SecretNotFound");
        await world.DeleteAsync("returning", Ct);
        await world.UntilGoneAsync("returning", Ct);

        Assert.Null(world.Nango.State.Environment("prod").Find("returning"));
    }

    [Fact]
    public async Task A_deletion_whose_credential_went_with_the_edit_is_given_up_and_says_where_it_is_left()
    {
        var world = await GetWithProdAsync();
        await CreateAsync(world, "cut-loose", $"  nango_token: {Prod}");

        await EditTokenAsync(world, "cut-loose", """{"secretKeyRef":{"name":"not-there","key":"token"}}""", "SecretNotFound");
        await world.DeleteAsync("cut-loose", Ct);
        await world.UntilGoneAsync("cut-loose", Ct);

        Assert.NotNull(world.Nango.State.Environment("prod").Find("cut-loose"));
        await UntilToldAsync(world, "cut-loose", "DeletionAbandoned", "cut-loose");
    }

    [Fact]
    public async Task An_edit_to_an_environment_where_somebody_owns_the_key_is_a_conflict_and_the_deletion_goes_back()
    {
        var world = await GetWithProdAsync();
        await world.ApplyAsync(Manifest.Slack("resident", "shared-name", "Resident", more: $"  nango_token: {Prod}"), Ct);
        await world.UntilAsync("resident", s => s.IsReady, Ct);
        await world.ApplyAsync(Manifest.Slack("newcomer", "shared-name", "Newcomer"), Ct);
        await world.UntilAsync("newcomer", s => s.IsReady, Ct);

        await EditTokenAsync(world, "newcomer", $"\"{Prod}\"", "KeyConflict");
        await world.DeleteAsync("newcomer", Ct);
        await world.UntilGoneAsync("newcomer", Ct);

        Assert.Null(world.Nango.State.Environment().Find("shared-name"));
        Assert.Equal("Resident", world.Nango.State.Environment("prod").Find("shared-name")!.DisplayName);
    }

    [Fact]
    public async Task An_edit_to_another_environment_leaves_the_old_integration_and_says_where()
    {
        var world = await GetWithProdAsync();
        await CreateAsync(world, "emigrant");
        var old = (string?)(await world.GetAsync("emigrant", Ct))!["status"]!["environment"]!["key"];

        await world.PatchAsync("emigrant", $$$"""{"spec":{"nango_token":"{{{Prod}}}"}}""", Ct);
        await world.UntilAsync(() => world.Nango.State.Environment("prod").Find("emigrant") is not null, Ct);
        await UntilToldAsync(world, "emigrant", "Retained", old!);
        await world.UntilAsync("emigrant", s => s.IsReady, Ct);
        await world.DeleteAsync("emigrant", Ct);
        await world.UntilGoneAsync("emigrant", Ct);

        Assert.Null(world.Nango.State.Environment("prod").Find("emigrant"));
        Assert.NotNull(world.Nango.State.Environment().Find("emigrant"));
    }

    private async Task<OperatorWorld> GetWithProdAsync()
    {
        var world = await fixture.GetAsync(Ct);
        world.Nango.State.AddKey(ApiKey.For(Prod, "prod"));
        return world;
    }

    private static async Task CreateAsync(OperatorWorld world, string name, string more = "")
    {
        await world.ApplyAsync(Manifest.Slack(name, name, more: more), Ct);
        await world.UntilAsync(name, s => s.IsReady, Ct);
    }

    private static async Task EditTokenAsync(OperatorWorld world, string name, string token, string reason)
    {
        await world.PatchAsync(name, $$$"""{"spec":{"nango_token":{{{token}}}}}""", Ct);
        await world.UntilAsync(name, s => s.IsCurrent && s.Reason == reason, Ct);
    }

    private static Task UntilToldAsync(OperatorWorld world, string name, string reason, string word) => world.UntilEventAsync(
        name, e => (string?)e["type"] == "Warning" && (string?)e["reason"] == reason && ((string?)e["message"])!.Contains(word, StringComparison.Ordinal), Ct);
}
