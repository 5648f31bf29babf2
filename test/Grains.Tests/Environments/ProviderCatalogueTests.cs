using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Nango;

namespace NangoOrleans.Grains.Tests.Environments;

public sealed class ProviderCatalogueTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Wire _wire = new();
    private readonly LocalEnvironmentGrains _grains;
    private readonly ProviderCatalogue _catalogue;
    private readonly INangoClient _client;

    public ProviderCatalogueTests()
    {
        _grains = new LocalEnvironmentGrains(_time);
        _catalogue = new ProviderCatalogue(_grains, _time);
        _client = new InMemoryNango(_wire).Create(new NangoEndpoint(A.BaseUrl, A.Token));
    }

    [Fact]
    public async Task A_thousand_look_ups_at_once_cost_one_call()
    {
        var open = new TaskCompletionSource();
        _wire.Before = _ => open.Task;
        var lookUps = Enumerable.Range(0, 1000).Select(_ => Task.Run(() => LookUpAsync())).ToList();

        open.SetResult();

        Assert.All(await Task.WhenAll(lookUps), provider => Assert.Equal("OAUTH2", provider.AuthMode));
        Assert.Equal(["provider slack"], _wire.Calls);
    }

    [Fact]
    public async Task A_provider_is_asked_for_again_after_an_hour_and_by_each_environment()
    {
        await LookUpAsync();
        await LookUpAsync();
        Assert.Single(_wire.Calls);

        await LookUpAsync(environment: "other");
        Assert.Equal(2, _wire.Calls.Count);

        _time.Advance(ProviderCatalogue.KeepFound);
        await LookUpAsync();
        Assert.Equal(3, _wire.Calls.Count);
    }

    [Fact]
    public async Task An_unknown_provider_is_refused_with_the_nearest_names()
    {
        var failure = (await Assert.ThrowsAsync<FailureException>(() => LookUpAsync("slak"))).Failure;

        Assert.Equal((FailureKind.Terminal, Reasons.UnknownProvider), (failure.Kind, failure.Reason));
        Assert.Contains("the nearest names are slack:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_miss_is_kept_for_a_minute_only()
    {
        await Assert.ThrowsAsync<FailureException>(() => LookUpAsync("slak"));
        await Assert.ThrowsAsync<FailureException>(() => LookUpAsync("slak"));
        Assert.Equal(1, _wire.Count("provider "));

        _time.Advance(ProviderCatalogue.KeepMissing);
        await Assert.ThrowsAsync<FailureException>(() => LookUpAsync("slak"));
        Assert.Equal(2, _wire.Count("provider "));
    }

    [Fact]
    public async Task A_failed_look_up_is_not_kept()
    {
        _wire.Before = _ => throw Wire.Failing(FailureKind.Transient, Reasons.Timeout);
        await Assert.ThrowsAsync<FailureException>(() => LookUpAsync());
        _wire.Before = null;

        Assert.Equal("slack", (await LookUpAsync()).Name);
    }

    [Fact]
    public async Task One_who_gives_up_does_not_spoil_it_for_the_others()
    {
        var open = new TaskCompletionSource();
        _wire.Before = _ => open.Task;
        using var impatience = new CancellationTokenSource();
        var impatient = _catalogue.GetAsync("one", "slack", () => AskAsync("slack"), impatience.Token);
        var patient = LookUpAsync();

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        open.SetResult();

        Assert.Equal("slack", (await patient).Name);
        Assert.Single(_wire.Calls);
    }

    [Fact]
    public async Task What_one_silo_found_out_another_does_not_ask_for()
    {
        var other = new ProviderCatalogue(_grains, _time);
        await LookUpAsync();
        await Assert.ThrowsAsync<FailureException>(() => LookUpAsync("slak"));
        var calls = _wire.Calls.Count;

        var provider = await other.GetAsync("one", "slack", () => AskAsync("slack"), TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<FailureException>(() => other.GetAsync("one", "slak", () => AskAsync("slak"), TestContext.Current.CancellationToken));

        Assert.Equal(("slack", "Slack", "OAUTH2"), (provider.Name, provider.DisplayName, provider.AuthMode));
        Assert.Contains("the nearest names are slack:", refused.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(calls, _wire.Calls.Count);
    }

    [Fact]
    public async Task A_grain_that_forgot_or_is_gone_costs_one_more_look_up()
    {
        await LookUpAsync();
        _grains.Providers.Clear();
        _time.Advance(ProviderCatalogue.KeepHere);
        await LookUpAsync();
        _grains.IsDown = true;
        _time.Advance(ProviderCatalogue.KeepHere);

        Assert.Equal("slack", (await LookUpAsync()).Name);
        Assert.Equal(3, _wire.Calls.Count);
    }

    private Task<NangoProvider> LookUpAsync(string provider = "slack", string environment = "one") =>
        _catalogue.GetAsync(environment, provider, () => AskAsync(provider), TestContext.Current.CancellationToken);

    private async Task<(NangoProvider? Found, IReadOnlyList<string> Names)> AskAsync(string provider)
    {
        var found = await _client.GetProviderAsync(provider, CancellationToken.None);
        return found is not null ? (found, []) : (null, await _client.ListProviderNamesAsync(CancellationToken.None));
    }
}
