using Microsoft.Extensions.Time.Testing;
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
    private readonly LocalEnvironmentGrains _grains;
    private readonly EnvironmentAccess _nango;
    private readonly EnvironmentProbe _probe;
    private readonly EnvironmentResolver _resolver;

    public EnvironmentProbeTests()
    {
        _cluster = new InMemoryCluster(_wire);
        _tokens = new EnvironmentTokens(_cluster);
        // It stands still: while the circuit is open, one call is let through after some time.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _grains = new LocalEnvironmentGrains(time);
        _nango = new EnvironmentAccess(
            new InMemoryNango(_wire), new EnvironmentPermits(_grains, new EnvironmentHold(time), time), new ProviderCatalogue(_grains, time));
        _probe = new EnvironmentProbe(_tokens, _nango, new Permissions(), _grains);
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

    [Theory]
    [InlineData(0, null, "requests_per_minute")]
    [InlineData(100_001, null, "requests_per_minute")]
    [InlineData(null, -1, "reserve_percent")]
    [InlineData(null, 91, "reserve_percent")]
    public async Task A_limit_that_cannot_be_is_refused(int? requests, int? reserve, string field)
    {
        var limits = new EnvironmentRateLimit { RequestsPerMinute = requests, ReservePercent = reserve };
        var verdict = await _probe.LookAsync(new EnvironmentBuilder().Spec(s => s with { RateLimit = limits }).Build(), always: false, Ct);

        Assert.Equal(Reasons.InvalidSpec, verdict.Failure!.Reason);
        Assert.StartsWith($"spec.rate_limit.{field} must be between", verdict.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(_wire.Calls);
    }

    [Fact]
    public async Task The_limit_of_the_object_goes_along_with_each_lease_and_its_absence_too()
    {
        _cluster.PutSecret("nango", ("token", A.Token));
        var environment = new EnvironmentBuilder().Spec(s => s with { RateLimit = new EnvironmentRateLimit { RequestsPerMinute = 50, ReservePercent = 10 } }).Build();

        await _probe.LookAsync(environment, always: true, Ct);
        Assert.Equal(new RequestLimits(1, 50, 10), _grains.Requests.Last().Limits);

        Assert.Equal(new RequestLimits(1, null, null), EnvironmentUse.Endpoint(new EnvironmentBuilder().Build(), A.BaseUrl, A.Token).Limits);
    }

    [Fact]
    public async Task While_the_circuit_is_open_that_is_the_one_word_whatever_each_probe_meets()
    {
        _cluster.PutSecret("nango", ("token", A.Token));
        var environment = new EnvironmentBuilder().Ready((await _cluster.ReadAsync("team", "nango", Ct))!.ResourceVersion).Build();
        _wire.Before = _ => throw Wire.Failing(FailureKind.Transient, Reasons.ServerError);
        var endpoint = EnvironmentUse.Endpoint(environment, A.BaseUrl, A.Token);
        for (var failure = Reasons.ServerError; failure == Reasons.ServerError;)
            failure = (await Assert.ThrowsAsync<FailureException>(() => _nango.CallAsync(endpoint, RequestTurn.Own, client => client.ListAsync(Ct)))).Failure.Reason;
        _wire.Before = null;

        var verdict = await _probe.LookAsync(environment, always: false, Ct);

        Assert.Equal((Reasons.CircuitOpen, FailureKind.Throttled), (verdict.Failure!.Reason, verdict.Failure.Kind));
        Assert.Contains("It failed: ServerError.", verdict.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(Reasons.EnvironmentNotReady, _resolver.Report(environment, verdict.Failure).Reason);
        Assert.Equal([environment.Id], _environments.Doubts);
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
