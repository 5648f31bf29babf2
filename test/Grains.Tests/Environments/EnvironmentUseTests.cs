using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Environments;

public sealed class EnvironmentUseTests
{
    private readonly InMemoryEnvironments _environments = new();

    [Fact]
    public void An_environment_of_the_namespace_gives_its_base_url()
    {
        _environments.Put(new EnvironmentBuilder().Build());

        Assert.Equal(A.BaseUrl, Decide().BaseUrl.BaseUrl);
    }

    [Fact]
    public void An_environment_of_another_namespace_is_out_of_reach()
    {
        _environments.Put(new EnvironmentBuilder().Change(e => e with { Metadata = e.Metadata with { Namespace = "others" } }).Build());

        Assert.Equal((FailureKind.Transient, Reasons.EnvironmentNotFound), Refusal());
    }

    [Fact]
    public void What_was_not_seen_is_not_missing_before_everything_was_listed()
    {
        _environments.IsComplete = false;

        Assert.Equal((FailureKind.Throttled, Reasons.Progressing), Refusal());
    }

    [Fact]
    public void An_operator_confined_to_namespaces_says_so_instead_of_calling_a_cluster_environment_missing()
    {
        _environments.SeesCluster = false;
        _environments.Put(new EnvironmentBuilder().Build());
        var reference = EnvironmentBuilder.Reference with { Kind = NangoApi.ClusterEnvironmentKind };

        Assert.Equal((FailureKind.Terminal, Reasons.EnvironmentNotAllowed), Refusal(reference));
        Assert.Null(Decide().BaseUrl.Refusal);
    }

    [Fact]
    public void A_base_url_that_no_administrator_allows_is_the_environments_own_trouble()
    {
        _environments.Put(new EnvironmentBuilder().Spec(s => s with { BaseUrl = "https://evil.example" }).Build());

        Assert.Equal((FailureKind.Terminal, Reasons.EnvironmentNotReady), Refusal());
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("team", null, true)]
    [InlineData("others", null, false)]
    [InlineData(null, "stage=prod", true)]
    [InlineData(null, "stage=dev", false)]
    [InlineData("others", "stage=prod", true)]
    public void A_cluster_environment_serves_namespaces_by_name_or_label(string? name, string? label, bool isAllowed)
    {
        _environments.Labels["team"] = new Dictionary<string, string>(StringComparer.Ordinal) { ["stage"] = "prod" };
        var allowed = new AllowedNamespaces
        {
            Names = name is null ? null : [name],
            Selector = label?.Split('=') is [var key, var value] ? new NamespaceSelector { MatchLabels = new Dictionary<string, string>(StringComparer.Ordinal) { [key] = value } } : null,
        };
        _environments.Put(new EnvironmentBuilder().ClusterWide(allowed).Build());

        var refusal = Decide(EnvironmentBuilder.ClusterReference).BaseUrl.Refusal;

        Assert.Equal(isAllowed ? null : Reasons.EnvironmentNotAllowed, refusal?.Reason);
    }

    [Fact]
    public void A_cluster_environment_that_says_nothing_serves_nobody()
    {
        _environments.Put(new EnvironmentBuilder().ClusterWide().Build());

        Assert.Equal((FailureKind.Terminal, Reasons.EnvironmentNotAllowed), Refusal(EnvironmentBuilder.ClusterReference));
    }

    [Theory]
    [InlineData("In", "stage", "prod,test", true)]
    [InlineData("In", "stage", "dev", false)]
    [InlineData("NotIn", "stage", "dev", true)]
    [InlineData("NotIn", "stage", "prod", false)]
    [InlineData("NotIn", "absent", "prod", true)]
    [InlineData("Exists", "stage", null, true)]
    [InlineData("Exists", "absent", null, false)]
    [InlineData("DoesNotExist", "absent", null, true)]
    [InlineData("DoesNotExist", "stage", null, false)]
    [InlineData("Unheard", "stage", null, false)]
    public void Label_requirements_are_read_as_Kubernetes_reads_them(string @operator, string key, string? values, bool matches)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["stage"] = "prod" };
        var requirement = new SelectorRequirement { Key = key, Operator = @operator, Values = values?.Split(',') };

        Assert.Equal(matches, NamespaceRules.Allows(new AllowedNamespaces { Selector = new NamespaceSelector { MatchExpressions = [requirement] } }, "team", labels));
    }

    [Fact]
    public void An_empty_selector_matches_every_namespace_that_was_seen()
    {
        var everyone = new AllowedNamespaces { Selector = new NamespaceSelector() };

        Assert.True(NamespaceRules.Allows(everyone, "team", new Dictionary<string, string>(StringComparer.Ordinal)));
        Assert.False(NamespaceRules.Allows(everyone, "unseen", null));
    }

    [Theory]
    [InlineData("{namespace}.", "team.slack", null)]
    [InlineData("{namespace}.", "slack", Reasons.KeyPrefixRequired)]
    [InlineData("{namespace}.", "teammate.slack", Reasons.KeyPrefixRequired)]
    [InlineData("prod-", "prod-slack", null)]
    [InlineData("prod-", "slack", Reasons.KeyPrefixRequired)]
    [InlineData("acme:{namespace}:", "acme:team:slack", null)]
    [InlineData("{namespace}-", "team-slack", null)]
    [InlineData("{namespace}-", "team-a-slack", Reasons.KeyPrefixRequired)]
    [InlineData("{namespace}", "team-a-slack", Reasons.KeyPrefixRequired)]
    public void Keys_belong_to_the_namespace_they_begin_with(string policy, string key, string? reason)
    {
        _environments.Labels["team-a"] = new Dictionary<string, string>(StringComparer.Ordinal);
        _environments.Put(new EnvironmentBuilder().Spec(s => s with { KeyPrefixPolicy = policy }).Build());

        Assert.Equal(reason, Decide(change: r => r.Spec(s => s with { UniqueKey = key })).BaseUrl.Refusal?.Reason);
    }

    [Fact]
    public void A_prefix_asked_for_later_does_not_hold_up_a_deletion()
    {
        _environments.Put(new EnvironmentBuilder().Spec(s => s with { KeyPrefixPolicy = "{namespace}." }).Build());

        Assert.Null(Decide(change: r => r.Deleting()).BaseUrl.Refusal);
    }

    [Fact]
    public void A_ready_or_suspended_environment_stands_in_nobodys_way()
    {
        Assert.Null(EnvironmentUse.CheckReadiness(new EnvironmentBuilder().Ready().Build()));
        Assert.Null(EnvironmentUse.CheckReadiness(new EnvironmentBuilder().Stalled(Reasons.Suspended).Build()));
    }

    [Fact]
    public void An_environment_that_was_not_checked_yet_is_waited_for()
    {
        var edited = new EnvironmentBuilder().Ready().Change(e => e with { Metadata = e.Metadata with { Generation = 2 } }).Build();

        Assert.All(
            [new EnvironmentBuilder().Build(), edited],
            e => Assert.Equal((FailureKind.Throttled, Reasons.Progressing), Kind(EnvironmentUse.CheckReadiness(e)!)));
    }

    [Fact]
    public void A_dead_end_stalls_the_integration_and_an_outage_makes_it_wait()
    {
        Assert.Equal((FailureKind.Terminal, Reasons.EnvironmentNotReady), Kind(EnvironmentUse.CheckReadiness(new EnvironmentBuilder().Stalled(Reasons.TokenRefused).Build())!));
        Assert.Equal((FailureKind.Throttled, Reasons.EnvironmentNotReady), Kind(EnvironmentUse.CheckReadiness(new EnvironmentBuilder().Retrying(Reasons.Unreachable).Build())!));
    }

    private EnvironmentUse Decide(EnvironmentReference? reference = null, Func<IntegrationBuilder, IntegrationBuilder>? change = null)
    {
        var resource = An.Integration().Spec(s => s with { NangoToken = null });
        return EnvironmentUse.Decide(reference ?? EnvironmentBuilder.Reference, (change?.Invoke(resource) ?? resource).Build(), _environments, new Permissions());
    }

    private (FailureKind Kind, string Reason) Refusal(EnvironmentReference? reference = null) => Kind(Decide(reference).BaseUrl.Refusal!);

    private static (FailureKind Kind, string Reason) Kind(Failure failure)
    {
        Assert.Matches("[:.]", failure.Message);
        return (failure.Kind, failure.Reason);
    }
}
