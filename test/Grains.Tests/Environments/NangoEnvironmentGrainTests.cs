using System.Text.Json;
using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Hosting;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Nango;

namespace NangoOrleans.Grains.Tests.Environments;

/// <summary>Each test has an environment of its own: a Secret with a token that is told apart by its last digits.</summary>
public sealed class NangoEnvironmentGrainTests(GrainHost host) : GrainTests(host)
{
    [Fact]
    public async Task Those_who_ask_for_a_list_meanwhile_share_its_answer_and_are_told_its_age()
    {
        var (grain, credential) = Given("c001");
        using var list = HoldUp("list");
        var first = grain.List(credential);
        await list.Reached;
        var others = Enumerable.Range(0, 20).Select(_ => grain.List(credential)).ToList();
        await GrainHost.UntilAsync(() => Host.Arrivals.Count(grain, nameof(grain.List)) == 21);
        // The last of them is done with its first step when the next call is answered.
        await grain.GetState();
        var calls = Host.Wire.Count("list");
        Host.Time.Advance(TimeSpan.FromSeconds(7));

        list.Dispose();

        var listings = await Task.WhenAll([first, .. others]);
        Assert.All(listings, listing => Assert.True(listing.Age >= TimeSpan.FromSeconds(7) && listing.Integrations is not null, $"{listing}"));
        Assert.Equal(calls, Host.Wire.Count("list"));
        Assert.True((await grain.List(credential)).Age < TimeSpan.FromSeconds(7));
    }

    [Theory]
    [InlineData(FailureKind.Terminal, Reasons.ScopeMissing, "c002")]
    [InlineData(FailureKind.Transient, Reasons.ServerError, "c003")]
    [InlineData(FailureKind.Throttled, Reasons.RateLimited, "c004")]
    public async Task A_list_that_fails_says_why_and_the_next_one_asks_again(FailureKind kind, string reason, string digits)
    {
        var (grain, credential) = Given(digits);
        Before("list", () => throw Wire.Failing(kind, reason, TimeSpan.FromSeconds(20)));

        var failed = await grain.List(credential);
        Host.Wire.Before = null;
        // Told in the background; time must not pass on the way.
        if (kind == FailureKind.Throttled) await GrainHost.UntilAsync(async () => (await grain.GetState()).HeldUntil is not null);
        Host.Time.Advance(TimeSpan.FromSeconds(21));

        Assert.Equal((kind, reason, false), (failed.Failure!.Kind, failed.Failure.Reason, failed.Moved));
        Assert.Null(failed.Integrations);
        Assert.NotNull((await grain.List(credential)).Integrations);
    }

    [Fact]
    public async Task A_token_that_was_replaced_by_one_of_another_environment_is_not_used()
    {
        var (grain, credential) = Given("c005");
        Host.Cluster.PutSecret("env-c005", ("token", Token("c006")));
        var calls = Host.Wire.Count("list");

        Assert.True((await grain.List(credential)).Moved);
        Assert.Equal(calls, Host.Wire.Count("list"));
    }

    [Fact]
    public async Task A_missing_Secret_is_a_failure_of_the_list()
    {
        var grain = Host.Environment("no-secret");

        Assert.Equal(Reasons.SecretNotFound, (await grain.List(EnvironmentCredential.Secret(A.BaseUrl, "team", "nowhere", "token"))).Failure!.Reason);
    }

    [Fact]
    public async Task Silos_share_one_budget_and_a_new_activation_learns_it_from_them()
    {
        var (grain, _) = Given("c007");
        var reading = new RateLimitReading(100, 90, 1, TimeSpan.FromSeconds(50));

        Assert.Equal(70, (await grain.Lease(Request("one", 100, reading))).Granted);
        Assert.Equal(0, (await grain.Lease(Request("two", 100, reading))).Granted);
        Assert.Equal((100, 20, 70), await StateAsync());
        await GrainHost.DeactivateAsync(grain);
        await GrainHost.UntilAsync(async () => (await grain.GetState()).Limit is null);

        var lease = await grain.Lease(Request("one", 100, reading with { Remaining = 30 }));
        Assert.Equal((10, 20, true), (lease.Granted, lease.Floor, lease.IsLimited));

        async Task<(int?, int, int)> StateAsync() => await grain.GetState() is var state ? (state.Limit, state.Reserve, state.Promised) : default;
    }

    [Fact]
    public async Task A_429_that_one_silo_met_is_obeyed_by_all()
    {
        var (grain, _) = Given("c008");
        await grain.Lease(new PermitRequest { Holder = "one", AskedToWait = TimeSpan.FromSeconds(30) });

        var lease = await grain.Lease(Request("two", 10, null));

        Assert.Equal((0, TimeSpan.FromSeconds(30), Reasons.RateLimited), (lease.Granted, lease.NotBefore, lease.Refusal!.Reason));
        Assert.NotNull((await grain.GetState()).HeldUntil);
        Host.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.NotEqual(0, (await grain.Lease(Request("two", 10, null))).Granted);
    }

    [Fact]
    public async Task When_nearly_all_fails_everywhere_one_is_let_through_and_its_success_lets_all_through()
    {
        var (grain, _) = Given("c009");
        var away = new CallReport(0, 6, new Failure(FailureKind.Transient, Reasons.Unreachable, "Nobody answers."), false);
        await grain.Lease(Request("one", 1, null) with { Calls = away });
        Assert.Equal(Reasons.CircuitOpen, (await grain.Lease(Request("two", 1, null) with { Calls = away })).Refusal!.Reason);
        Assert.Contains("Nobody answers.", (await grain.GetState()).Problem!.Message, StringComparison.Ordinal);
        Host.Time.Advance((await grain.GetState()).Problem!.RetryAfter!.Value);

        var probe = await grain.Lease(Request("one", 20, null));
        Assert.Equal((1, true), (probe.Granted, probe.IsProbe));
        Assert.Equal(0, (await grain.Lease(Request("two", 20, null))).Granted);
        await grain.Lease(new PermitRequest { Holder = "one", Calls = new CallReport(1, 0, null, true) });

        Assert.Null((await grain.GetState()).Problem);
        Assert.NotEqual(0, (await grain.Lease(Request("two", 20, null))).Granted);
    }

    [Fact]
    public async Task Providers_outlive_an_activation()
    {
        var (grain, _) = Given("c010");
        var provider = new KnownProvider { Name = "slack", AuthMode = "OAUTH2", DisplayName = "Slack", Expires = Host.Time.GetUtcNow().AddHours(1) };
        await grain.KeepProvider(provider);
        await grain.KeepProvider(provider with { Name = "slak", AuthMode = null, Nearest = ["slack"] });
        await grain.Lease(Request("one", 1, new RateLimitReading(100, 90, 1, TimeSpan.FromSeconds(50))));

        await GrainHost.DeactivateAsync(grain);
        await GrainHost.UntilAsync(async () => (await grain.GetState()).Limit is null);

        Assert.Equal(provider.AuthMode, (await grain.FindProvider("slack"))!.AuthMode);
        Assert.Equal(["slack"], (await grain.FindProvider("slak"))!.Nearest);
        Assert.Null(await grain.FindProvider("github"));
        Host.Time.Advance(TimeSpan.FromHours(2));
        Assert.Null(await grain.FindProvider("slack"));
    }

    [Fact]
    public async Task Neither_state_nor_logs_show_a_token()
    {
        Host.Cluster.PutSecret("env-canary", ("token", LeakDetector.Canary));
        var grain = Host.Environment(new NangoEndpoint(A.BaseUrl, LeakDetector.Canary).EnvironmentKey);
        Before("list", () => throw Wire.Failing(FailureKind.Transient, Reasons.ServerError));
        await grain.List(EnvironmentCredential.Secret(A.BaseUrl, "team", "env-canary", "token"));

        var state = JsonSerializer.Serialize(await grain.GetState());

        Assert.DoesNotContain(LeakDetector.Canary, $"{state} {grain.GetPrimaryKeyString()}", StringComparison.Ordinal);
        Assert.Empty(Host.Logs.Leaks);
    }

    private static PermitRequest Request(string holder, int waiting, RateLimitReading? reading) =>
        new() { Holder = holder, Wanted = waiting, Demand = [new PermitDemand("team", false, waiting, 0)], Reading = reading };

    private static string Token(string digits) => $"55555555-5555-4555-8555-55555555{digits}";

    private (INangoEnvironmentGrain Grain, EnvironmentCredential Credential) Given(string digits)
    {
        Host.Cluster.PutSecret($"env-{digits}", ("token", Token(digits)));
        return (Host.Environment(new NangoEndpoint(A.BaseUrl, Token(digits)).EnvironmentKey), EnvironmentCredential.Secret(A.BaseUrl, "team", $"env-{digits}", "token"));
    }
}
