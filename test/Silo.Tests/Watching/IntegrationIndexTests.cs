using NangoOrleans.Environments;
using NangoOrleans.Integrations;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

public sealed class IntegrationIndexTests
{
    private const string Url = "https://api.nango.dev";

    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly IntegrationIndex _index = new() { IsComplete = true };

    [Fact]
    public async Task While_incomplete_no_claim_and_no_reminder_is_known()
    {
        _index.Set(Row("a") with { NextRetryTime = Noon });
        _index.IsComplete = false;

        Assert.Equal(new ClaimAnswer(Known: false, Owner: null), await AskAsync("b"));
        Assert.False(_index.ListRetries().Known);
        Assert.Equal(new RetryAnswer(Known: false, DueAt: null), _index.FindRetry(Key("a")));
    }

    [Fact]
    public async Task A_key_that_nobody_else_wants_is_free()
    {
        _index.Set(Row("a"));

        Assert.Equal(new ClaimAnswer(Known: true, Owner: null), await AskAsync("a"));
        Assert.Null(await OwnerAsync("a", key: "another"));
        Assert.Null(await OwnerAsync("b", url: "https://nango.example.com"));
    }

    [Fact]
    public async Task The_same_key_in_another_environment_of_the_server_is_free()
    {
        _index.Set(Row("dev") with { NangoCreatedAt = "made in dev" });

        Assert.Null(await OwnerAsync("prod", environment: "prod"));
        Assert.Null(await OwnerAsync("prod", environment: "prod", createdAt: "made in prod"));
    }

    [Fact]
    public async Task The_same_creation_seen_through_two_tokens_is_one_environment()
    {
        _index.Set(Row("first") with { NangoCreatedAt = "made" });

        Assert.Equal("first", await OwnerAsync("second", environment: "another token", createdAt: "made"));
    }

    [Fact]
    public async Task One_credential_is_one_environment_before_it_was_ever_read()
    {
        var credential = EnvironmentCredential.Default(Url, "team");
        _index.Set(Row("old") with { EnvironmentKey = null, Credential = credential, CreatedAt = Noon.AddDays(-1) });
        _index.Set(Row("young") with { EnvironmentKey = null, Credential = EnvironmentCredential.Default(Url, "another") });
        _index.Set(Row("inline") with { EnvironmentKey = null, Credential = EnvironmentCredential.InlineOf(Url, Key("inline")) });

        Assert.Equal("old", await OwnerAsync("young", environment: null));
        Assert.Null(await OwnerAsync("inline", environment: null));
    }

    [Fact]
    public async Task Whoever_has_it_in_Nango_keeps_it_from_older_ones()
    {
        _index.Set(Row("old") with { CreatedAt = Noon.AddDays(-1) });
        _index.Set(Row("holder") with { NangoCreatedAt = "made" });

        Assert.Equal("holder", await OwnerAsync("old"));
        Assert.Null(await OwnerAsync("holder"));
    }

    [Fact]
    public async Task Of_two_that_hold_nothing_the_older_one_ranks_first()
    {
        _index.Set(Row("young") with { CreatedAt = Noon.AddSeconds(1), Uid = "1" });
        _index.Set(Row("old") with { Uid = "2" });

        Assert.Equal("old", await OwnerAsync("young"));
        Assert.Null(await OwnerAsync("old"));
    }

    [Fact]
    public void Of_two_of_the_same_second_the_smaller_uid_ranks_first_whatever_the_order_of_arrival()
    {
        foreach (var order in (string[][])[["x", "y"], ["y", "x"]])
        {
            var index = new IntegrationIndex { IsComplete = true };
            foreach (var name in order) index.Set(Row(name) with { Uid = "uid-" + name });

            Assert.Equal("x", index.FindOwner(new ClaimQuery(Key("y"), Url, "key", "dev")).Owner?.Name);
        }
    }

    [Fact]
    public async Task Invalid_and_refused_resources_claim_nothing()
    {
        _index.Set(Row("invalid") with { CreatedAt = Noon.AddDays(-1), Ranks = false });
        _index.Set(Row("forbidden") with { CreatedAt = Noon.AddDays(-1), BaseUrl = null });

        Assert.Null(await OwnerAsync("valid"));
    }

    [Fact]
    public async Task A_deleting_owner_keeps_its_claim_until_its_finalizer_is_off()
    {
        var owner = Row("owner") with { NangoCreatedAt = "made", IsDeleting = true };
        _index.Set(owner);
        Assert.Equal("owner", await OwnerAsync("heir"));

        _index.Set(owner with { HasFinalizer = false });
        Assert.Null(await OwnerAsync("heir"));
    }

    [Fact]
    public async Task A_deleting_one_that_never_had_it_claims_nothing()
    {
        _index.Set(Row("never") with { CreatedAt = Noon.AddDays(-1), IsDeleting = true });

        Assert.Null(await OwnerAsync("heir"));
    }

    [Fact]
    public void A_new_claim_is_told_to_the_rivals()
    {
        Assert.Empty(_index.Set(Row("a")).Rivals);
        Assert.Equal(["a"], Names(_index.Set(Row("b")).Rivals));
        Assert.Equal(["a", "b"], Names(_index.Set(Row("c")).Rivals).Order());
    }

    [Fact]
    public void A_row_that_claims_as_before_is_told_to_nobody()
    {
        _index.Set(Row("a"));
        _index.Set(Row("b"));

        Assert.Empty(_index.Set(Row("b") with { ResourceVersion = "2", Generation = 2, IsSettled = true }).Rivals);
    }

    [Fact]
    public void A_claim_that_ends_is_told_to_the_rivals_however_it_ends()
    {
        foreach (var end in (Func<IndexRow, IndexRow>[])[r => r with { Ranks = false }, r => r with { UniqueKey = "another" }, r => r with { BaseUrl = null }, r => r with { IsDeleting = true, HasFinalizer = false }])
        {
            _index.Set(Row("heir"));
            _index.Set(Row("owner"));

            Assert.Equal(["heir"], Names(_index.Set(end(Row("owner"))).Rivals));
        }

        _index.Set(Row("owner"));
        Assert.Equal(["heir"], Names(_index.Remove(Key("owner"))));
    }

    [Fact]
    public void A_move_to_another_key_is_told_on_both_sides()
    {
        _index.Set(Row("here"));
        _index.Set(Row("there") with { UniqueKey = "another" });
        _index.Set(Row("mover"));

        Assert.Equal(["here", "there"], Names(_index.Set(Row("mover") with { UniqueKey = "another" }).Rivals));
    }

    [Fact]
    public void Removing_what_is_not_there_tells_nobody() => Assert.Empty(_index.Remove(Key("never")));

    [Fact]
    public void A_changed_Secret_is_told_to_those_who_use_it_and_have_not_applied_this_version()
    {
        _index.Set(Row("never") with { Secrets = ["app"] });
        _index.Set(Row("stale") with { Secrets = ["app"], ObservedSecrets = [new ObservedSecret { Name = "app", Uid = "s", ResourceVersion = "1" }] });
        _index.Set(Row("current") with { Secrets = ["app"], ObservedSecrets = [new ObservedSecret { Name = "app", Uid = "s", ResourceVersion = "2" }] });
        _index.Set(Row("other") with { Secrets = ["other"] });
        _index.Set(Row("elsewhere", @namespace: "far") with { Secrets = ["app"] });

        Assert.Equal(["never", "stale"], Names(_index.UsersOf(new ObjectIdentity("team", "app", "s", "2"))).Order());
    }

    [Fact]
    public void A_deleted_Secret_is_told_unless_it_was_missed_before()
    {
        _index.Set(Row("had") with { Secrets = ["app"], ObservedSecrets = [new ObservedSecret { Name = "app", Uid = "s", ResourceVersion = "1" }] });
        _index.Set(Row("missed") with { Secrets = ["app"], ObservedSecrets = [new ObservedSecret { Name = "app" }] });

        Assert.Equal(["had"], Names(_index.UsersOf(new ObjectIdentity("team", "app", "", ""))));
    }

    [Fact]
    public void A_Secret_that_is_not_referred_to_any_more_is_told_to_nobody()
    {
        _index.Set(Row("a") with { Secrets = ["app"] });
        _index.Set(Row("a"));

        Assert.Empty(_index.UsersOf(new ObjectIdentity("team", "app", "s", "2")));
    }

    [Fact]
    public void One_in_need_is_overdue_after_a_while_and_then_not_again_at_once()
    {
        _index.Set(Row("needy") with { NeedsRun = true });
        _index.Set(Row("settled") with { IsSettled = true });
        _index.Set(Row("waiting") with { NeedsRun = true, NextRetryTime = Noon.AddHours(1) });

        Assert.Empty(Overdue(29));
        Assert.Equal([(Key("needy"), false)], Overdue(30));
        Assert.Empty(Overdue(59));
        Assert.Equal([(Key("needy"), false)], Overdue(60));
    }

    [Fact]
    public void A_retry_that_nobody_made_is_overdue_once_its_time_is_past()
    {
        _index.Set(Row("forgotten") with { NeedsRun = true, NextRetryTime = Noon.AddSeconds(100) });

        Assert.Empty(Overdue(99));
        Assert.Equal([(Key("forgotten"), false)], Overdue(100));
    }

    [Fact]
    public void A_stalled_one_is_looked_at_once_a_resync()
    {
        _index.Set(Row("stalled") with { IsStalled = true });

        Assert.Empty(Overdue(599));
        Assert.Equal([(Key("stalled"), true)], Overdue(600));
        Assert.Empty(Overdue(1199));
    }

    [Fact]
    public void Reminders_are_the_rows_with_a_retry()
    {
        _index.Set(Row("retry") with { NextRetryTime = Noon });
        _index.Set(Row("calm"));

        Assert.True(_index.ListRetries().Known);
        Assert.Equal(new RetryRow("team/retry", Noon), Assert.Single(_index.ListRetries().Rows));
        Assert.Equal(new RetryAnswer(Known: true, Noon), _index.FindRetry(Key("retry")));
        Assert.Equal(new RetryAnswer(Known: true, DueAt: null), _index.FindRetry(Key("calm")));
        Assert.Equal(new RetryAnswer(Known: true, DueAt: null), _index.FindRetry(Key("never")));
    }

    [Fact]
    public void The_feed_is_told_what_is_known_by_namespace()
    {
        _index.Set(Row("a"));
        _index.Set(Row("b", @namespace: "far"));

        Assert.Equal(2, _index.Snapshot(null).Count);
        Assert.Equal(new ObjectIdentity("far", "b", "uid-b", "1"), Assert.Single(_index.Snapshot("far")));
        Assert.True(_index.TryGet("team", "a", out var identity));
        Assert.Equal("uid-a", identity.Uid);
        Assert.False(_index.TryGet("far", "a", out identity));
    }

    private IEnumerable<(IntegrationKey, bool)> Overdue(int seconds) => _index.TakeOverdue(Noon.AddSeconds(seconds), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));

    private Task<ClaimAnswer> AskAsync(string name, string key = "key", string url = Url, string? environment = "dev", string? createdAt = null) =>
        Task.FromResult(_index.FindOwner(new ClaimQuery(Key(name), url, key, environment, createdAt)));

    private async Task<string?> OwnerAsync(string name, string key = "key", string url = Url, string? environment = "dev", string? createdAt = null) =>
        (await AskAsync(name, key, url, environment, createdAt)).Owner?.Name;

    private static IndexRow Row(string name, string @namespace = "team") => new()
    {
        Key = new IntegrationKey(@namespace, name),
        Uid = "uid-" + name,
        ResourceVersion = "1",
        Generation = 1,
        CreatedAt = Noon,
        BaseUrl = Url,
        UniqueKey = "key",
        EnvironmentKey = "dev",
        Ranks = true,
        HasFinalizer = true,
        LookedAt = Noon,
    };

    private static IntegrationKey Key(string name) => new("team", name);

    private static IEnumerable<string> Names(IEnumerable<IntegrationKey> keys) => keys.Select(key => key.Name);
}
