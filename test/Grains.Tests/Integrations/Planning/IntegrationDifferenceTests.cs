using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Planning;

public sealed class IntegrationDifferenceTests
{
    [Fact]
    public void Nothing_differs_from_what_was_applied() => Assert.Empty(Difference());

    [Fact]
    public void A_display_name_is_compared_to_the_letter() => Assert.Equal(["display_name"], Difference(remote: r => r with { DisplayName = "slack" }));

    [Theory]
    [InlineData(null, true, false)]
    [InlineData(null, false, false)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    public void Forwarding_left_out_keeps_what_Nango_has(bool? desired, bool actual, bool differs) =>
        Assert.Equal(differs ? (string[])["forward_webhooks"] : [], Difference(s => s with { ForwardWebhooks = desired }, remote: r => r with { ForwardWebhooks = actual }));

    [Fact]
    public void Scopes_left_out_keep_the_defaults_that_Nango_filled_in() =>
        Assert.Empty(Difference(remote: r => r with { Credentials = A.Credentials with { Scopes = "chat:write" } }));

    [Fact]
    public void Empty_scopes_are_what_Nango_shows_as_null() => Assert.Empty(Difference(credentials: c => c with { Scopes = "" }));

    [Fact]
    public void Empty_scopes_differ_from_some() =>
        Assert.Equal(["credentials"], Difference(credentials: c => c with { Scopes = "" }, remote: r => r with { Credentials = A.Credentials with { Scopes = "chat:write" } }));

    [Fact]
    public void Credentials_are_sent_whole_since_Nango_replaces_them_whole()
    {
        var desired = A.Credentials with { Scopes = "a,b", WebhookSecret = "w" };
        var update = IntegrationDifference.Compute(
            An.Integration().Build().Spec!, desired, A.Remote with { Credentials = desired with { ClientSecret = "old" } }, sendUnreadable: false);

        Assert.Equal(desired, update.Credentials);
    }

    public static TheoryData<string> CredentialFields => ["client_id", "client_secret", "scopes", "webhook_secret", "app_id", "app_link", "private_key"];

    [Theory]
    [MemberData(nameof(CredentialFields))]
    public void Every_field_of_the_credentials_counts(string field) => Assert.Equal(["credentials"], Difference(credentials: c => Changed(c, field)));

    [Theory]
    [InlineData("webhookSecret", "webhook_secret")]
    [InlineData("app_id", "app_id")]
    [InlineData("private_key", "private_key")]
    public void A_field_that_a_key_of_custom_hides_cannot_be_compared(string customKey, string field) =>
        Assert.Empty(Difference(s => s with { Custom = Map(customKey, "x") }, c => Changed(c, field)));

    [Fact]
    public void No_credentials_keep_what_Nango_has_since_it_cannot_clear_them() =>
        Assert.True(IntegrationDifference.Compute(An.Integration().WithoutCredentials().Build().Spec!, null, A.Remote, sendUnreadable: true).IsEmpty);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Credentials_that_may_not_be_read_differ_only_when_asked_to_send_them(bool send) =>
        Assert.Equal(send ? (string[])["credentials"] : [], Difference(credentials: c => c with { ClientSecret = "new" }, remote: r => r with { Credentials = null, CredentialsReadable = false }, sendUnreadable: send));

    [Fact]
    public void Credentials_that_may_be_read_and_are_missing_differ() => Assert.Equal(["credentials"], Difference(remote: r => r with { Credentials = null }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Maps_that_Nango_never_shows_are_sent_only_when_asked(bool send) =>
        Assert.Equal(send ? (string[])["integration_config", "custom"] : [], Difference(s => s with { Custom = Map("a", "b"), IntegrationConfig = Map("c", "d") }, sendUnreadable: send));

    [Fact]
    public void Empty_maps_are_not_sent() =>
        Assert.Empty(Difference(s => s with { Custom = new Dictionary<string, string>(StringComparer.Ordinal), IntegrationConfig = new Dictionary<string, string>(StringComparer.Ordinal) }, sendUnreadable: true));

    private static IReadOnlyList<string> Difference(
        Func<NangoIntegrationSpec, NangoIntegrationSpec>? spec = null,
        Func<RemoteCredentials, RemoteCredentials>? credentials = null,
        Func<RemoteIntegration, RemoteIntegration>? remote = null,
        bool sendUnreadable = false) => IntegrationDifference.Compute(
            (spec ?? (s => s))(An.Integration().Build().Spec!),
            (credentials ?? (c => c))(A.Credentials),
            (remote ?? (r => r))(A.Remote),
            sendUnreadable).FieldNames;

    private static RemoteCredentials Changed(RemoteCredentials credentials, string field) => field switch
    {
        "client_id" => credentials with { ClientId = "new" },
        "client_secret" => credentials with { ClientSecret = "new" },
        "scopes" => credentials with { Scopes = "new" },
        "webhook_secret" => credentials with { WebhookSecret = "new" },
        "app_id" => credentials with { AppId = "new" },
        "app_link" => credentials with { AppLink = "new" },
        "private_key" => credentials with { PrivateKey = "new" },
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };

    private static Dictionary<string, string> Map(string key, string value) => new(StringComparer.Ordinal) { [key] = value };
}
