using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Environments;

public sealed class EnvironmentProbeTests
{
    private readonly Wire _wire = new();
    private readonly InMemoryCluster _cluster;
    private readonly InMemoryEnvironments _environments = new();
    private readonly EnvironmentTokens _tokens;
    private readonly EnvironmentProbe _probe;
    private readonly EnvironmentResolver _resolver;

    public EnvironmentProbeTests()
    {
        _cluster = new InMemoryCluster(_wire);
        _tokens = new EnvironmentTokens(_cluster);
        var time = TimeProvider.System;
        var hold = new EnvironmentHold(time);
        var nango = new EnvironmentAccess(
            new InMemoryNango(_wire), hold, new EnvironmentPermits(new LocalPermits(time), hold, time), new EnvironmentBreaker(time), new ProviderCatalogue(time));
        _probe = new EnvironmentProbe(_tokens, nango, new Permissions());
        _resolver = new EnvironmentResolver(_environments, _environments, _tokens, new Permissions());
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_look_costs_one_Secret_and_one_call()
    {
        _cluster.PutSecret("nango", ("token", A.Token));

        var verdict = await _probe.LookAsync(new EnvironmentBuilder().Build(), always: false, Ct);

        Assert.Null(verdict.Failure);
        Assert.Equal("nango", verdict.Secret!.Name);
        Assert.Equal(["secret nango", "look nango-integration-operator-probe"], _wire.Calls);
    }

    [Fact]
    public async Task A_token_found_good_before_is_not_tried_again_unless_it_is_doubted()
    {
        _cluster.PutSecret("nango", ("token", A.Token));
        var version = (await _cluster.ReadAsync("team", "nango", Ct))!.ResourceVersion;
        var environment = new EnvironmentBuilder().Ready(version).Build();

        await _probe.LookAsync(environment, always: false, Ct);
        Assert.DoesNotContain("look nango-integration-operator-probe", _wire.Calls);
        await _probe.LookAsync(environment, always: true, Ct);

        Assert.Contains("look nango-integration-operator-probe", _wire.Calls);
    }

    [Theory]
    [InlineData("not a certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public async Task A_bundle_that_holds_no_certificate_is_said_so(string bundle)
    {
        var verdict = await _probe.LookAsync(new EnvironmentBuilder().Spec(s => s with { CaBundle = bundle }).Build(), always: false, Ct);

        Assert.Equal(Reasons.InvalidSpec, verdict.Failure!.Reason);
        Assert.Contains("spec.ca_bundle", verdict.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(_wire.Calls);
    }

    [Fact]
    public async Task A_limit_of_its_own_is_refused_rather_than_ignored()
    {
        var verdict = await _probe.LookAsync(new EnvironmentBuilder().Spec(s => s with { RateLimit = new EnvironmentRateLimit { ReservePercent = 50 } }).Build(), always: false, Ct);

        Assert.Equal(Reasons.InvalidSpec, verdict.Failure!.Reason);
        Assert.StartsWith("spec.rate_limit is not supported", verdict.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(_wire.Calls);
    }

    [Fact]
    public async Task A_missing_Secret_or_key_is_named()
    {
        var missing = await _probe.LookAsync(new EnvironmentBuilder().Build(), always: false, Ct);
        _cluster.PutSecret("nango", ("other", A.Token));
        var noKey = await _probe.LookAsync(new EnvironmentBuilder().Build(), always: false, Ct);

        Assert.Equal((Reasons.SecretNotFound, FailureKind.Transient), (missing.Failure!.Reason, missing.Failure.Kind));
        Assert.Contains("\"nango\"", missing.Failure.Message, StringComparison.Ordinal);
        Assert.Contains("key \"token\"", noKey.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Integrations_use_the_tried_token_until_another_was_tried()
    {
        _cluster.PutSecret("nango", ("token", A.Token));
        var first = await _tokens.ReadAsync(new EnvironmentBuilder().Build(), Ct);
        var before = new EnvironmentBuilder().Ready().Change(e => e with { Status = e.Status! with { TokenSecret = first.Secret } }).Build();
        _cluster.PutSecret("nango", ("token", A.OtherToken));

        Assert.Equal(A.Token, (await _tokens.GetAsync(before, acceptKnown: false, Ct)).Text);
        var second = await _tokens.ReadAsync(before, Ct);
        Assert.Equal(A.OtherToken, (await _tokens.GetAsync(before with { Status = before.Status! with { TokenSecret = second.Secret } }, acceptKnown: false, Ct)).Text);
    }

    [Fact]
    public async Task The_key_of_the_environment_outlives_its_token()
    {
        var environment = new EnvironmentBuilder().Build();
        _cluster.PutSecret("nango", ("token", A.Token));
        var one = await _resolver.GetEndpointAsync(environment, A.BaseUrl, isDeleting: false, Ct);
        _cluster.PutSecret("nango", ("token", A.OtherToken));
        var other = await _resolver.GetEndpointAsync(environment, A.BaseUrl, isDeleting: false, Ct);

        Assert.Equal(("uid-production", "uid-production"), (one.EnvironmentKey, other.EnvironmentKey));
        Assert.NotEqual(one.RevealToken(), other.RevealToken());
    }

    [Fact]
    public async Task A_missing_token_is_the_environments_trouble_and_the_integration_points_to_it()
    {
        var environment = new EnvironmentBuilder().Ready().Build();

        var failure = (await Assert.ThrowsAsync<FailureException>(() => _resolver.GetEndpointAsync(environment, A.BaseUrl, isDeleting: false, Ct))).Failure;

        Assert.Equal((Reasons.EnvironmentNotReady, "NangoEnvironment production is not ready: see its status"), (failure.Reason, failure.Message));
        Assert.Equal([environment.Id], _environments.Doubts);
    }

    [Fact]
    public async Task Resources_applied_in_any_order_do_not_flash_an_error()
    {
        _environments.PutUnseen(new EnvironmentBuilder().Build());

        var use = await _resolver.ResolveAsync(An.Integration().Spec(s => s with { NangoToken = null, EnvironmentRef = EnvironmentBuilder.Reference }).Build(), Ct);

        Assert.Equal((FailureKind.Throttled, Reasons.Progressing), (use.BaseUrl.Refusal!.Kind, use.BaseUrl.Refusal.Reason));
    }

    [Fact]
    public void Only_failures_of_the_token_become_pointers()
    {
        var environment = new EnvironmentBuilder().Ready().Build();
        string Reported(string reason) => _resolver.Report(environment, new Failure(FailureKind.Terminal, reason, "It failed.")).Reason;

        Assert.Equal(Reasons.EnvironmentNotReady, Reported(Reasons.TokenRefused));
        Assert.Equal(Reasons.EnvironmentNotReady, Reported(Reasons.TokenMalformed));
        Assert.Equal(Reasons.SecretNotFound, Reported(Reasons.SecretNotFound));
        Assert.Equal(Reasons.ScopeMissing, Reported(Reasons.ScopeMissing));
        Assert.Equal(2, _environments.Doubts.Count);
        Assert.Equal(Reasons.Unreachable, Reported(Reasons.Unreachable));
        Assert.Equal(3, _environments.Doubts.Count);
    }
}
