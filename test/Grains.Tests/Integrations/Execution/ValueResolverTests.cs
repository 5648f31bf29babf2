using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Integrations.Execution;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Execution;

public sealed class ValueResolverTests
{
    private readonly Wire _wire = new();
    private readonly InMemoryCluster _cluster;
    private readonly Permissions _permissions = new();
    private readonly InMemoryEnvironments _environments = new();

    public ValueResolverTests() => _cluster = new InMemoryCluster(_wire);

    [Fact]
    public async Task Inline_values_need_no_Secret()
    {
        var values = await ResolveAsync(An.Integration());

        Assert.Equal(A.Credentials, values.Credentials);
        Assert.Equal(A.Token, values.Endpoint.RevealToken());
        Assert.Empty(values.Secrets);
        Assert.Empty(_wire.Calls);
    }

    [Fact]
    public async Task References_are_read_and_each_Secret_once()
    {
        _cluster.PutSecret("app", ("id", "secret-id"), ("pw", "secret-pw"), ("token", A.OtherToken));
        var resource = An.Integration()
            .Spec(s => s with { NangoToken = Reference("app", "token") })
            .Credentials(c => c with { ClientId = Reference("app", "id"), ClientSecret = Reference("app", "pw") });

        var values = await ResolveAsync(resource);

        Assert.Equal(("secret-id", "secret-pw", A.OtherToken), (values.Credentials!.ClientId, values.Credentials.ClientSecret, values.Endpoint.RevealToken()));
        Assert.Equal("app", Assert.Single(values.Secrets).Name);
        Assert.Equal(["secret app"], _wire.Calls);
    }

    [Fact]
    public async Task A_whole_Secret_fills_what_is_not_written_and_only_fields_of_the_type()
    {
        _cluster.PutSecret("app", ("client_id", "from-secret"), ("client_secret", "from-secret"), ("scopes", "a,b"), ("app_id", "not of OAUTH2"), ("unrelated", "x"));
        var resource = An.Integration().Credentials(_ => new IntegrationCredentials
        {
            Type = "OAUTH2",
            SecretRef = new SecretReference { Name = "app" },
            ClientId = SensitiveValue.FromLiteral("written"),
        });

        var credentials = (await ResolveAsync(resource)).Credentials!;

        Assert.Equal(("written", "from-secret", "a,b", null), (credentials.ClientId, credentials.ClientSecret, credentials.Scopes, credentials.AppId));
    }

    [Fact]
    public async Task Trailing_line_breaks_of_a_private_key_are_removed()
    {
        var resource = An.Integration().Credentials(_ => new IntegrationCredentials { Type = "APP", PrivateKey = SensitiveValue.FromLiteral("-----END-----\r\n\n") });

        Assert.Equal("-----END-----", (await ResolveAsync(resource)).Credentials!.PrivateKey);
    }

    [Fact]
    public async Task A_missing_Secret_is_worth_a_retry_and_is_named()
    {
        var failure = await FailAsync(An.Integration().Credentials(c => c with { ClientId = Reference("app", "id") }));

        Assert.Equal((FailureKind.Transient, Reasons.SecretNotFound), (failure.Kind, failure.Reason));
        Assert.Equal("spec.credentials.client_id refers to Secret \"app\", which does not exist in namespace team: create it", failure.Message);
    }

    [Fact]
    public async Task A_missing_key_is_named_and_the_keys_that_exist_are_not_shown()
    {
        _cluster.PutSecret("app", ("other", "canary"));

        var failure = await FailAsync(An.Integration().Credentials(c => c with { ClientSecret = Reference("app", "pw") }));

        Assert.Equal((FailureKind.Transient, Reasons.SecretNotFound), (failure.Kind, failure.Reason));
        Assert.Contains("key \"pw\" of Secret \"app\"", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_optional_reference_to_nothing_means_not_set()
    {
        _cluster.PutSecret("app", ("other", "x"));
        var resource = An.Integration().Credentials(c => c with { WebhookSecret = Reference("gone", "pw", optional: true), ClientSecret = Reference("app", "pw", optional: true) });

        var values = await ResolveAsync(resource);

        Assert.Equal((null, null), (values.Credentials!.WebhookSecret, values.Credentials.ClientSecret));
        Assert.Contains(values.Secrets, s => s is { Name: "gone", Uid: "", ResourceVersion: "" });
    }

    [Fact]
    public async Task No_token_and_the_placeholder_mean_the_default_credential()
    {
        _permissions.DefaultToken = A.OtherToken;

        Assert.Equal(A.OtherToken, (await ResolveAsync(An.Integration().Spec(s => s with { NangoToken = null }))).Endpoint.RevealToken());
        Assert.Equal(A.OtherToken, (await ResolveAsync(An.Integration().Spec(s => s with { NangoToken = SensitiveValue.FromLiteral("$(NANGO_TOKEN)") }))).Endpoint.RevealToken());
    }

    [Fact]
    public async Task The_default_credential_is_refused_where_the_administrator_does_not_allow_it() =>
        Assert.Equal(Reasons.DefaultCredentialNotAllowed, (await FailAsync(An.Integration().Spec(s => s with { NangoToken = null }))).Reason);

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    public async Task An_empty_token_is_refused_and_never_replaced_by_the_default_credential(string token)
    {
        _permissions.DefaultToken = A.OtherToken;

        Assert.Equal(Reasons.InvalidSpec, (await FailAsync(An.Integration().Spec(s => s with { NangoToken = SensitiveValue.FromLiteral(token) }))).Reason);
    }

    [Fact]
    public async Task A_deletion_needs_the_token_only_since_credentials_may_be_gone_already()
    {
        var values = await ResolveAsync(An.Integration().Deleting().Credentials(c => c with { ClientId = Reference("gone", "id") }));

        Assert.Null(values.Credentials);
        Assert.Empty(_wire.Calls);
    }

    [Fact]
    public async Task Resolved_values_never_show()
    {
        var values = await ResolveAsync(An.Integration());

        Assert.DoesNotContain("the-secret", $"{values} {values.Credentials}", StringComparison.Ordinal);
        Assert.DoesNotContain(A.Token, $"{values} {values.Endpoint}", StringComparison.Ordinal);
    }

    private static SensitiveValue Reference(string name, string key, bool? optional = null) =>
        SensitiveValue.FromSecret(new SecretKeySelector { Name = name, Key = key, Optional = optional });

    private Task<ResolvedValues> ResolveAsync(IntegrationBuilder resource) =>
        new ValueResolver(_cluster, _permissions, new EnvironmentResolver(_environments, _environments, new EnvironmentTokens(_cluster), _permissions))
            .ResolveAsync(resource.Build(), A.BaseUrl, environment: null, TestContext.Current.CancellationToken);

    private async Task<Failure> FailAsync(IntegrationBuilder resource) => (await Assert.ThrowsAsync<FailureException>(() => ResolveAsync(resource))).Failure;
}
