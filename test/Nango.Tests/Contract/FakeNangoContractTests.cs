using NangoOrleans.FakeNango;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango.Tests;

/// <summary>What cannot be arranged on a server of somebody else: keys with few scopes, outages, limits, connections.</summary>
public sealed class FakeNangoContractTests
{
    private const string Scoped = "9a1f77e0-0d3a-4c63-8f0e-0a7b5d1c2e33";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("get", "environment:integrations:read")]
    [InlineData("list", "environment:integrations:list")]
    [InlineData("create", "environment:integrations:create")]
    [InlineData("update", "environment:integrations:update")]
    [InlineData("delete", "environment:integrations:delete")]
    public async Task The_scope_that_is_named_is_the_scope_that_helps(string call, string scope)
    {
        await using var nango = await StartAsync();
        await using var host = HostFor(nango);
        var client = host.Client(nango.BaseUrl, Scoped);
        nango.State.AddKey(ApiKey.For(Scoped, "dev", "environment:connections:list"));

        var failure = await ClientHost.FailureOfAsync(() => Calls.All[call](client, Stop));
        nango.State.AddKey(ApiKey.For(Scoped, "dev", scope));
        await Calls.All[call](client, Stop);

        Assert.Equal((FailureKind.Terminal, Reasons.ScopeMissing, 403), (failure.Kind, failure.Reason, failure.StatusCode));
        Assert.Contains($"{scope}:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_may_not_be_read_are_told_apart_from_none()
    {
        await using var nango = await StartAsync();
        await using var host = HostFor(nango);
        await host.Client(nango.BaseUrl).CreateAsync(Calls.Creation, Stop);
        nango.State.AddKey(ApiKey.For(Scoped, "dev", "environment:integrations:read"));

        var found = await host.Client(nango.BaseUrl, Scoped).GetAsync("github-1", includeCredentials: true, Stop);

        Assert.Equal((null, false), (found!.Credentials, found.CredentialsReadable));
    }

    [Fact]
    public async Task Connections_are_counted_and_unknown_only_without_the_scope()
    {
        await using var nango = await StartAsync();
        await using var host = HostFor(nango);
        var client = host.Client(nango.BaseUrl);
        await client.CreateAsync(Calls.Creation, Stop);
        nango.State.AddKey(ApiKey.For(Scoped, "dev", "environment:integrations:*"));

        Assert.Equal(0, await client.CountConnectionsAsync("github-1", Stop));
        nango.State.Environment().SetConnections("github-1", 3);
        Assert.Equal(3, await client.CountConnectionsAsync("github-1", Stop));
        Assert.Null(await host.Client(nango.BaseUrl, Scoped).CountConnectionsAsync("github-1", Stop));
        nango.Faults.Add(FaultPresets.ServerError, count: 1);
        Assert.Equal(Reasons.ServerError, (await ClientHost.FailureOfAsync(() => client.CountConnectionsAsync("github-1", Stop))).Reason);
    }

    [Theory]
    [InlineData(FaultPresets.DatabaseDown, FailureKind.Transient, Reasons.NangoUnavailable, false)]
    [InlineData(FaultPresets.TokenRevoked, FailureKind.Terminal, Reasons.TokenRefused, false)]
    [InlineData(FaultPresets.ServerError, FailureKind.Transient, Reasons.ServerError, true)]
    [InlineData(FaultPresets.BadGateway, FailureKind.Transient, Reasons.ServerError, true)]
    [InlineData(FaultPresets.Drop, FailureKind.Transient, Reasons.Unreachable, true)]
    [InlineData(FaultPresets.LostAnswer, FailureKind.Transient, Reasons.Unreachable, true)]
    [InlineData(FaultPresets.Throttled, FailureKind.Throttled, Reasons.RateLimited, false)]
    public async Task Outages_are_told_apart(string preset, FailureKind kind, string reason, bool unknownForWrites)
    {
        await using var nango = await StartAsync();
        await using var host = HostFor(nango);
        nango.Faults.Add(preset);

        foreach (var (name, call) in Calls.All)
        {
            var failure = await ClientHost.FailureOfAsync(() => call(host.Client(nango.BaseUrl), Stop));

            Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
            Assert.Equal(unknownForWrites && Calls.IsWrite(name), failure.OutcomeUnknown);
            if (kind == FailureKind.Throttled) Assert.Equal(TimeSpan.FromSeconds(1), failure.RetryAfter);
        }
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_shows_on_the_next_look()
    {
        await using var nango = await StartAsync();
        await using var host = HostFor(nango);
        var client = host.Client(nango.BaseUrl);
        nango.Faults.Add(FaultPresets.LostAnswer, count: 1);

        var failure = await ClientHost.FailureOfAsync(() => client.CreateAsync(Calls.Creation, Stop));

        Assert.True(failure.OutcomeUnknown);
        Assert.NotNull(await client.GetAsync("github-1", includeCredentials: false, Stop));
        Assert.Null(await client.CreateAsync(Calls.Creation, Stop));
    }

    [Fact]
    public async Task An_exhausted_limit_says_when_the_window_ends()
    {
        await using var nango = await StartAsync(rateLimit: 1);
        await using var host = HostFor(nango);
        var client = host.Client(nango.BaseUrl);
        await client.ListAsync(Stop);

        var failure = await ClientHost.FailureOfAsync(() => client.ListAsync(Stop));

        Assert.Equal((FailureKind.Throttled, Reasons.RateLimited, 429), (failure.Kind, failure.Reason, failure.StatusCode));
        Assert.InRange(failure.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(61));
    }

    private static Task<FakeNangoServer> StartAsync(int? rateLimit = null) =>
        FakeNangoServer.StartAsync(new() { Token = ClientHost.Token, RateLimitPerMinute = rateLimit }, Stop);

    private static ClientHost HostFor(FakeNangoServer nango) => new(options => options.PrivateAddressOrigins.Add(nango.BaseUrl));
}
