using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Integrations.Execution;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Execution;

public sealed class RecordedEnvironmentTests
{
    private readonly Wire _wire = new();
    private readonly InMemoryCluster _cluster;
    private readonly Permissions _permissions = new();
    private readonly InMemoryEnvironments _environments = new();

    public RecordedEnvironmentTests() => _cluster = new InMemoryCluster(_wire);

    [Fact]
    public async Task A_token_is_told_by_its_digest_among_the_values_of_a_Secret_that_was_applied()
    {
        _cluster.PutSecret("old", ("client_id", "an-id"), ("token", A.OtherToken));

        var found = await FindAsync(Edited().Status(s => s with { ObservedSecrets = [new ObservedSecret { Name = "old" }] }));

        Assert.Equal(A.OtherToken, found?.RevealToken());
    }

    [Fact]
    public async Task A_Secret_that_is_gone_or_holds_another_token_leads_nowhere()
    {
        _cluster.PutSecret("rotated", ("token", A.Token));

        Assert.Null(await FindAsync(Edited().Status(s => s with { ObservedSecrets = [new ObservedSecret { Name = "rotated" }, new ObservedSecret { Name = "gone" }] })));
    }

    [Fact]
    public async Task The_operators_own_token_leads_back_where_it_may_be_used()
    {
        _permissions.DefaultToken = A.OtherToken;

        Assert.Equal(A.OtherToken, (await FindAsync(Edited()))?.RevealToken());
    }

    [Fact]
    public async Task A_token_in_the_resource_leads_back_when_only_the_base_url_was_edited() =>
        Assert.Equal(A.Token, (await FindAsync(An.Integration().Applied().Spec(s => s with { NangoBaseUrl = "https://elsewhere.example" })))?.RevealToken());

    [Fact]
    public async Task A_server_that_is_not_on_the_list_any_more_gets_no_token() =>
        Assert.Null(await FindAsync(An.Integration().Applied().Status(s => s with
        {
            Environment = new EnvironmentStatus { BaseUrl = "https://gone.example", Key = new NangoEndpoint("https://gone.example", A.Token).EnvironmentKey },
        })));

    [Fact]
    public async Task An_environment_object_is_found_by_its_uid()
    {
        _cluster.PutSecret("nango", ("token", A.OtherToken));
        _environments.Put(new EnvironmentBuilder().Ready().Build());

        Assert.Equal((A.OtherToken, "uid-production"), await FindAsync(InObject()) is { } found ? (found.RevealToken(), found.EnvironmentKey) : default);
    }

    [Fact]
    public async Task An_environment_object_of_another_namespace_or_that_does_not_allow_this_one_is_none()
    {
        _cluster.PutSecret("nango", ("token", A.OtherToken));
        _environments.Put(new EnvironmentBuilder().Ready().Change(e => e with { Metadata = e.Metadata with { Namespace = "other" } }).Build());
        Assert.Null(await FindAsync(InObject()));

        _environments.Put(new EnvironmentBuilder().ClusterWide(new AllowedNamespaces { Names = ["other"] }).Ready().Change(e => e with { Metadata = e.Metadata with { Uid = "uid-cluster" } }).Build());
        Assert.Null(await FindAsync(InObject("uid-cluster")));
    }

    [Fact]
    public async Task An_environment_object_whose_token_is_gone_says_so()
    {
        _environments.Put(new EnvironmentBuilder().Ready().Build());

        var failure = await Assert.ThrowsAsync<FailureException>(() => FindAsync(InObject()));

        Assert.Equal(Reasons.EnvironmentNotReady, failure.Failure.Reason);
    }

    // Applied with the other token, then edited to this one.
    private static IntegrationBuilder Edited() => An.Integration().Applied(token: A.OtherToken);

    private static IntegrationBuilder InObject(string uid = "uid-production") =>
        An.Integration().Applied().Status(s => s with { Environment = new EnvironmentStatus { BaseUrl = A.BaseUrl, Key = uid } });

    private async Task<NangoEndpoint?> FindAsync(IntegrationBuilder resource)
    {
        var environments = new EnvironmentResolver(_environments, _environments, new EnvironmentTokens(_cluster), _permissions);
        var recorded = new RecordedEnvironment(_cluster, _permissions, _environments, environments);
        return (await recorded.FindAsync(resource.Deleting().Build(), TestContext.Current.CancellationToken))?.Endpoint;
    }
}
