using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Faults;

public sealed class NangoFaultsOnRealServer(RealWorld world) : NangoFaultScenarios(world), IClassFixture<RealWorld>;

public sealed class NangoFaultsOnDouble(DoubleWorld world) : NangoFaultScenarios(world), IClassFixture<DoubleWorld>;

/// <summary>Nango fails in each way it has been seen to: the resource says so in its own words, and recovers by itself.</summary>
public abstract class NangoFaultScenarios(WorldFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("server-error", "ServerError")]
    [InlineData("database-down", "NangoUnavailable")]
    [InlineData("drop", "Unreachable")]
    [InlineData("hang", "Timeout")]
    public async Task A_passing_fault_is_told_and_recovered_from(string preset, string reason)
    {
        var world = await fixture.GetAsync(Ct);
        var (name, key) = ($"fault-{preset}", $"fault-{preset}");
        world.Nango.Faults.Add(preset);

        await world.ApplyAsync(Manifest.Slack(name, key), Ct);
        var failing = await world.UntilAsync(name, s => s.Reason == reason && s.NextRetryTime is not null, Ct);
        Assert.Equal("Failed", new Status(failing).Phase);
        Assert.NotNull(new Status(failing).Condition("Reconciling"));
        Assert.Null(new Status(failing).Condition("Stalled"));
        world.Nango.Faults.Clear();
        var recovered = await world.UntilAsync(name, s => s.IsReady, Ct);

        Assert.Null(new Status(recovered).NextRetryTime);
        Assert.Equal("", new Status(recovered).Message);
        Assert.Single(world.Nango.Journal.Entries(method: "POST", pathPrefix: "/integrations"), e => e.Status == 200 && e.Body!.Contains($"\"{key}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_revoked_token_stalls_the_resource_and_is_not_tried_hot()
    {
        var world = await fixture.GetAsync(Ct);
        // The provider is known after this one, so that the first call for the next names its key.
        await world.ApplyAsync(Manifest.Slack("known", "known-key"), Ct);
        await world.UntilAsync("known", s => s.IsReady, Ct);
        world.Nango.Faults.Add("token-revoked");
        var before = world.Nango.Journal.LastSeq;

        await world.ApplyAsync(Manifest.Slack("revoked", "revoked-key"), Ct);
        await world.UntilAsync("revoked", s => s.Reason == "TokenRefused" && s.Condition("Stalled") is not null, Ct);
        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System, Ct);

        // Other resources of this world, and the comparison, have calls of their own.
        var asked = world.Nango.Journal.Entries(before).Where(e => e.Body?.Contains("\"revoked-key\"", StringComparison.Ordinal) == true || e.Path.Contains("revoked-key", StringComparison.Ordinal)).ToList();
        Assert.Single(asked, e => e.Method == "POST");
        // One more look where the report had to be written twice.
        Assert.InRange(asked.Count, 1, 2);
        world.Nango.Faults.Clear();
        await world.PatchAsync("revoked", """{"metadata":{"annotations":{"nango.nango.dev/reconcile-requested-at":"again"}}}""", Ct);
        await world.UntilAsync("revoked", s => s.IsReady, Ct);
    }

    [Fact]
    public async Task A_429_with_Retry_After_0_is_waited_for_without_calling_it_a_failure()
    {
        var world = await fixture.GetAsync(Ct);
        world.Nango.Faults.Add(new FaultRule { Preset = "throttled", Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = "0" } });
        var before = world.Nango.Journal.LastSeq;

        await world.ApplyAsync(Manifest.Slack("throttled", "throttled-key"), Ct);
        // It is told only after 30 s of waiting: most waits are over before anybody reads of them.
        var waiting = await world.UntilAsync("throttled", s => (string?)s.Condition("Reconciling")?["reason"] == "RateLimited", Ct);
        var asked = world.Nango.Journal.Entries(before).Count(e => e.Status == 429);
        world.Nango.Faults.Clear();
        await world.UntilAsync("throttled", s => s.IsReady, Ct);

        Assert.NotEqual("Failed", new Status(waiting).Phase);
        Assert.InRange(asked, 2, 60);
    }

    [Fact]
    public async Task An_answer_lost_after_the_POST_was_carried_out_leads_to_no_second_integration()
    {
        var world = await fixture.GetAsync(Ct);
        world.Nango.Faults.Add("lost-answer", count: 1, method: "POST", path: "/integrations$");

        await world.ApplyAsync(Manifest.Slack("lost", "lost-key"), Ct);
        await world.UntilAsync("lost", s => s.IsReady, Ct);

        var created = world.Nango.State.Environment().Find("lost-key")!;
        Assert.Equal(created.CreatedAt, created.UpdatedAt);
    }

    [Theory]
    [InlineData("type: OAUTH2", "type: OAUTH1", "CredentialsMismatch", "OAUTH2")]
    [InlineData("provider: slack", "provider: slak", "UnknownProvider", "slack")]
    [InlineData("scopes: chat:write,users:read", "scopes: chat:write users:read", "InvalidSpec", "spec.credentials.scopes")]
    [InlineData("unique_key: wrong", "unique_key: ..", "InvalidSpec", "spec.unique_key")]
    public async Task A_mistake_is_told_with_its_remedy(string right, string wrong, string reason, string hint)
    {
        var world = await fixture.GetAsync(Ct);
        var name = $"mistake-{reason.ToLowerInvariant()}-{hint.Length}";
        await world.ApplyAsync(Manifest.Slack(name, "wrong").Replace(right, wrong, StringComparison.Ordinal), Ct);

        var told = new Status(await world.UntilAsync(name, s => s.Condition("Stalled") is not null, Ct));

        Assert.Equal(reason, told.Reason);
        Assert.Contains(hint, told.Message);
        await world.DeleteAsync(name, Ct);
        await world.UntilGoneAsync(name, Ct);
    }

    [Fact]
    public async Task A_token_of_the_old_form_is_told_to_be_none()
    {
        var world = await fixture.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("old-token", "old-token-key", more: "  nango_token: nango_sk_example"), Ct);

        var told = new Status(await world.UntilAsync("old-token", s => s.Condition("Stalled") is not null, Ct));

        Assert.Equal("TokenMalformed", told.Reason);
        Assert.Contains("spec.nango_token", told.Message);
        Assert.DoesNotContain("nango_sk_example", told.Message);
    }

    [Theory]
    [InlineData("https://evil.example", null)]
    [InlineData(null, "$(HOME)")]
    public async Task The_operators_token_goes_nowhere_else(string? baseUrl, string? token)
    {
        var world = await fixture.GetAsync(Ct);
        var name = $"guard-{(baseUrl is null ? "token" : "url")}";
        var before = world.Nango.Journal.LastSeq;
        await world.ApplyAsync(Manifest.Slack(name, name, more: baseUrl is null ? $"  nango_token: \"{token}\"" : $"  nango_base_url: {baseUrl}"), Ct);

        var told = new Status(await world.UntilAsync(name, s => s.Condition("Stalled") is not null, Ct));

        Assert.Equal(baseUrl is null ? "InvalidSpec" : "BaseUrlNotAllowed", told.Reason);
        Assert.DoesNotContain(world.Nango.Journal.Entries(before), e => e.Body?.Contains($"\"{name}\"", StringComparison.Ordinal) == true || e.Path.Contains(name, StringComparison.Ordinal));
    }
}
